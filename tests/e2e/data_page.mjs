// The Data page in a real browser: what it shows is what it exports, in every format; storage is
// told; and a full disk is said on every page.
//
// usage: node data_page.mjs SPIROGRAM
// Exit code 77 where Chromium is missing: the test is then skipped.
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { openPage } from './browser.mjs';
import { kWaitMs, runPageTest, saved, waitUntil } from './page_test.mjs';
import { start } from './server.mjs';

const [program] = process.argv.slice(2);
/** More than a table can draw at once. */
const kTags = 1500;

let test;
await runPageTest(program, async (opened) => {
  test = opened;
  for (const run of ['a', 'b']) await importRun(run);
  await test.serve();
  await exportsWhatItShows();
  await exportsEveryFormat();
  await saysWhyThereIsNothingToExport();
  await tellsWhatIsStored();
  await saysOnEveryPageThatTheDiskIsFull();
  await listsEveryTagAndEveryDamage();
});

async function importRun(run) {
  const table = join(test.folder, `${run}.csv`);
  const rows = Array.from({ length: 20_000 }, (_, i) => `${i},${i / 7},${-i}`);
  await writeFile(table, ['step,loss (train),accuracy', ...rows].join('\n'));
  assert.equal(await start(program, ['import', table, '--logdir', test.logdir, '--run', run]).done, 0);
}

/** The bytes of what a press of a button downloads. */
async function save(page, press) {
  return readFile(await saved(page, press));
}

function exportPanel(page) {
  return page.getByRole('region', { name: 'Export' });
}

async function exportsWhatItShows() {
  await test.withPage('/data', { acceptDownloads: true }, async (page) => {
    const panel = exportPanel(page);
    await panel
      .getByText('80.0k points of 4 series in 2 runs')
      .or(panel.getByText('80k points of 4 series in 2 runs'))
      .waitFor({ timeout: kWaitMs });
    const all = (await save(page, () => panel.getByRole('button', { name: 'Export' }).click())).toString();
    assert.equal(all.split('\r\n').length, 80_002);
    await page.getByLabel('Filter tags by a regular expression').fill('\\(train');
    await panel.getByText('points of 2 series in 2 runs').waitFor({ timeout: kWaitMs });
    const some = (await save(page, () => panel.getByRole('button', { name: 'Export' }).click())).toString();
    assert.equal(some.split('\r\n').length, 40_002);
    assert.ok(some.startsWith('run,tag,step,wall_time,value\r\na,loss (train),0,'), some.slice(0, 80));
    const one = (await save(page, () => page.getByLabel('Download loss (train) of b as CSV').click())).toString();
    assert.equal(one.split('\r\n').length, 20_002);
  });
  console.log('the filtered tags are exported, with every point');
}

async function exportsEveryFormat() {
  const begins = {
    wide: 'run,step,wall_time,accuracy,loss (train)\r\n',
    jsonl: '{"run":"a"',
    json: '[\n{"run":"a"',
    arrow: 'ARROW1',
  };
  await test.withPage('/data', { acceptDownloads: true }, async (page) => {
    const panel = exportPanel(page);
    for (const [format, begin] of Object.entries(begins)) {
      await panel.getByRole('combobox').selectOption(format);
      const bytes = await save(page, () => panel.getByRole('button', { name: 'Export' }).click());
      assert.ok(bytes.toString('latin1').startsWith(begin), `${format}: ${bytes.toString('latin1', 0, 60)}`);
    }
  });
  console.log('every format is exported');
}

async function saysWhyThereIsNothingToExport() {
  await test.withPage('/data', { acceptDownloads: true }, async (page) => {
    const panel = exportPanel(page);
    await panel.getByRole('combobox').selectOption('events');
    await panel.getByText('An event file holds one run').waitFor({ timeout: kWaitMs });
    assert.ok(await panel.getByRole('button', { name: 'Export' }).isDisabled());
    await panel.getByRole('combobox').selectOption('csv');
    await page.getByLabel('Filter tags by a regular expression').fill('no such tag');
    await panel.getByText('Nothing of this kind').waitFor({ timeout: kWaitMs });
  });
  console.log('what cannot be exported says why');
}

