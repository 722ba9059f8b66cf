// The panel beside the projector's map while the metadata are on their way, and what is told of a point under the pointer.
//
// usage: node projector_panels.mjs SPIROGRAM
// Exit code 77 where Chromium is missing: the test is then skipped.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { drawn, kDrawing, kWaitMs, looksOther, pictureOf, runPageTest, saved, waitUntil } from './page_test.mjs';
import { tightClusters, writeEmbedding } from './projector_files.mjs';

const [program] = process.argv.slice(2);
const kRows = 240;
const kManyRows = 200_000;
const kMetadata = '**/api/v1/embeddings/metadata*';
const kLong = 'a text that takes more lines of a tip than there is room for, '.repeat(8);

let test;
await runPageTest(program, async (opened) => {
  test = opened;
  const values = tightClusters(kRows, 8, 6, 5);
  const lines = (column) => [`${column}\tgroup`, ...Array.from({ length: kRows }, (_, row) => `${row}\tg${row % 6}`)];
  await writeEmbedding(join(test.logdir, 'cities'), {
    tag: 'table',
    values,
    dims: 8,
    lines: lines('city'),
  });
  await writeEmbedding(join(test.logdir, 'birds'), {
    tag: 'table',
    values,
    dims: 8,
    lines: lines('bird'),
  });
  const texts = [
    Array.from({ length: 9 }, (_, at) => `column ${at}`).join('\t'),
    ...Array.from({ length: kRows }, () => Array(9).fill(kLong).join('\t')),
  ];
  await writeEmbedding(join(test.logdir, 'long'), {
    tag: 'table',
    values,
    dims: 8,
    lines: texts,
  });
  await writeEmbedding(join(test.logdir, 'many'), {
    tag: 'table',
    values: tightClusters(kManyRows, 2, 6, 5),
    dims: 2,
    lines: ['name\tgroup', ...Array.from({ length: kManyRows }, (_, row) => `name ${row}\tg${row % 6}`)],
  });
  await test.serve(['--no-yield']);
  await waitUntil(
    async () => (await test.api('/api/v1/tags')).tags.filter((tag) => tag.kind === 'embedding').length === 4,
  );
  await isUsedBeforeTheMetadataAreThere();
  await keepsTheRowsOfAListStill();
  await forgetsTheNamesOfAnotherTable();
  await tellsWhereASliderIsWhileItIsDragged();
  await namesPointsByAnyColumn();
  await opensABookmarkTwice();
  await showsAllOfATip();
  await showsWhatIsIsolatedAsItsLinkDoes();
  await searchesManyTextsOncePerPause();
});

async function withPage(run, query, body) {
  const { id } = await test.runAt(run);
  await test.withPage(`/projector?run=${id}${query}`, { acceptDownloads: true }, body);
}

/** Keeps back what is asked for at these addresses until the function that it gives is called. */
async function hold(page, addresses) {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(addresses, async (route) => {
    await held;
    await route.continue();
  });
  return release;
}

function panelOf(page) {
  return page.locator('aside.card');
}

/** That it stays there for a while, however the page is laid out meanwhile. */
async function staysAt(locator, box) {
  await locator.page().waitForTimeout(500);
  assert.deepEqual(await locator.boundingBox(), box);
}

