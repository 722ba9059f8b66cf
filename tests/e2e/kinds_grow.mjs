// Meshes and PR curves of a run that grows while a browser shows them: a card takes what is new into the picture that it
// has, and asks for nothing that it knows.
//
// usage: node kinds_grow.mjs SPIROGRAM PYTHON
// Exit code 77 where Chromium or the packages that write the files are missing: the test is then skipped.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { kDrawing, looksOther, pictureOf, runPageTest, settled, Skipped, waitUntil } from './page_test.mjs';

const [program, python] = process.argv.slice(2);
const kWriter = fileURLToPath(new URL('write_growing_logdir.py', import.meta.url));
/** Three parts of a mesh and a curve at each step, behind the record that says the file's version. */
const kRecordsPerStep = 4;

let test;
/** The records of the event file that are still to be written, and where. */
let coming;
let file;
await runPageTest(program, async (opened) => {
  test = opened;
  await writeTwoSteps();
  await test.serve();
  await waitUntil(async () => (await lastStep()) === 1);
  await growsAMesh();
  await growsPrCurves();
  assert.equal(await test.server.stop(), 0);
});

async function writeTwoSteps() {
  const whole = join(test.folder, 'whole');
  const written = spawnSync(python, [kWriter, whole], { encoding: 'utf8' });
  if (written.status === 77) throw new Skipped(written.stdout);
  assert.equal(written.status, 0, written.stderr);
  const [name] = await readdir(join(whole, 'growing'));
  coming = recordsOf(await readFile(join(whole, 'growing', name)));
  file = join(test.logdir, 'growing', name);
  await mkdir(dirname(file));
  await writeFile(file, Buffer.concat(coming.splice(0, 1 + 2 * kRecordsPerStep)));
}

/** A record of a TFRecord file: its length in 8 bytes, 4 of a checksum, the data, 4 of another. */
function recordsOf(bytes) {
  const records = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + Number(bytes.readBigUInt64LE(at)) + 16;
    records.push(bytes.subarray(at, end));
    at = end;
  }
  return records;
}

function grow(records) {
  return appendFile(file, Buffer.concat(coming.splice(0, records)));
}

async function lastStep() {
  const run = await test.runAt('growing');
  if (run === undefined) return -1;
  const { tags } = await test.api(`/api/v1/tags?run=${run.id}`);
  return Math.min(...tags.map((tag) => tag.last_step));
}

/** What the page asks for from now on. */
function listen(page) {
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url())));
  return asked;
}

function stepsAskedFor(asked, route, name) {
  return asked.filter((url) => url.pathname === route).map((url) => Number(url.searchParams.get(name) ?? -1));
}

async function growsAMesh() {
  await test.withPage('/media?mode=mesh', {}, async (page) => {
    const card = page.getByRole('article', { name: 'cloud', exact: true });
    const canvas = card.locator(kDrawing);
    await card.getByText('6 vertices, 4 faces').waitFor();
    await canvas.waitFor();
    await settled(page);
    const before = await pictureOf(canvas);
    await canvas.evaluate((one) => (one.wasHere = true));
    const asked = listen(page);
    // The vertices alone first, as a program that logs part by part is caught at it.
    await grow(1);
    await card.getByText('7 vertices').waitFor();
    await grow(kRecordsPerStep - 1);
    await card.getByText('7 vertices, 4 faces').waitFor();
    assert.equal(await card.getByText('no colours').count(), 0);
    await card.getByText('step 2', { exact: true }).waitFor();
    await looksOther(canvas, before);
    assert.equal(await canvas.evaluate((one) => one.wasHere), true, 'the mesh is drawn where the last one was');
    await settled(page);
    const lists = stepsAskedFor(asked, '/api/v1/meshes', 'from');
    assert.ok(lists.length > 0 && lists.every((from) => from >= 1), `lists were asked for from ${lists}`);
    const meshes = stepsAskedFor(asked, '/api/v1/meshes/data', 'step');
    assert.ok(meshes.length > 0 && meshes.every((step) => step === 2), `meshes were asked for at ${meshes}`);

    // Who looks at an earlier step stays there.
    const slider = card.getByLabel('Step of cloud');
    await slider.focus();
    await slider.press('Home');
    await card.getByText('5 vertices, 4 faces').waitFor();
    asked.length = 0;
    await grow(kRecordsPerStep);
    await waitUntil(async () => (await slider.getAttribute('max')) === '3');
    await settled(page);
    assert.equal(await card.getByText('5 vertices, 4 faces').count(), 1);
    assert.deepEqual(
      stepsAskedFor(asked, '/api/v1/meshes/data', 'step').filter((step) => step !== 0),
      [],
    );
  });
  console.log('the card of a mesh shows the step that was logged, and asks for it alone');
}

async function growsPrCurves() {
  await test.withPage('/metrics?mode=pr_curves', {}, async (page) => {
    const card = page.getByRole('article', { name: 'curve', exact: true });
    const plot = card.locator('.u-over');
    const slider = card.getByLabel('Step of growing');
    await waitUntil(async () => (await slider.getAttribute('max')) === '3');
    await plot.waitFor();
    await settled(page);
    await plot.evaluate((one) => (one.wasHere = true));
    await card.getByRole('img').focus();
    await page.keyboard.press('Home');
    const row = card.getByRole('row').filter({ hasText: 'growing' });
    const reads = (counts) => async () =>
      (await row.innerText()).replaceAll(/\s+/g, ' ').trim() === `growing ${counts}`;
    await waitUntil(reads('0.6667 1 40 20 0 0'));
    const asked = listen(page);
    await grow(kRecordsPerStep);
    // The threshold that is read stays, and so does the plot.
    await waitUntil(reads('0.6667 1 50 25 0 0'));
    assert.equal(await slider.getAttribute('max'), '4');
    assert.equal(await plot.evaluate((one) => one.wasHere), true, 'the curve is drawn where the last one was');
    await settled(page);
    const lists = stepsAskedFor(asked, '/api/v1/pr_curves/steps', 'from');
    assert.ok(lists.length > 0 && lists.every((from) => from >= 3), `lists were asked for from ${lists}`);
    const curves = stepsAskedFor(asked, '/api/v1/pr_curves', 'from');
    assert.ok(curves.length > 0 && curves.every((step) => step === 4), `curves were asked for at ${curves}`);
  });
  console.log('the card of PR curves shows the step that was logged, and asks for it alone');
}
