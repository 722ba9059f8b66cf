// The Compare page in a real browser: axes of its plots, ranges by pointer and by key, the tables, and what the
// address keeps; and how other pages show so many runs: sub-runs of hyperparameters as one with their runs, cards as
// they come near the view.
//
// usage: node compare_page.mjs SPIROGRAM PYTHON [SCREENSHOT_DIR]
// Exit code 77 where Chromium or tensorboardX is missing: the test is then skipped.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { runPageTest, settled, Skipped, waitUntil } from './page_test.mjs';

const [program, python, screenshots] = process.argv.slice(2);
const kWriter = fileURLToPath(new URL('write_compare_logdir.py', import.meta.url));
const kRuns = 40;
/** Made by add_hparams, beside the runs that they say the settings of. */
const kSubRuns = 2;
const kPath = '/compare?mode=parallel';
const kScatterPath = '/compare?mode=scatter';

let test;
await runPageTest(program, async (opened) => {
  test = opened;
  const written = spawnSync(python, [kWriter, test.logdir], { encoding: 'utf8' });
  if (written.status === 77) throw new Skipped(written.stdout);
  assert.equal(written.status, 0, written.stderr);
  await test.serve();
  await waitUntil(async () => (await test.api('/api/v1/runs')).runs.length === kRuns + kSubRuns);
  await listsTheBestFirst();
  await ranksWhatMovedTheMetric();
  await choosesByPointerAndKeepsItInTheAddress();
  await choosesByKey();
  await leavesOutWhatFewRunsHave();
  await opensARun();
  await choosesInAScatterPlot();
  await comparesAllSideBySide();
  await comparesByTheBestValues();
  await listsSubRunsWithTheirRuns();
  await makesCardsAsTheyComeNear();
  await fillsThePageWithADistribution();
  await test.looksRight({ compare: '/compare', parallel: kPath, scatter: kScatterPath }, screenshots);
  assert.equal(await test.server.stop(), 0);
});

function rows(page) {
  return page.getByLabel('Chosen runs').locator('tbody tr');
}

function names(page) {
  return rows(page).locator('button').allTextContents();
}

async function listsTheBestFirst() {
  await test.withPage('/compare', {}, async (page) => {
    await page.getByText('Parallel axes').click();
    await page.locator('canvas').waitFor();
    await waitUntil(async () => (await rows(page).count()) === kRuns);
    // By loss, the last metric by name: run_25 has the lowest.
    await waitUntil(async () => (await names(page))[0] === 'run_25');
    const heads = await page.getByLabel('Chosen runs').locator('thead th').allTextContents();
    assert.deepEqual(heads, ['Run', 'dropout', 'learning_rate', 'optimizer', 'units', 'accuracy', 'loss']);
    const cells = await rows(page).filter({ hasText: 'run_07' }).locator('td').allTextContents();
    assert.equal(cells[4], '–');
    // The settings of run_25 and a metric of run_11 lie in sub-runs.
    assert.ok(!(await rows(page).filter({ hasText: 'run_25' }).locator('td').allTextContents()).includes('–'));
    const joined = await rows(page).filter({ hasText: 'run_11' }).locator('td').allTextContents();
    assert.equal(joined[5], '0.125', joined.join());
    // Text from data is text.
    await rows(page).getByText('<img src=x onerror=alert(1)>', { exact: true }).first().waitFor();
    await page.getByLabel('Colour').selectOption('m:accuracy');
    await waitUntil(async () => (await names(page))[0] === 'run_25');
    await waitUntil(() => page.url().includes('colour=m'));
    // What the colours stand for is told beside them.
    const scale = async () => (await page.locator('.scale').textContent()).split(/\s+/).filter((word) => word !== '');
    await waitUntil(async () => (await scale()).length === 2);
    const [least, most] = (await scale()).map(Number);
    assert.ok(least === 0.125 && most > 0.8, `${least} to ${most}`);
    await page.getByLabel('Colour').selectOption('h:optimizer');
    await waitUntil(async () => (await scale()).join(' ').includes('adam sgd'));
  });
}

