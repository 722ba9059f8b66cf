// Lists of more runs and metrics than a page can draw: rows come into view and leave it, keys reach all of them.
//
// usage: node many_runs.mjs SPIROGRAM
// Exit code 77 where Chromium is missing: the test is then skipped.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { sendPoint } from './ingest.mjs';
import { placeKept, runPageTest, settled, waitUntil } from './page_test.mjs';
import { start } from './server.mjs';

const [program] = process.argv.slice(2);
const kRuns = 1200;
/** As many at once as a server takes without refusing one. */
const kAtOnce = 20;
/** More than a screen of rows with what is drawn around it. */
const kDrawnMax = 120;

let test;
await runPageTest(program, async (opened) => {
  test = opened;
  await test.serve();
  const names = Array.from(
    { length: kRuns },
    (_, i) => `${i % 2 === 0 ? 'even' : 'odd'}/run_${String(i).padStart(4, '0')}`,
  );
  for (let i = 0; i < kRuns; i += kAtOnce)
    await Promise.all(names.slice(i, i + kAtOnce).map((run) => sendPoint(test.server, run, 0)));
  await waitUntil(async () => (await test.api('/api/v1/runs')).runs.length === kRuns);
  await drawsTheRowsInView();
  await reachesEveryRowByKeys();
  await passesListsByTab();
  await keepsTheFocusedRow();
  await selectsAllOfThem();
  await switchesRunsOfThePicker();
  await hidesNothingUnderAFinger();
  await makesCardsAsTheyAreScrolledTo();
  assert.equal(await test.server.stop(), 0);
});

function focusedRow(page) {
  return page.evaluate(
    () => document.activeElement?.closest('tr')?.querySelector('.both')?.getAttribute('title') ?? null,
  );
}

function drawnRows(page) {
  return page.locator('tr[data-run]').count();
}

function columnEdges(page) {
  return page
    .locator('thead th')
    .evaluateAll((heads) => heads.map((head) => Math.round(head.getBoundingClientRect().left)));
}

async function drawsTheRowsInView() {
  await test.withPage('/runs?sort=name', {}, async (page) => {
    await page.getByTitle('even/run_0000').first().waitFor();
    assert.ok((await drawnRows(page)) < kDrawnMax);
    assert.equal(await page.getByRole('grid').getAttribute('aria-rowcount'), String(kRuns + 1));
    // Last values and sizes have come, which columns are as wide as.
    await page.waitForLoadState('networkidle');
    const edges = await columnEdges(page);
    const box = page.locator('.rows');
    const height = await box.evaluate((one) => one.scrollHeight);
    await box.evaluate((one) => one.scrollTo(0, one.scrollHeight / 2));
    await page.getByTitle('odd/run_0001').first().waitFor();
    assert.ok((await drawnRows(page)) < kDrawnMax);
    assert.deepEqual(await columnEdges(page), edges);
    await box.evaluate((one) => one.scrollTo(0, one.scrollHeight));
    await page
      .getByTitle(`odd/run_${kRuns - 1}`)
      .first()
      .waitFor();
    const after = await box.evaluate((one) => one.scrollHeight);
    assert.ok(Math.abs(after - height) < 0.05 * height, `${height} px became ${after} px`);
  });
  console.log('a table of 1,200 runs draws the rows in view, and its columns keep their places');
}

async function reachesEveryRowByKeys() {
  await test.withPage('/runs?sort=name', {}, async (page) => {
    await page.locator('tr[data-run]').first().focus();
    for (const [key, run] of [
      ['End', `odd/run_${kRuns - 1}`],
      ['ArrowUp', `odd/run_${kRuns - 3}`],
      ['Home', 'even/run_0000'],
      ['ArrowDown', 'even/run_0002'],
    ]) {
      await page.keyboard.press(key);
      await page.waitForFunction(
        (title) => document.activeElement?.querySelector('.both')?.getAttribute('title') === title,
        run,
      );
    }
    for (let i = 0; i < 100; i++) await page.keyboard.press('ArrowDown');
    await page.waitForFunction(
      () => document.activeElement?.querySelector('.both')?.getAttribute('title') === 'even/run_0202',
    );
    await page.keyboard.press('PageDown');
    await page.waitForFunction(
      () => (document.activeElement?.querySelector('.both')?.getAttribute('title') ?? '') > 'even/run_0220',
    );
    await page.waitForFunction(() => {
      const row = document.activeElement.getBoundingClientRect();
      const view = document.querySelector('.rows').getBoundingClientRect();
      return row.top >= view.top && row.bottom <= view.bottom + 1;
    });
  });
  console.log('arrows, Home, End, Page Up and Page Down reach every row');
}

