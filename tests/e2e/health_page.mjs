// Health in a real browser, on runs whose scalars are sent to the server: which run it shows, and maps of its layers.
//
// usage: node health_page.mjs SPIROGRAM
// Exit code 77 where Chromium is missing: the test is then skipped.
import assert from 'node:assert/strict';

import { sendScalars } from './ingest.mjs';
import { runPageTest, waitUntil } from './page_test.mjs';

const [program] = process.argv.slice(2);
const kLayers = 200;
const kManyLayers = 3000;

let test;
await runPageTest(program, async (opened) => {
  test = opened;
  await test.serve();
  await staysWithTheRunThatIsRead();
  await beginsWithARunThatWasChecked();
  await walksAHeatMapByKeys();
  await asksForAFewLayersAtATime();
  await drawsAMapOfThousandsOfLayers();
  await test.looksRight({ health: '/health' });
  assert.equal(await test.server.stop(), 0);
});

async function staysWithTheRunThatIsRead() {
  for (const run of ['one', 'two']) await sendScalars(test.server, run, 0, { 'loss/train': 1 });
  await test.withPage('/health', {}, async (page) => {
    const list = page.getByRole('combobox', { name: /^Run/ });
    const shown = () => list.evaluate((one) => one.selectedOptions[0].textContent);
    await list.getByText('two').waitFor({ state: 'attached' });
    const read = await shown();
    const other = read === 'one' ? 'two' : 'one';
    await sendScalars(test.server, other, 1, { 'loss/train': NaN });
    const link = page.getByRole('status').getByRole('link', { name: other });
    await link.waitFor();
    assert.equal(await shown(), read);
    await link.click();
    await page.getByText('1 critical').waitFor();
    assert.equal(await shown(), other);
    assert.equal(await link.count(), 0);
    await page.goBack();
    await link.waitFor();
    assert.equal(await shown(), read);
  });
  await test.withPage('/health', {}, async (page) => {
    await page.getByText('1 critical').waitFor();
  });
  // Whoever hears the table of runs instead of seeing it hears what was found.
  await test.withPage('/runs', {}, async (page) => {
    await page.getByRole('button', { name: '1 critical', exact: true }).waitFor();
  });
  console.log('Health stays with the run that is read, and leads to one that is worse');
}

async function beginsWithARunThatWasChecked() {
  await sendScalars(test.server, 'trained', 0, { 'loss/train': 1 });
  // As add_scalars makes them: runs of their own, begun later, whose tag says nothing of a loss.
  for (const part of ['sin', 'cos']) await sendScalars(test.server, `trained/${part}`, 0, { compare: 1 });
  const runs = ['trained', 'trained/sin', 'trained/cos'];
  await waitUntil(async () =>
    (await Promise.all(runs.map((run) => test.runAt(run)))).every((run) => run !== undefined),
  );
  const ids = (await Promise.all(runs.map((run) => test.runAt(run)))).map((run) => run.id);
  const reports = async () => (await test.api(`/api/v1/findings?run=${ids}`)).runs;
  await waitUntil(async () =>
    (await reports()).some(({ run, checks }) => run === ids[0] && checks.some(({ state }) => state === 'ok')),
  );
  await test.withPage(`/health?runs=${ids}`, {}, async (page) => {
    await page.getByText('No open findings').waitFor();
    const list = page.getByRole('combobox', { name: /^Run/ });
    assert.equal(await list.evaluate((one) => one.selectedOptions[0].title), 'trained');
    await page.goto(test.url(`/health?run=${ids[1]}&runs=${ids}`));
    await page.getByText('Losses are checked whichever program logs them').waitFor();
  });
  console.log('Health begins with a run of which something was checked, and says what is checked of any');
}