async function ranksWhatMovedTheMetric() {
  await test.withPage(kPath, {}, async (page) => {
    const effects = page.getByLabel('Effects on loss');
    // The loss is lowest in the middle of the learning rates, five neighbours to a group: of run_25 to run_29.
    const first = effects.locator('tbody tr').first();
    await waitUntil(async () => (await first.textContent()).includes('learning_rate'));
    const cells = (await first.locator('td').allTextContents()).map((text) => text.trim());
    assert.ok(Number.parseInt(cells[1], 10) > 80, cells[1]);
    assert.deepEqual(cells.slice(3), ['0.008377 to 0.01701', '0.4 of 5', String(kRuns)]);
    await effects.getByText('chance').first().waitFor();
    await page.getByLabel('Colour').selectOption('m:accuracy');
    await page.getByLabel('Effects on accuracy').waitFor();
  });
}

async function choosesByPointerAndKeepsItInTheAddress() {
  await test.withPage(kPath, {}, async (page) => {
    await waitUntil(async () => (await names(page))[0] === 'run_25');
    await settled(page);
    const box = await page.locator('canvas').boundingBox();
    // The last axis is the loss: its lower quarter, from below its end.
    const x = box.x + box.width - 60;
    await page.mouse.move(x, box.y + box.height - 30);
    await page.mouse.down();
    await page.mouse.move(x, box.y + box.height - 100, { steps: 4 });
    await page.mouse.up();
    await waitUntil(async () => (await rows(page).count()) < kRuns);
    const left = await names(page);
    assert.ok(left.length >= 5 && left.includes('run_25') && !left.includes('run_00'), left.join());
    await waitUntil(() => new URL(page.url()).searchParams.get('range')?.endsWith(':m:loss') ?? false);
    await page.reload();
    await waitUntil(async () => (await names(page)).join() === left.join());
    await settled(page);
    await page.mouse.click(x, box.y + box.height / 2);
    await waitUntil(async () => (await rows(page).count()) === kRuns);
  });
}

async function choosesByKey() {
  await test.withPage(kPath, {}, async (page) => {
    await waitUntil(async () => (await names(page))[0] === 'run_25');
    await page.getByText('Axes and ranges').click();
    await page.getByLabel('learning_rate from').fill('0.01');
    await page.keyboard.press('Tab');
    await waitUntil(async () => (await rows(page).count()) < kRuns);
    await page.getByLabel('optimizer from').selectOption('adam');
    await page.getByLabel('optimizer to').selectOption('adam');
    await waitUntil(async () => (await rows(page).filter({ hasText: 'sgd' }).count()) === 0);
    await page.getByLabel('units', { exact: true }).uncheck();
    await waitUntil(
      async () => !(await page.getByLabel('Chosen runs').locator('thead').textContent()).includes('units'),
    );
    const left = await names(page);
    await page.getByText(`Keep these ${left.length} of ${kRuns} runs`).click();
    await waitUntil(async () => (await page.getByText(`of ${left.length} runs`).count()) === 1);
    assert.deepEqual((await names(page)).sort(), left.sort());
  });
}

async function leavesOutWhatFewRunsHave() {
  await test.withPage(kPath, {}, async (page) => {
    await waitUntil(async () => (await names(page))[0] === 'run_25');
    const heads = () => page.getByLabel('Chosen runs').locator('thead th').allTextContents();
    assert.ok(!(await heads()).includes('auc'));
    await page.getByText('Axes and ranges').click();
    await page.getByLabel('auc', { exact: true }).check();
    await waitUntil(async () => (await heads()).includes('auc'));
    await rows(page).filter({ hasText: 'run_03' }).getByText('0.625').waitFor();
    await waitUntil(() => new URL(page.url()).searchParams.getAll('show').join() === 'm:auc');
    await page.getByLabel('auc', { exact: true }).uncheck();
    await waitUntil(async () => !(await heads()).includes('auc'));
  });
}

async function opensARun() {
  await test.withPage(kPath, {}, async (page) => {
    await waitUntil(async () => (await names(page))[0] === 'run_25');
    await rows(page).first().locator('button').click();
    await waitUntil(() => new URL(page.url()).pathname === '/metrics');
    assert.notEqual(new URL(page.url()).searchParams.get('runs'), null);
  });
}

