// The whole path, as a user sees it: the real trainer logs, the real server stores, a real browser
// shows. A healthy and a faulty run train while the pages are open.
//
// usage: node pages.mjs SPIROGRAM [SCREENSHOT_DIR]
// Exit code 77 where Chromium is missing: the test is then skipped.
import assert from 'node:assert/strict';
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { launch, openPage } from './browser.mjs';
import { start, startServer } from './server.mjs';

const [program, screenshots] = process.argv.slice(2);
const kWaitMs = 60_000;
const kPages = [
  'runs', 'metrics', 'health', 'distributions', 'projector', 'profile', 'media', 'compare', 'data',
];

const browser = await launch();
if (browser === null) {
  console.log('skipped: no Chromium is installed');
  process.exit(77);
}
const folder = await mkdtemp(join(tmpdir(), 'spirogram_e2e_'));
await mkdir(join(folder, 'logs'));
const server = await startServer(program, join(folder, 'logs'), join(folder, 'data'));
const trainings = [];
let failure = null;
try {
  await showsAnEmptyLogdir();
  train('healthy', []);
  train('faulty', ['--kill-relus', '--item-embedding-learning-rate-scale', '0.0001']);
  await growsCurvesWhileTraining();
  await zoomAsksAgain();
  await namesBothFaults();
  await projectsWhileTheMapRefines();
  await opensEveryPageWithoutComplaint();
  await stopsCleanly();
} catch (error) {
  failure = error;
} finally {
  for (const training of trainings) training.kill();
  server.kill();
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}
if (failure !== null) {
  console.error(failure);
  process.exit(1);
}
process.exit(0);

function train(run, flags) {
  trainings.push(
    start(program, ['train', 'recsys', '--logdir', join(folder, 'logs'), '--run', run, '--steps', '2500',
      '--threads', '1', '--device', 'cpu', ...flags]),
  );
}

async function withPage(path, options, body) {
  const { page, complaints, close } = await openPage(browser, options);
  await page.goto(new URL(path, server.url).href);
  await body(page);
  assert.deepEqual(complaints, [], `complaints on ${path}`);
  await close();
}

async function api(path) {
  const response = await fetch(new URL(path, server.url));
  assert.equal(response.status, 200, path);
  return response.json();
}

async function showsAnEmptyLogdir() {
  await withPage('/metrics', {}, async (page) => {
    await page.getByText('Logger::Open').first().waitFor({ timeout: kWaitMs });
  });
  console.log('an empty logdir says what to log and how');
}

async function growsCurvesWhileTraining() {
  await withPage('/metrics', {}, async (page) => {
    const card = page.getByLabel('loss/train', { exact: true });
    await card.locator('canvas').first().waitFor({ timeout: kWaitMs });
    await page.waitForResponse((response) => isDelta(response.url()), { timeout: kWaitMs });
    const before = await card.screenshot();
    await page.waitForResponse((response) => isDelta(response.url()), { timeout: kWaitMs });
    await page.waitForTimeout(1500);
    assert.notDeepEqual(before, await card.screenshot(), 'the picture of the curve did not change');
  });
  console.log('curves appear and grow while a run trains');
}

/** A live page asks only for what lies behind its last step. */
function isDelta(url) {
  return url.includes('/api/v1/scalars') && url.includes('loss%2Ftrain') && url.includes('from=');
}

async function zoomAsksAgain() {
  await Promise.all(trainings.map(async (training) => assert.equal(await training.done, 0)));
  await withPage('/metrics', {}, async (page) => {
    const plot = page.getByLabel('loss/train', { exact: true }).locator('.u-over').first();
    await plot.waitFor({ timeout: kWaitMs });
    const box = await plot.boundingBox();
    const asked = page.waitForRequest(
      (request) => /scalars\?.*from=.*to=/.test(request.url()), { timeout: kWaitMs });
    await page.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.5);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.5, { steps: 8 });
    await page.mouse.up();
    const url = new URL((await asked).url());
    const [from, to] = [Number(url.searchParams.get('from')), Number(url.searchParams.get('to'))];
    assert.ok(from > 500 && to < 2000 && from < to, `asked for steps ${from} to ${to}`);
  });
  console.log('zooming asks the server again at the new resolution');
}

async function namesBothFaults() {
  const { runs } = await api('/api/v1/runs');
  const id = (name) => runs.find((run) => run.name === name).id;
  const findings = async (name) =>
    (await api(`/api/v1/findings?run=${id(name)}`)).runs[0].findings.filter(
      (finding) => finding.severity !== 'info');
  const deadline = Date.now() + kWaitMs;
  let found = [];
  while (Date.now() < deadline) {
    found = (await findings('faulty')).map((finding) => `${finding.rule} ${finding.entity}`);
    if (found.length >= 2) break;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert.ok(found.some((one) => /^dead_units .*hidden_1/.test(one)), `findings: ${found}`);
  assert.ok(found.some((one) => /^stalled_rows .*item/.test(one)), `findings: ${found}`);
  assert.deepEqual(await findings('healthy'), [], 'the healthy run has findings');
  await withPage(`/health?run=${id('faulty')}`, {}, async (page) => {
    await page.getByText(/hidden_1/).first().waitFor({ timeout: kWaitMs });
    await page.getByText(/item/).first().waitFor({ timeout: kWaitMs });
    await page.locator('canvas').first().waitFor({ timeout: kWaitMs });
  });
  console.log('both faults are on Health, and the healthy run has none');
}

async function projectsWhileTheMapRefines() {
  await withPage('/projector?method=tsne&iterations=400', {}, async (page) => {
    await page.getByRole('button', { name: /run t-sne/i }).first().click({ timeout: kWaitMs });
    const line = page.getByRole('status').filter({ hasText: 'iteration' });
    await line.waitFor({ timeout: kWaitMs });
    const iterations = new Set();
    const pictures = new Set();
    const deadline = Date.now() + 2 * kWaitMs;
    while (Date.now() < deadline) {
      const text = (await line.textContent()) ?? '';
      iterations.add(/iteration ([\d,.  ]+)/.exec(text)?.[1]);
      pictures.add((await page.locator('.picture canvas').screenshot()).toString('base64'));
      if (/done/.test(text)) break;
      await page.waitForTimeout(150);
    }
    assert.match((await line.textContent()) ?? '', /done.*KL \d/s);
    assert.ok(iterations.size >= 3, `iterations seen: ${[...iterations]}`);
    assert.ok(pictures.size >= 3, `${pictures.size} different pictures`);
  });
  console.log('the projector shows points and refines them while t-SNE runs');
}

async function opensEveryPageWithoutComplaint() {
  if (screenshots) await mkdir(screenshots, { recursive: true });
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [1440, 900]) {
      for (const name of kPages) {
        await withPage(`/${name}`, { colorScheme, viewport: { width, height: 900 } }, async (page) => {
          await page.waitForLoadState('networkidle');
          await page.waitForTimeout(600);
          const overflow = await page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          assert.ok(overflow <= 0, `${name} at ${width} px is ${overflow} px too wide`);
          if (screenshots) {
            await page.screenshot({ path: join(screenshots, `${name}_${colorScheme}_${width}.png`) });
          }
        });
      }
    }
  }
  console.log('every page opens in light and dark at 1440 and 900 px without a complaint');
}

async function stopsCleanly() {
  assert.equal(await server.stop(), 0);
  console.log('the server stops with exit code 0');
}