/** What has the focus: the list that holds it, and whether it is in the row that had it before. */
function focusOf(page) {
  return page.evaluate(() => {
    const one = document.activeElement;
    const row = one?.closest('tr[data-run], [data-row]');
    return {
      name: one?.getAttribute('aria-label') ?? one?.textContent?.trim(),
      row: row?.dataset.run ?? row?.dataset.row ?? null,
    };
  });
}

async function passesListsByTab() {
  await test.withPage('/runs?sort=name', {}, async (page) => {
    await page.locator('tr[data-run]').first().waitFor();
    await page.locator('tr[data-run]').nth(2).focus();
    const { row } = await focusOf(page);
    let stops = 0;
    for (; (await focusOf(page)).row === row; stops++) await page.keyboard.press('Tab');
    assert.equal((await focusOf(page)).row, null, 'Tab went on to another row');
    assert.ok(stops > 4, `${stops} stops: what is in the row is reached`);
    await page.keyboard.press('Shift+Tab');
    assert.equal((await focusOf(page)).row, row);

    // The same in the run picker, where arrows reach rows that are not drawn yet.
    const picker = page.getByRole('complementary', { name: 'Runs shown' });
    await picker.getByRole('button', { name: 'None' }).focus();
    await page.keyboard.press('Tab');
    const first = (await focusOf(page)).row;
    assert.notEqual(first, null);
    await page.keyboard.press('End');
    await page.waitForFunction(
      (before) => ![before, undefined].includes(document.activeElement?.closest('[data-row]')?.dataset.row),
      first,
    );
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Home');
    await page.waitForFunction(
      (before) => document.activeElement?.closest('[data-row]')?.dataset.row === before,
      first,
    );
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction(
      (before) => document.activeElement?.closest('[data-row]')?.dataset.row !== before,
      first,
    );
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    assert.equal((await focusOf(page)).row, null);
  });
  console.log('Tab passes a table and the run picker, arrows go through their rows');
}

async function keepsTheFocusedRow() {
  await test.withPage('/runs?sort=name', {}, async (page) => {
    await page.locator('tr[data-run]').nth(3).focus();
    const run = await focusedRow(page);
    await page.locator('.rows').evaluate((one) => one.scrollTo(0, one.scrollHeight));
    await page
      .getByTitle(`odd/run_${kRuns - 1}`)
      .first()
      .waitFor();
    assert.equal(await focusedRow(page), run);
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction(
      (before) => (document.activeElement?.querySelector('.both')?.getAttribute('title') ?? '') > before,
      run,
    );
    assert.equal(await focusedRow(page), 'even/run_0008');
  });
  console.log('a row keeps the focus while it is scrolled out of view');
}

async function selectsAllOfThem() {
  await test.withPage('/runs?sort=name', {}, async (page) => {
    await page.locator('tr[data-run]').first().focus();
    await page.keyboard.press('Shift+End');
    await page.getByText(`${kRuns} selected`).waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByLabel('Find runs by a regular expression').fill('even/');
    await page.getByLabel('Select all listed runs').check();
    await page.getByText(`${kRuns / 2} selected`).waitFor();
    const bar = page.getByRole('toolbar', { name: 'Selected runs' });
    await bar.getByLabel('Tag for the selected runs').fill('half');
    await bar.getByRole('button', { name: 'Add' }).click();
    await waitUntil(
      async () => (await test.api('/api/v1/runs')).runs.filter((run) => run.tags.includes('half')).length === kRuns / 2,
    );
  });
  console.log('rows that are not drawn are selected and changed as well');
}