async function choosesInAScatterPlot() {
  await test.withPage(kPath, {}, async (page) => {
    await waitUntil(async () => (await names(page))[0] === 'run_25');
    await page.getByText('Scatter plots').click();
    await waitUntil(() => page.url().includes('mode=scatter'));
    const plots = page.getByLabel('Scatter plots: ');
    await plots.waitFor();
    await settled(page);
    const box = await plots.boundingBox();
    // The plots of learning_rate, the second of six axes, are over accuracy and loss: the lower half of the second.
    const column = (box.width - 96) / 6;
    const [left, right] = [box.x + 96 + column + 2, box.x + 96 + 2 * column - 14];
    const [middle, bottom] = [box.y + 22 + 128 + 59, box.y + 22 + 128 + 116];
    await page.mouse.move(left, middle);
    await page.mouse.down();
    await page.mouse.move(right, bottom, { steps: 4 });
    await page.mouse.up();
    await waitUntil(async () => (await rows(page).count()) < kRuns);
    const kept = await names(page);
    assert.ok(kept.includes('run_25') && !kept.includes('run_00'), kept.join());
    await waitUntil(() => new URL(page.url()).searchParams.getAll('range').length === 2);
    await page.reload();
    await waitUntil(async () => (await names(page)).join() === kept.join());
    await settled(page);
    await page.mouse.click(left + 2, middle - 55);
    await waitUntil(async () => (await rows(page).count()) === kRuns);
  });
}

async function comparesAllSideBySide() {
  await test.withPage('/compare', {}, async (page) => {
    const heads = page.locator('section').filter({ hasText: 'Final values' }).locator('thead th');
    await page.getByText(`The first 12 of ${kRuns} shown runs are compared`).waitFor();
    await waitUntil(async () => (await heads.count()) === 1 + 12);
    await page.getByRole('button', { name: `Compare all ${kRuns}` }).click();
    await waitUntil(async () => (await heads.count()) === 1 + kRuns);
    await waitUntil(() => new URL(page.url()).searchParams.get('beside') === String(kRuns));
    // The names stay where they are while the last column comes into view.
    const name = page.getByRole('cell', { name: /^loss/ });
    const before = (await name.boundingBox()).x;
    await heads.last().scrollIntoViewIfNeeded();
    assert.equal((await name.boundingBox()).x, before);
    await page.getByRole('button', { name: 'Compare 12' }).click();
    await waitUntil(async () => (await heads.count()) === 1 + 12);
  });
}

async function comparesByTheBestValues() {
  await test.withPage('/compare', {}, async (page) => {
    const first = page
      .getByRole('row', { name: /^accuracy/ })
      .locator('td.num')
      .first();
    await waitUntil(async () => (await first.textContent()).trim() === (1 / 3.7).toFixed(4));
    await page.getByText('Best', { exact: true }).click();
    await waitUntil(async () => (await first.textContent()).trim() === '0.9375');
    await page.getByRole('heading', { name: /^Best values/ }).waitFor();
    await waitUntil(() => new URL(page.url()).searchParams.get('best') === '1');
    // So they are over axes, too.
    await page.getByText('Parallel axes').click();
    await waitUntil(async () => (await page.getByLabel('Chosen runs').textContent()).includes('0.9375'));
  });
}