async function isUsedBeforeTheMetadataAreThere() {
  await withPage('cities', '&method=tsne&rows=0-39', async (page) => {
    await page.getByRole('button', { name: 'Run t-SNE' }).click();
    await page.locator('.figures').getByText('done', { exact: true }).waitFor();
    const release = await hold(page, kMetadata);
    await page.reload();
    const panel = panelOf(page);
    await panel.getByText('Reading the metadata…').first().waitFor();
    const perplexity = panel.getByLabel('Perplexity');
    const seed = panel.getByLabel('Seed');
    await seed.fill('12');
    await seed.press('Enter');
    await page.waitForURL(/seed=12/);
    await seed.fill('1');
    await seed.press('Enter');
    await page.waitForURL((url) => !url.search.includes('seed='));
    await panel.getByRole('tab', { name: 'Statistics' }).click();
    await panel.getByText('All statistics of step').waitFor({ timeout: kWaitMs });
    await panel.getByRole('tab', { name: 'Inspect' }).click();
    const before = await perplexity.boundingBox();
    const isolate = panel.getByRole('button', { name: 'Isolate' });
    assert.equal(await isolate.count(), 0, 'what a selection holds is not told before its metadata are there');
    release();
    await isolate.waitFor();
    await panel.getByTitle('g5', { exact: true }).first().waitFor();
    await staysAt(perplexity, before);
    // Once nobody is at the panel, all is as high as what it holds.
    await page.evaluate(() => document.activeElement?.blur());
    await page.mouse.move(500, 500);
    await waitUntil(async () => (await perplexity.boundingBox()).y !== before.y);
  });
  console.log('what needs no metadata is used before they are there, and stays in its place');
}

async function keepsTheRowsOfAListStill() {
  await withPage('cities', '&search=g1', async (page) => {
    const release = await hold(page, kMetadata);
    await page.reload();
    const panel = panelOf(page);
    await panel.getByText('Reading the metadata…').first().waitFor();
    const sphere = panel.getByLabel('Sphereize rows');
    await sphere.hover();
    const before = await sphere.boundingBox();
    assert.equal(await panel.getByText('0 of 240 points').count(), 0, 'what is not read yet is not without hits');
    release();
    await panel.getByText('40 of 240 points').waitFor();
    await staysAt(sphere, before);
  });
  console.log('what a search finds comes into a place that was kept for it');
}

/** Metadata come after the map: while the map of another table was made, its rows had the names of the last one. */
async function forgetsTheNamesOfAnotherTable() {
  await withPage('cities', '', async (page) => {
    const colours = panelOf(page).getByLabel('Colour by').locator('option');
    const names = async () => (await colours.allTextContents()).join();
    await waitUntil(async () => (await names()) === 'nothing,city,group');
    const release = await hold(page, '**/api/v1/projections*');
    const runs = page
      .locator('label.field', { hasText: /^\s*Run/ })
      .first()
      .getByRole('combobox');
    await runs.selectOption(`${(await test.runAt('birds')).id}`);
    await waitUntil(async () => (await names()) === 'nothing');
    release();
    await waitUntil(async () => (await names()) === 'nothing,bird,group');
  });
  console.log('rows of another table never have the names of the last one');
}