async function switchesRunsOfThePicker() {
  await test.withPage('/runs', {}, async (page) => {
    const picker = page.getByRole('complementary', { name: 'Runs shown' });
    await picker.getByText('500 of 1200').waitFor();
    await picker.getByRole('button', { name: 'All' }).click();
    await picker.getByText('1200 of 1200').waitFor();
    assert.ok((await picker.getByRole('checkbox').count()) < kDrawnMax);
    await picker.locator('.list').evaluate((one) => one.scrollTo(0, one.scrollHeight));
    const far = picker.locator('label[title="odd/run_0001"]');
    await far.locator('input').focus();
    await page.keyboard.press('Space');
    await picker.getByText('1199 of 1200').waitFor();
    await picker.locator('.list').evaluate((one) => one.scrollTo(0, 0));
    await picker.getByText('even/').first().waitFor();
    await page.keyboard.press('Space');
    await picker.getByText('1200 of 1200').waitFor();
  });
  console.log('the run picker draws the runs in view, and switches all of them');
}

async function hidesNothingUnderAFinger() {
  const options = { hasTouch: true, isMobile: true, viewport: { width: 1100, height: 800 } };
  await test.withPage('/metrics', options, async (page) => {
    const row = page.getByRole('complementary', { name: 'Runs shown' }).locator('[data-row]').nth(1);
    const only = row.getByRole('button', { name: /^Show only/ });
    await only.waitFor();
    assert.equal(await only.evaluate((one) => getComputedStyle(one).opacity), '1');
    const [name, button] = [await row.locator('label').boundingBox(), await only.boundingBox()];
    assert.ok(name.x + name.width <= button.x, 'the button lies on the name');
  });
  console.log('where there is no pointer to hover with, what can be pressed is seen');
}

async function makesCardsAsTheyAreScrolledTo() {
  const kTags = 900;
  const tags = Array.from({ length: kTags }, (_, i) => `part${Math.floor(i / 300)}/norm.${i}`);
  const table = join(test.folder, 'table.csv');
  await writeFile(table, `step,${tags.join(',')}\n0,${tags.map(() => 1).join(',')}\n`);
  assert.equal(await start(program, ['import', table, '--logdir', test.logdir, '--run', 'many']).done, 0);
  await waitUntil(async () => (await test.runAt('many')) !== undefined);
  const { id } = await test.runAt('many');
  await test.withPage(`/metrics?runs=${id}`, {}, async (page) => {
    const cards = page.locator('main article');
    const last = page.getByRole('article', { name: tags.at(-1), exact: true });
    const toEnd = () => page.locator('main').evaluate((one) => one.scrollTo(0, one.scrollHeight));
    await cards.first().waitFor();
    assert.ok((await cards.count()) < 200, `${await cards.count()} cards of ${kTags} are made at once`);
    await waitUntil(async () => (await toEnd(), (await last.count()) === 1));
    assert.equal(await cards.count(), kTags);
    await waitUntil(async () => (await toEnd(), (await last.locator('canvas').count()) === 1));
    await placeKept(page);
    const top = () => page.locator('main').evaluate((one) => one.scrollTop);
    const before = await top();
    await page.getByRole('link', { name: 'Runs' }).click();
    await page.getByRole('heading', { name: 'Runs' }).first().waitFor();
    await page.goBack();
    await waitUntil(async () => Math.abs((await top()) - before) < 3);
  });
  // A link, or a reload, of a card that fills the page knows nothing of what was scrolled to before.
  await test.withPage(`/metrics?runs=${id}&full=${tags.at(-1)}`, {}, async (page) => {
    await page.getByLabel('Close the full view').waitFor();
    await page.keyboard.press('Escape');
    const open = page.getByLabel(`Show ${tags.at(-1)} in full`);
    await waitUntil(() => open.evaluate((one) => one === document.activeElement));
    assert.ok((await page.locator('main').evaluate((one) => one.scrollTop)) > 0);
  });
  console.log('of hundreds of cards those are made that are scrolled to, and Back leads to where one was');
}