async function listsSubRunsWithTheirRuns() {
  await test.withPage('/runs?sort=name', {}, async (page) => {
    const table = page.locator('tr[data-run]');
    const picker = page.getByRole('complementary', { name: 'Runs shown' });
    const isListed = async (count) => Number(await page.getByRole('grid').getAttribute('aria-rowcount')) === 1 + count;
    await waitUntil(() => isListed(kRuns));
    await picker.getByText(`${kRuns} of ${kRuns}`).waitFor();
    // What add_hparams said: its settings, a metric, and that the run has ended.
    const row = table.filter({ has: page.getByTitle('run_11') });
    await row.getByText('0.125').waitFor();
    await row.getByText('adam').or(row.getByText('sgd')).or(row.getByText('<img')).first().waitFor();
    await row.focus();
    await page.keyboard.press('ArrowRight');
    await waitUntil(() => isListed(kRuns + 1));
    await page
      .locator('tr.inset')
      .filter({ has: page.getByTitle(/^run_11\//) })
      .waitFor();
    await waitUntil(() => new URL(page.url()).searchParams.has('opened'));
    await page.keyboard.press('ArrowLeft');
    await waitUntil(() => isListed(kRuns));
    // The run is chosen with its sub-run, and leaves with it.
    await picker.getByLabel('Show only run_11').click({ force: true });
    await picker.getByText(`1 of ${kRuns}`).waitFor();
    await row.focus();
    await page.keyboard.press('e');
    await page.getByText('1 run archived.').hover(); // it stays while one points at it
    const archived = (await test.api('/api/v1/runs')).runs.filter((run) => run.is_archived);
    assert.equal(archived.length, 2, archived.map((run) => run.path).join());
    await page.getByRole('button', { name: 'Undo' }).click();
    await waitUntil(async () => (await test.api('/api/v1/runs')).runs.every((run) => !run.is_archived));
    // It is deleted with its sub-run, listed as one, and comes back whole.
    await row.focus();
    await page.keyboard.press('Delete');
    await page.getByText('1 run deleted.').waitFor();
    await page.getByText('Deleted', { exact: true }).click();
    await page.getByText('and 1 sub-run').waitFor();
    assert.equal(await page.locator('tbody tr').count(), 1);
    await page.getByLabel('Restore run_11').click();
    await page.getByText('No deleted runs.').waitFor();
    await waitUntil(async () => (await test.api('/api/v1/runs')).runs.length === kRuns + kSubRuns);
  });
}

async function makesCardsAsTheyComeNear() {
  await test.withPage('/distributions', {}, async (page) => {
    const cards = page.getByRole('article');
    await cards.first().locator('canvas').waitFor();
    assert.equal(await cards.count(), 48);
    await cards.first().locator('canvas').focus();
    await page.keyboard.press('ArrowUp');
    await cards
      .first()
      .getByText(/^step \d+ · median .* values$/)
      .waitFor();
    await page.getByRole('button', { name: `${3 * kRuns - 48} more` }).scrollIntoViewIfNeeded();
    await waitUntil(async () => (await cards.count()) === 96);
    await page.getByRole('button', { name: `${3 * kRuns - 96} more` }).press('Enter');
    await waitUntil(async () => (await cards.count()) === 3 * kRuns);
    await page.getByLabel('Filter tags by a regular expression').fill('layer_2');
    await waitUntil(async () => (await cards.count()) === kRuns);
  });
}

async function fillsThePageWithADistribution() {
  await test.withPage('/distributions?tag_filter=layer_2', {}, async (page) => {
    const open = page.getByRole('button', { name: /^Show .*layer_2.* in full$/ }).nth(2);
    await open.press('Enter');
    const canvas = page.getByRole('article').locator('canvas');
    await waitUntil(async () => (await canvas.count()) === 1 && (await canvas.boundingBox()).height > 500);
    await page.reload();
    await canvas.waitFor();
    await page.keyboard.press('Escape');
    await waitUntil(() => open.evaluate((one) => one === document.activeElement));
  });
  // A reload knows nothing of the cards that were scrolled to before.
  await test.withPage('/distributions', {}, async (page) => {
    const open = page.getByRole('button', { name: /^Show .* in full$/ });
    // More come by themselves as their end comes near, which the last is brought to here.
    await waitUntil(async () => {
      await open.last().scrollIntoViewIfNeeded();
      return (await open.count()) === 3 * kRuns;
    });
    await open.last().press('Enter');
    await page.getByLabel('Close the full view').waitFor();
    await waitUntil(async () => new URL(page.url()).searchParams.has('full'));
    await page.reload();
    await page.getByLabel('Close the full view').waitFor();
    await page.keyboard.press('Escape');
    await waitUntil(async () => (await open.count()) > 0);
    await waitUntil(() => open.last().evaluate((one) => one === document.activeElement));
    assert.equal(await open.count(), 3 * kRuns);
  });
}