async function tellsWhatIsStored() {
  await test.withPage('/data', { acceptDownloads: true }, async (page) => {
    const summary = page.locator('details.storage summary');
    await summary.getByText('free on its disk').waitFor({ timeout: kWaitMs });
    await summary.click();
    await page.locator('details.storage td').first().waitFor({ timeout: kWaitMs });
    assert.equal(await page.locator('details.storage tbody tr').count(), 2);
  });
  console.log('storage is told by run');
}

// That the server says so of a disk that is full is disk_full.py's to show.
async function saysOnEveryPageThatTheDiskIsFull() {
  for (const path of ['/runs', '/metrics', '/data']) {
    const { page, close } = await openPage(test.browser);
    await page.route('**/api/v1/status', async (route) => {
      const status = await (await route.fetch()).json();
      status.storage = { state: 'full', detail: 'Make room <b>there</b>.', since: 1 };
      await route.fulfill({ json: status });
    });
    await page.goto(test.url(path));
    const banner = page.getByRole('alert').filter({ hasText: 'Disk full' });
    await banner.getByText('Make room <b>there</b>.').waitFor({ timeout: kWaitMs });
    await page.unrouteAll({ behavior: 'wait' });
    await banner.waitFor({ state: 'detached', timeout: kWaitMs });
    await close();
  }
  console.log('every page says that the disk is full, and when it no longer is');
}

async function listsEveryTagAndEveryDamage() {
  const table = join(test.folder, 'wide.csv');
  const names = Array.from({ length: kTags }, (_, i) => `layer_${i}`);
  await writeFile(
    table,
    ['step', ...names].join() + '\n' + [0, 1].map((step) => [step, ...names.map(() => 1)].join()).join('\n'),
  );
  assert.equal(await start(program, ['import', table, '--logdir', test.logdir, '--run', 'wide']).done, 0);
  const [file] = await readdir(join(test.logdir, 'wide'));
  const bytes = await readFile(join(test.logdir, 'wide', file));
  bytes[bytes.length >> 1] ^= 0xff;
  await mkdir(join(test.logdir, 'damaged'));
  await writeFile(join(test.logdir, 'damaged', file), bytes);
  await waitUntil(async () => {
    const wide = (await test.runAt('wide'))?.id;
    const { tags } = await test.api('/api/v1/tags');
    return tags.filter((tag) => tag.run === wide).length === kTags && (await test.api('/api/v1/warnings')).total > 0;
  });
  await test.withPage('/data', {}, async (page) => {
    await page.getByText('1 damaged place,').waitFor();
    await page.getByRole('cell', { name: `damaged/${file}` }).waitFor();
    // Run by run is what the server is not asked for.
    assert.equal((await test.api('/api/v1/warnings')).total, 1);
    await page.getByLabel('Filter tags by a regular expression').fill('^layer_');
    const rows = page.locator('tr[data-place]');
    await rows.filter({ hasText: 'layer_0' }).first().waitFor();
    assert.ok((await rows.count()) < 100, 'rows out of view are drawn');
    await rows.first().focus();
    await page.keyboard.press('End');
    await page.waitForFunction((last) => document.activeElement?.textContent?.includes(last), `layer_${kTags - 1}`);
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-place') === '1');
    await page.keyboard.press('Tab');
    assert.match(
      await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? ''),
      /^Download layer_/,
    );
    await page.keyboard.press('Tab');
    assert.equal(
      await page.evaluate(() => document.activeElement?.closest('tr') ?? null),
      null,
      'Tab went on to another row',
    );
  });
  console.log('every tag and every damaged place is listed');
}
