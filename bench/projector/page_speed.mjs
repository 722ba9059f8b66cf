// How fast the projector page is in a headless Chromium that draws in software: first points of a stored map, frames
// while it is panned and turned, picks. The map is checked before anything is timed.
//
// usage: node page_speed.mjs SPIROGRAM [POINTS]
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';

import { launch, openPage } from '../../tests/e2e/browser.mjs';
import { random, writeEmbedding } from '../../tests/e2e/projector_files.mjs';
import { startServer } from '../../tests/e2e/server.mjs';

const [program, pointsText = '1000000'] = process.argv.slice(2);
const kPoints = Number(pointsText);
const kDims = 8;
const kPicks = 200;

const folder = await mkdtemp(join(tmpdir(), 'spirogram_page_speed_'));
await writeEmbedding(join(folder, 'logs', 'run'), {
  tag: 'table',
  values: groups(),
  dims: kDims,
  lines: Array.from({ length: kPoints }, (_, row) => `group ${row % 12}`),
});
const server = await startServer(program, join(folder, 'logs'), join(folder, 'data'));
const browser = await launch();
try {
  const run = await embeddingOf();
  const stored = { 2: await project(run, 2), 3: await project(run, 3) };
  console.log(
    `${kPoints.toLocaleString('en')} points, ${cpus().length} cores (${cpus()[0].model}), Chromium with SwiftShader, 1440 x 900`,
  );
  for (const dims of [2, 3]) await measure(run, dims, stored[dims]);
} finally {
  await browser.close();
  server.kill();
  await rm(folder, { recursive: true, force: true });
}

/** Twelve Gaussian groups. */
function groups() {
  const next = random(7);
  const values = new Float32Array(kPoints * kDims);
  for (let at = 0; at < values.length; at++) {
    const [row, k] = [Math.floor(at / kDims), at % kDims];
    const group = row % 12;
    values[at] =
      (k === group % kDims ? 6 : 0) + (k === 0 && group >= kDims ? 4 : 0) + 2 * (next() + next() + next() - 1.5);
  }
  return values;
}

async function api(path, options) {
  const response = await fetch(new URL(path, server.url), options);
  assert.ok(response.ok, `${path}: ${response.status}`);
  return response.json();
}

async function embeddingOf() {
  for (;;) {
    const tag = (await api('/api/v1/tags')).tags.find((one) => one.kind === 'embedding');
    if (tag !== undefined) return tag.run;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function project(run, dims) {
  const body = JSON.stringify({
    run,
    tag: 'table',
    method: 'pca',
    dims,
    seed: 1,
    perplexity: 30,
    iterations: 750,
    step: 0,
  });
  let projection = await api('/api/v1/projections', {
    method: 'POST',
    body,
    headers: { 'Content-Type': 'application/json' },
  });
  while (projection.state !== 'done') {
    assert.notEqual(projection.state, 'failed', projection.error);
    await new Promise((resolve) => setTimeout(resolve, 200));
    projection = await api(`/api/v1/projections/${projection.id}`);
  }
  return projection;
}

function quantile(values, share) {
  return [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))];
}

async function measure(run, dims, stored) {
  assert.equal(stored.points, kPoints);
  const { page, complaints, close } = await openPage(browser);
  await page.addInitScript((count) => {
    // Frames that the GPU has finished, by how many points each drew. Fences tell without holding up the page.
    window.speed = { first: 0, all: 0, frames: [] };
    // The first picture is made without the GPU: it is on the screen when a fourth frame after it can begin.
    const put = CanvasRenderingContext2D.prototype.putImageData;
    CanvasRenderingContext2D.prototype.putImageData = function (...args) {
      put.apply(this, args);
      let left = 4;
      const count = () => (--left > 0 ? requestAnimationFrame(count) : (window.speed.first ||= performance.now()));
      requestAnimationFrame(count);
    };
    const fences = [];
    function look() {
      while (fences.length > 0) {
        const [gl, fence, points] = fences[0];
        if (gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED) break;
        gl.deleteSync(fence);
        fences.shift();
        window.speed.frames.push(points);
        window.speed.first ||= performance.now();
        if (points === count) window.speed.all ||= performance.now();
      }
      setTimeout(look, 1);
    }
    look();
    for (const [name, at] of [
      ['drawArrays', 2],
      ['drawElements', 1],
    ]) {
      const draw = WebGL2RenderingContext.prototype[name];
      WebGL2RenderingContext.prototype[name] = function (...args) {
        draw.apply(this, args);
        if (args[at] < 1000) return;
        fences.push([this, this.fenceSync(this.SYNC_GPU_COMMANDS_COMPLETE, 0), args[at]]);
        this.flush();
      };
    }
  }, kPoints);
  await page.goto(new URL(`/projector?run=${run}&dims=${dims}`, server.url).href);
  await page.waitForFunction(() => window.speed.all > 0, null, { timeout: 120_000 });
  const { first, all } = await page.evaluate(() => window.speed);
  await page.waitForTimeout(4000);
  const box = await page.locator('.picture canvas.points').first().boundingBox();
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };

  // Panned, or turned, by the mouse for some seconds.
  await page.mouse.move(middle.x, middle.y);
  await page.mouse.down();
  await page.evaluate(() => (window.speed.frames = []));
  const began = Date.now();
  for (let i = 0; Date.now() - began < 4000; i++)
    await page.mouse.move(middle.x + 60 * Math.sin(i / 8), middle.y + 40 * Math.cos(i / 8));
  const seconds = (Date.now() - began) / 1000;
  const drawn = await page.evaluate(() => window.speed.frames);
  const frames = drawn.length;
  await page.mouse.up();
  await page.waitForTimeout(1500);

  // From the pointer's event to the row that is told: the page's own handler, timed around the pick.
  const picks = await page.evaluate(
    async ({ x, y, count }) => {
      const canvas = document.querySelector('.picture canvas.points');
      const times = [];
      for (let i = 0; i < count; i++) {
        const at = { clientX: x + 180 * Math.sin(i), clientY: y + 120 * Math.cos(1.7 * i), bubbles: true };
        const frame = new Promise((resolve) => requestAnimationFrame(() => resolve(performance.now())));
        canvas.dispatchEvent(new PointerEvent('pointermove', at));
        await frame;
        // The pick is in this frame's handlers, after ours: the next task sees its end.
        const start = performance.now();
        await new Promise((resolve) => setTimeout(resolve));
        times.push(performance.now() - start);
      }
      return times;
    },
    { x: middle.x, y: middle.y, count: kPicks },
  );
  assert.ok((await page.locator('.tip').count()) > 0, 'a point is found under the pointer');
  assert.deepEqual(complaints, []);
  console.log(
    `${dims}-D: first points ${first.toFixed(0)} ms after the address, all of them ${all.toFixed(0)} ms, ${(frames / seconds).toFixed(1)} frames/s ${dims === 2 ? 'panned' : 'turned'} of ${quantile(drawn, 0.5).toLocaleString('en')} points while it moves, hover with its pick p50 ${quantile(picks, 0.5).toFixed(1)} ms p95 ${quantile(picks, 0.95).toFixed(1)} ms`,
  );
  await close();
}