async function tellsWhereASliderIsWhileItIsDragged() {
  await withPage('cities', '&row=3', async (page) => {
    const slider = panelOf(page).getByLabel('Number of neighbours');
    const count = panelOf(page).getByRole('region', { name: 'Row' }).getByRole('status');
    await waitUntil(async () => (await count.textContent()) === '20');
    await slider.evaluate((one) => {
      one.value = '7';
      one.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await waitUntil(async () => (await count.textContent()) === '7');
    assert.ok(!page.url().includes('near=7'), 'nothing is searched for while it moves');
    await slider.evaluate((one) => one.dispatchEvent(new Event('change', { bubbles: true })));
    await page.waitForURL(/near=7/);
  });
  console.log('a slider tells its value while it is dragged');
}

/** Where the lowest point of the map is on it, as its drawing says. */
async function lowestPoint(page) {
  const svg = await saved(page, () => page.getByRole('button', { name: 'SVG', exact: true }).click());
  const circles = [...(await readFile(svg, 'utf8')).matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)];
  assert.equal(circles.length, kRows);
  return circles.map(([, x, y]) => ({ x: Number(x), y: Number(y) })).reduce((a, b) => (a.y > b.y ? a : b));
}

async function showsAllOfATip() {
  await withPage('long', '&panel=share', async (page) => {
    await page.locator('.picture').locator(kDrawing).waitFor();
    const point = await lowestPoint(page);
    const box = await page.locator('.picture canvas.points').boundingBox();
    const tip = page.locator('.tip');
    await page.mouse.move(box.x + point.x, box.y + point.y);
    await tip.waitFor();
    await drawn(page);
    const place = await tip.boundingBox();
    assert.ok(place.y >= box.y && place.y + place.height <= box.y + box.height + 1, JSON.stringify({ place, box }));
    assert.ok(await tip.evaluate((one) => one.scrollHeight <= one.clientHeight), 'the last column is told as well');
    assert.equal(await tip.getByText('column 8').count(), 1);
  });
  console.log('the tip of a point stands on the map with all that it tells');
}

async function showsWhatIsIsolatedAsItsLinkDoes() {
  // Every sixth row lies in one group: near each other, and far from the others.
  const rows = Array.from({ length: kRows / 6 }, (_, at) => 6 * at).join();
  const drawnAs = async (page) => {
    await page.locator('.picture').locator(kDrawing).waitFor();
    return pictureOf(page.locator('.picture canvas.points'));
  };
  await withPage('cities', `&rows=${rows}`, async (page) => {
    await drawnAs(page);
    await panelOf(page).getByRole('button', { name: 'Isolate' }).click();
    await page.waitForURL(/isolated=1/);
    await page.mouse.move(0, 0);
    const isolated = await drawnAs(page);
    await page.reload();
    assert.ok((await drawnAs(page)).equals(isolated), 'the link shows the same');
  });
  console.log('what is isolated fills the map, as it does where its link is opened');
}

async function searchesManyTextsOncePerPause() {
  await withPage('many', '', async (page) => {
    await panelOf(page).getByTitle('g5', { exact: true }).first().waitFor();
    const field = page.getByLabel('Find points by their metadata');
    const isSearched = await field.evaluate(async (one) => {
      one.value = 'name 77';
      one.dispatchEvent(new Event('input', { bubbles: true }));
      for (let i = 0; i < 20; i++) await Promise.resolve();
      return document.querySelector('[aria-label="Hits"]') !== null;
    });
    assert.equal(isSearched, false, 'letters that follow at once are waited for');
    await panelOf(page).getByText('1,111 of 200,000 points').waitFor();
    assert.equal(await field.inputValue(), 'name 77');
  });
  console.log('many texts are searched once the typing pauses');
}

async function namesPointsByAnyColumn() {
  await withPage('cities', '&panel=share', async (page) => {
    const by = panelOf(page).getByLabel('Names by');
    await page.locator('.picture').locator(kDrawing).waitFor();
    assert.equal(await by.isDisabled(), true);
    await panelOf(page).getByLabel('Names beside points').check();
    await waitUntil(async () => (await by.inputValue()) === 'city');
    const lettered = page.locator('.picture canvas.over').last();
    const cities = await pictureOf(lettered);
    await by.selectOption('group');
    await page.waitForURL(/named_by=group/);
    await looksOther(lettered, cities);
    await page.reload();
    await waitUntil(async () => (await by.inputValue()) === 'group');
  });
  console.log('names beside points are of the column that is chosen');
}

async function opensABookmarkTwice() {
  await withPage('cities', '&panel=share&rows=1-6', async (page) => {
    const file = await saved(page, () => page.getByRole('button', { name: 'Bookmark', exact: true }).click());
    const bookmark = { name: 'view.json', mimeType: 'application/json', buffer: await readFile(file) };
    const input = page.locator('input[type=file]');
    await page.keyboard.press('Escape');
    await page.getByText('6 rows selected').waitFor({ state: 'detached' });
    await input.setInputFiles(bookmark);
    await page.getByText('6 rows selected').waitFor();
    // A browser tells nothing of a file that is the field's already.
    assert.equal(await input.inputValue(), '');
  });
  console.log('a bookmark can be opened again');
}
