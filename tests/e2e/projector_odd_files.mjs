// The projector page on embeddings as nobody should write them: columns of one name, texts of thousands of letters,
// rows that are no numbers, one row.
//
// usage: node projector_odd_files.mjs SPIROGRAM
// Exit code 77 where Chromium is missing: the test is then skipped.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { runPageTest, saved, waitUntil } from './page_test.mjs';
import { tightClusters, writeEmbedding } from './projector_files.mjs';

const [program] = process.argv.slice(2);
const kRows = 60;
const kLong = 'L'.repeat(3000);

let test;
await runPageTest(program, async (opened) => {
  test = opened;
  const values = tightClusters(kRows, 8, 3, 5);
  const lines = [
    `a\ta\t\t${kLong}`,
    ...Array.from({ length: kRows }, (_, row) => `first ${row % 2}\tsecond ${row % 3}\t${kLong}${row % 2}\tshort`),
  ];
  await writeEmbedding(join(test.logdir, 'odd'), { tag: 'odd', values, dims: 8, lines });
  const holed = values.slice();
  holed[3 * 8 + 1] = NaN;
  await writeEmbedding(join(test.logdir, 'holed'), { tag: 'holed', values: holed, dims: 8 });
  const broken = values.map((value, at) => (at % 8 === 1 ? NaN : value));
  await writeEmbedding(join(test.logdir, 'broken'), { tag: 'broken', values: broken, dims: 8 });
  await writeEmbedding(join(test.logdir, 'one'), { tag: 'one', values: values.slice(0, 8), dims: 8, lines: ['only'] });
  await test.serve(['--no-yield']);
  await waitUntil(
    async () => (await test.api('/api/v1/tags')).tags.filter((tag) => tag.kind === 'embedding').length === 4,
  );
  await tellsColumnsOfOneNameApart();
  await keepsLongTextsShort();
  await leavesOutARowThatIsNoNumber();
  await saysThatThereIsNoMap();
  await drawsASingleRow();
  await saysWhatALinkNamesAndIsNotThere();
});

/** `press`: the button that starts the map; null: there is none to wait for. */
async function withMap(path, query, body, press = '') {
  const { id } = await test.runAt(path);
  await test.withPage(`/projector?run=${id}${query}`, { acceptDownloads: true }, async (page) => {
    if (press !== null && press !== '') await page.getByRole('button', { name: press }).click();
    if (press !== null)
      await page
        .locator('.figures')
        .getByText(/^(done|failed)$/)
        .waitFor();
    await body(page);
  });
}

async function tellsColumnsOfOneNameApart() {
  await withMap('odd', '&row=3', async (page) => {
    const row = page.getByRole('region', { name: 'Row' });
    const columns = ['a', 'a (2)', 'column 3', kLong].join();
    await waitUntil(async () => (await row.locator('dt').allTextContents()).join() === columns);
    assert.equal(await row.locator('dd').nth(1).textContent(), 'second 0');
    const [edge, values] = await row.evaluate((one) =>
      [one, one.querySelector('dd:last-of-type')].map((part) => part.getBoundingClientRect()),
    );
    assert.ok(
      values.width > 80 && values.right <= edge.right,
      'a name of thousands of letters leaves room for the values',
    );
    assert.ok(values.height < 200);
    await page.getByLabel('Colour by').selectOption('a (2)');
    await page.getByTitle('second 2', { exact: true }).waitFor();
  });
  console.log('columns of one name are told apart');
}

async function keepsLongTextsShort() {
  await withMap('odd', `&colour=${encodeURIComponent('column 3')}&rows=0-9`, async (page) => {
    const legend = page.getByTitle(`${kLong}1`, { exact: true }).first();
    await legend.waitFor();
    const texts = page.locator('[role=tabpanel] [title^=LLL], [role=tabpanel] .text');
    await waitUntil(async () => (await texts.count()) > 10);
    const heights = await texts.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
    assert.ok(Math.max(...heights) < 80, `${heights}`);
  });
  console.log('texts of thousands of letters take a few lines');
}

async function leavesOutARowThatIsNoNumber() {
  await withMap('holed', '&panel=statistics', async (page) => {
    await page
      .locator('.figures')
      .getByText('Row 3 holds NaN, Inf or a number beyond 1e30 and has no place.')
      .waitFor();
    await page.getByText('1 row holds NaN or Inf', { exact: true }).waitFor();
    await page.getByRole('tab', { name: 'Share' }).click();
    const csv = (
      await readFile(await saved(page, () => page.getByRole('button', { name: 'CSV', exact: true }).click()))
    )
      .toString()
      .split('\r\n');
    assert.equal(csv[4], '3,,');
    assert.equal(csv.length, kRows + 2);
  });
  await withMap(
    'holed',
    '&method=tsne',
    async (page) => {
      await page.getByText('60 rows allow 19, a third of the others').waitFor();
    },
    'Run t-SNE',
  );
  await withMap(
    'one',
    '&method=tsne',
    async (page) => {
      await page.getByText('t-SNE wants at least 4 rows, this table has 1').waitFor();
      assert.equal(await page.getByRole('button', { name: 'Run t-SNE' }).isDisabled(), true);
    },
    null,
  );
  console.log('a row that is no number is left out, named, and the others are drawn');
}

async function saysThatThereIsNoMap() {
  await withMap('broken', '', async (page) => {
    await page.locator('.figures').getByText(`${kRows} of ${kRows} rows hold NaN or Inf`).waitFor();
    await page.getByText('There is no map: see below.').waitFor();
    assert.equal(await page.getByText('The server is computing').count(), 0);
  });
  console.log('a map that failed is no map that is being computed');
}

async function drawsASingleRow() {
  await withMap('one', '', async (page) => {
    const select = page.getByLabel('Column to search');
    const [text, room] = await select.evaluate((one) => {
      const style = getComputedStyle(one);
      const ruler = document.createElement('canvas').getContext('2d');
      ruler.font = `${style.fontSize} ${style.fontFamily}`;
      return [
        ruler.measureText(one.selectedOptions[0].text).width,
        one.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight),
      ];
    });
    const kArrow = 20;
    assert.ok(text + kArrow <= room, `“any column” takes ${text} px of ${room}`);
    await page.getByLabel('Colour by').selectOption('label');
    await page.getByTitle('only', { exact: true }).waitFor();
    assert.match(await page.locator('.figures').textContent(), /done/);
  });
  console.log('a single row is drawn');
}

async function saysWhatALinkNamesAndIsNotThere() {
  await withMap('odd', '&tag=gone', (page) => page.getByText('odd has no embedding “gone”: this is odd.').waitFor());
  await withMap('odd', '&step=77', (page) =>
    page.getByText('There is no checkpoint at step 77: this is step 0.').waitFor(),
  );
  await withMap('odd', '', async (page) =>
    assert.equal(await page.getByText(/has no embedding|no checkpoint/).count(), 0),
  );
  console.log('what a link names and is not there is told');
}
