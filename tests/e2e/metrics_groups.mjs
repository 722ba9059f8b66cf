// Groups of runs on the Metrics page in a real browser: what can be chosen, the legend, the tip of a chart, and
// what the address keeps.
//
// usage: node metrics_groups.mjs SPIROGRAM PYTHON [SCREENSHOT_DIR]
// Exit code 77 where Chromium or tensorboardX is missing: the test is then skipped.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { runPageTest, saved, settled, Skipped, waitUntil } from './page_test.mjs';

const [program, python, screenshots] = process.argv.slice(2);
const kWriter = fileURLToPath(new URL('write_compare_logdir.py', import.meta.url));
const kRuns = 40;
/** Made by add_hparams, beside the runs that they say the settings of. */
const kSubRuns = 2;
const kHostile = '<img src=x onerror=alert(1)>';

let test;
await runPageTest(program, async (opened) => {
  test = opened;
  const written = spawnSync(python, [kWriter, test.logdir], { encoding: 'utf8' });
  if (written.status === 77) throw new Skipped(written.stdout);
  assert.equal(written.status, 0, written.stderr);
  await test.serve();
  await waitUntil(async () => (await test.api('/api/v1/runs')).runs.length === kRuns + kSubRuns);
  await groupsByHyperparameters();
  await groupsByPath();
  await tellsTheLastValues();
  await savesTheMeans();
  await opensAGroup();
  await test.looksRight(
    { groups: '/metrics?group=h:optimizer', panel: '/metrics?group=h:units&band=deviation' },
    screenshots,
  );
  assert.equal(await test.server.stop(), 0);
});

function legend(page) {
  return page.getByLabel('Groups of runs');
}

function names(page) {
  return legend(page).locator('.name').allTextContents();
}

async function groupsByHyperparameters() {
  await test.withPage('/metrics?smoothing=0', {}, async (page) => {
    await page.getByText('Group runs').click();
    // The 'epochs' are the same everywhere and no choice.
    assert.equal(await page.getByLabel('epochs').count(), 0);
    await page.getByLabel('optimizer').check();
    await waitUntil(async () => (await names(page)).length === 3);
    assert.deepEqual(await names(page), [`optimizer ${kHostile}`, 'optimizer adam', 'optimizer sgd']);
    await page.getByText(`3 groups of ${kRuns} runs`).waitFor();
    await page.keyboard.press('Escape');
    assert.equal(await page.getByLabel('optimizer').isVisible(), false);

    // Of 14 adam runs (0, 3, ..., 39), loss at the last step is |i - 25| / 10 + 0.2: mean and extremes.
    const chart = page.getByRole('img', { name: 'loss, means of 3 groups' });
    await chart.locator('canvas').waitFor();
    await settled(page);
    const box = await chart.boundingBox();
    await page.mouse.move(box.x + box.width - 24, box.y + box.height / 2);
    const row = chart.locator('tbody tr').filter({ hasText: 'adam' });
    await row.waitFor();
    const cells = (await row.locator('td').allTextContents()).slice(2);
    const losses = Array.from({ length: 14 }, (_, k) => Math.abs(3 * k - 25) / 10 + 0.2);
    const mean = losses.reduce((sum, loss) => sum + loss) / losses.length;
    assert.deepEqual(cells.map(Number), [0.3, Number(mean.toFixed(4)), 2.7, 14]);

    await waitUntil(() => new URL(page.url()).searchParams.getAll('group').join() === 'h:optimizer');
    await page.reload();
    await waitUntil(async () => (await names(page)).length === 3);
  });
}

async function groupsByPath() {
  await test.withPage('/metrics', {}, async (page) => {
    await page.getByText('Group runs').click();
    await page.getByLabel('Group runs by a regular expression').fill('run_(\\d)');
    await waitUntil(async () => (await names(page)).join() === '0,1,2,3');
    // What is no expression says so, and nothing breaks.
    await page.getByLabel('Group runs by a regular expression').fill('run_(');
    await waitUntil(async () => (await names(page)).join() === 'no match');
    await page.getByText('Ungroup').click();
    await waitUntil(async () => (await legend(page).count()) === 0);
  });
}

async function tellsTheLastValues() {
  await test.withPage('/metrics?group=h:optimizer', {}, async (page) => {
    await page.getByText('Table of last values').click();
    const rows = legend(page).locator('tbody tr');
    await page.getByTitle('Sort by the mean of loss').click();
    // Every third run from 0, 1 or 2 on; the loss is lowest around run 25.
    const means = [0, 1, 2].map((from) => {
      const losses = Array.from({ length: kRuns }, (_, i) => i)
        .filter((i) => i % 3 === from)
        .map((i) => Math.abs(i - 25) / 10 + 0.2);
      return losses.reduce((sum, loss) => sum + loss) / losses.length;
    });
    const order = ['optimizer adam', 'optimizer sgd', `optimizer ${kHostile}`]
      .map((label, i) => ({ label, mean: means[i] }))
      .sort((a, b) => a.mean - b.mean);
    await waitUntil(
      async () => (await rows.locator('.link').allTextContents()).join() === order.map((one) => one.label).join(),
    );
    const cells = (await rows.first().locator('td').allTextContents()).map((text) => text.trim());
    assert.equal(Number.parseFloat(cells[3]), Number(order[0].mean.toFixed(4)), cells.join());
    await waitUntil(() => new URL(page.url()).searchParams.get('sort') === 'loss');
    await page.reload();
    await waitUntil(async () => (await rows.count()) === 3);
  });
}

async function savesTheMeans() {
  await test.withPage('/metrics?group=h:optimizer&smoothing=0.9', {}, async (page) => {
    await page.getByRole('img', { name: 'loss, means of 3 groups' }).waitFor();
    const path = await saved(page, () => page.getByLabel('Download loss as CSV').click());
    const lines = (await readFile(path, 'utf8')).trim().split('\r\n');
    assert.equal(lines.length, 1 + 3 * 5);
    const [, last] = lines.filter((line) => line.startsWith('optimizer adam,')).slice(-2);
    const [, step, mean, , min, max, runs] = last.split(',');
    const losses = Array.from({ length: 14 }, (_, k) => Math.abs(3 * k - 25) / 10 + 0.2);
    assert.ok(Math.abs(Number(mean) - losses.reduce((sum, loss) => sum + loss) / losses.length) < 1e-6);
    assert.deepEqual([step, Number(min).toFixed(4), Number(max).toFixed(4), runs], ['4', '0.3000', '2.7000', '14']);
  });
}

async function opensAGroup() {
  await test.withPage('/metrics?group=h:optimizer', {}, async (page) => {
    await legend(page).getByText('optimizer sgd').click();
    const chart = page.getByRole('img', { name: 'loss of 13 runs' });
    await chart.locator('canvas').waitFor();
    assert.equal(await legend(page).count(), 0);

    // The browser's button takes back a zoom, then the choice of the group.
    await settled(page);
    const box = await chart.boundingBox();
    await page.mouse.move(box.x + 150, box.y + 80);
    await page.mouse.down();
    await page.mouse.move(box.x + 350, box.y + 80, { steps: 4 });
    await page.mouse.up();
    await waitUntil(() => new URL(page.url()).searchParams.has('zoom'));
    await page.goBack();
    await waitUntil(() => !new URL(page.url()).searchParams.has('zoom'));
    await chart.waitFor();
    await page.goBack();
    await waitUntil(async () => (await names(page)).length === 3);
  });
}