async function walksAHeatMapByKeys() {
  for (const step of [0, 1, 2]) {
    const shares = { 'layers/hidden_1/dead_fraction': step / 4, 'layers/hidden_2/dead_fraction': 1 - step / 4 };
    await sendScalars(test.server, 'layers', step, shares);
  }
  await waitUntil(async () => (await test.runAt('layers'))?.last_step === 2);
  const { id } = await test.runAt('layers');
  await test.withPage(`/health?run=${id}`, {}, async (page) => {
    const map = page.getByLabel(/^Dead units, heat map of 2 rows/);
    await map.focus();
    for (const [key, told] of [
      ['End', 'hidden_1, step 2: 0.5 share of units'],
      ['ArrowLeft', 'hidden_1, step 1: 0.25 share of units'],
      ['ArrowDown', 'hidden_2, step 1: 0.75 share of units'],
    ]) {
      await page.keyboard.press(key);
      await page.locator('figure [aria-live]').getByText(told).waitFor();
    }
    await page.keyboard.press('Tab');
    await page.locator('figure .tip').waitFor({ state: 'detached' });
  });
  console.log('cells of a heat map are walked to and read out');
}

async function asksForAFewLayersAtATime() {
  const shares = Object.fromEntries(
    Array.from({ length: kLayers }, (_, i) => [`layers/l_${i}/dead_fraction`, i / kLayers]),
  );
  await sendScalars(test.server, 'deep', 0, shares);
  await sendScalars(test.server, 'deep', 1, shares);
  await waitUntil(async () => (await test.runAt('deep'))?.last_step === 1);
  const { id } = await test.runAt('deep');
  await test.withPage('/data', {}, async (page) => {
    let [pending, most] = [0, 0];
    await page.route('**/api/v1/scalars?*', async (route) => {
      most = Math.max(most, ++pending);
      await route.continue();
    });
    for (const end of ['requestfinished', 'requestfailed'])
      page.on(end, (request) => request.url().includes('/scalars?') && pending--);
    await page.goto(test.url(`/health?run=${id}`));
    await page.getByLabel(`Dead units, heat map of ${kLayers} rows`).waitFor();
    assert.ok(most > 1 && most <= 6, `${most} requests at once`);
  });
  console.log('the layers of a map are asked for a few at a time');
}

async function drawsAMapOfThousandsOfLayers() {
  const row = (i) => `layers/l_${i}/gradient_norm`;
  const norms = Object.fromEntries(Array.from({ length: kManyLayers }, (_, i) => [row(i), 1 + (i % 9)]));
  await sendScalars(test.server, 'huge', 0, norms);
  await sendScalars(test.server, 'huge', 1, norms);
  await waitUntil(async () => (await test.runAt('huge'))?.last_step === 1);
  const { id } = await test.runAt('huge');
  await test.withPage('/data', {}, async (page) => {
    await page.route('**/api/v1/scalars?*', (route) => route.continue());
    await page.goto(test.url(`/health?run=${id}`));
    const map = page.getByLabel(`Gradient norm, heat map of ${kManyLayers} rows`);
    await map.waitFor();
    // In the middle of what is in view, right of the labels.
    const isDrawn = () =>
      map.evaluate((one) => {
        const [box, view] = [one.getBoundingClientRect(), one.closest('main').getBoundingClientRect()];
        const middle = (Math.max(box.top, view.top) + Math.min(box.bottom, view.bottom)) / 2 - box.top;
        const { data } = one.getContext('2d').getImageData(Math.round(one.width * 0.6), Math.round(middle), 1, 22);
        return data.some((value, i) => i % 4 === 3 && value === 255);
      });
    await waitUntil(isDrawn);
    for (const part of [0.5, 0.98]) {
      await page.locator('main').evaluate((one, share) => (one.scrollTop = share * one.scrollHeight), part);
      await waitUntil(isDrawn);
      assert.ok((await map.boundingBox()).height <= 3 * 900);
    }
    await map.focus();
    await page.keyboard.press('End');
    await page.locator('figure .tip strong').getByText('l_0', { exact: true }).waitFor();
    await waitUntil(async () => (await page.locator('figure .cell').boundingBox()).y > 0);
  });
  console.log('a map of thousands of layers is drawn where it is looked at');
}
