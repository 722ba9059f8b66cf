// The projector page in a real browser, on embeddings that the project's own trainer wrote: what is found,
// selected, compared and played is what the data say, and a link shows it again.
//
// usage: node projector_page.mjs SPIROGRAM [SCREENSHOT_DIR]
// Exit code 77 where Chromium is missing: the test is then skipped.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import {
  drawn,
  kDrawing,
  kWaitMs,
  looksOther,
  pictureOf,
  pressTogether,
  runPageTest,
  saved,
  settled,
  waitUntil,
} from './page_test.mjs';
import { start } from './server.mjs';

const [program, screenshots] = process.argv.slice(2);

let test;
await runPageTest(program, async (opened) => {
  test = opened;
  await train('first', '1');
  await train('second', '2');
  await test.serve();
  await waitUntil(async () => (await test.runAt('first')) !== undefined && (await test.runAt('second')) !== undefined);
  await findsRowsByTheirMetadata();
  await listsNeighboursAsTheServerDoes();
  await selectsByBoxAndLasso();
  await keepsItsKeysToItself();
  await drawsAgainAndGivesTheGpuBack();
  await tellsQualityAndParameters();
  await drawsByUmap();
  await opensOnTheMapOfALink();
  await pausesAndGoesOn();
  await tellsTheStepOfASliderThatIsDragged();
  await playsThroughCheckpoints();
  await comparesTwoCheckpointsAndTwoRuns();
  await placesAnotherRunOnTheMap();
  await savesWhatItShows();
  await saysWhatTheSpaceLooksLike();
  await test.looksRight(await pictures(), screenshots);
  console.log('the panels fit in light and dark at 1440 and 900 px');
});

async function train(run, seed) {
  const flags = ['--steps', '600', '--threads', '1', '--device', 'cpu', '--seed', seed];
  const training = start(program, ['train', 'recsys', '--logdir', test.logdir, '--run', run, ...flags]);
  assert.equal(await training.done, 0);
}

/** Opens the projector and waits for its map. */
async function withMap(query, body, options = {}) {
  const { id } = await test.runAt('first');
  await test.withPage(`/projector?run=${id}${query.replace('?', '&')}`, options, async (page) => {
    await page.locator('.picture').first().locator(kDrawing).waitFor();
    await status(page).getByText('done').waitFor({ timeout: kWaitMs });
    // The metadata come after the map, and their legend moves what stands below it.
    await settled(page);
    await body(page);
  });
}

function status(page) {
  return page.locator('.quality [role=status]').first();
}

async function tableOf(page) {
  const tag = await page
    .locator('label.field', { hasText: /^\s*Embedding/ })
    .first()
    .getByRole('combobox')
    .inputValue();
  const run = (await test.runAt('first')).id;
  const query = `run=${run}&tag=${encodeURIComponent(tag)}`;
  return { query, metadata: await test.api(`/api/v1/embeddings/metadata?${query}`) };
}

async function findsRowsByTheirMetadata() {
  await withMap('', async (page) => {
    const { metadata } = await tableOf(page);
    const value = metadata.values[0][3];
    await page.getByLabel('Column to search').selectOption(metadata.columns[0]);
    await page.getByLabel('Find points by their metadata').fill(`^${value}$`);
    const expected = metadata.values[0].filter((one) => one.toLowerCase() === value.toLowerCase()).length;
    const hits = page.getByRole('region', { name: 'Hits' });
    await hits
      .getByText(`${expected.toLocaleString('en')} of `)
      .first()
      .waitFor();
    await hits.getByRole('button', { name: 'Select hits' }).click();
    const panel = page.getByRole('region', { name: 'Selection' });
    await panel.getByText(`${expected.toLocaleString('en')} selected`).waitFor();
    await page.getByLabel('Find points by their metadata').fill('(');
    await page.getByText('Taken as plain text').waitFor();
    await page.waitForFunction(() => location.search.includes('column=') && location.search.includes('rows='));
  });
  console.log('a search by a column finds the rows that have the value, and selects them');
}

async function listsNeighboursAsTheServerDoes() {
  await withMap('?row=7&near=5', async (page) => {
    const { query } = await tableOf(page);
    const panel = page.getByRole('region', { name: 'Row' });
    const rows = panel.locator('ol li');
    await rows.nth(4).waitFor();
    assert.equal(await rows.count(), 5);
    const step = (await test.api(`/api/v1/embeddings?${query}`)).checkpoints.at(-1).step;
    const { neighbours } = await test.api(`/api/v1/embeddings/row?${query}&step=${step}&row=7&neighbours=5`);
    const shown = await rows.locator('.num').allTextContents();
    shown.forEach((text, i) =>
      assert.ok(Math.abs(Number(text) - neighbours[i].distance) < 2e-3, `${text} is not ${neighbours[i].distance}`),
    );
    await page.getByText('Euclidean').click();
    await page.waitForFunction((cosine) => {
      const texts = [...document.querySelectorAll('[aria-label=Row] ol .num')].map((one) => one.textContent);
      return texts.length === 5 && texts.join() !== cosine;
    }, shown.join());
    await page.getByText('cosine', { exact: true }).click();
    await page.waitForFunction(
      (cosine) =>
        [...document.querySelectorAll('[aria-label=Row] ol .num')].map((one) => one.textContent).join() === cosine,
      shown.join(),
    );
    await rows.first().getByRole('button').click();
    await panel.getByText(`row ${neighbours[0].row}`, { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
  });
  console.log('the neighbours of a row are those of the original space');
}

async function drag(page, shape) {
  await settled(page);
  const box = await page.locator('.picture canvas.points').first().boundingBox();
  const at = ([x, y]) => [box.x + x * box.width, box.y + y * box.height];
  await page.mouse.move(...at(shape[0]));
  await page.mouse.down();
  for (const corner of shape.slice(1)) await page.mouse.move(...at(corner), { steps: 6 });
  await page.mouse.up();
}

async function selectedCount(page) {
  const text = await page.getByRole('region', { name: 'Selection' }).locator('h3').first().textContent();
  return Number(/([\d,]+) selected/.exec(text)[1].replaceAll(',', ''));
}

async function selectsByBoxAndLasso() {
  await withMap('', async (page) => {
    await page.keyboard.press('b');
    await drag(page, [
      [0.02, 0.02],
      [0.98, 0.98],
    ]);
    const all = await selectedCount(page);
    const points = (await tableOf(page)).metadata.values[0].length;
    assert.equal(all, points, 'a box around everything selects everything');
    await page.keyboard.press('Escape');
    await page.keyboard.press('l');
    await drag(page, [
      [0.5, 0.05],
      [0.95, 0.05],
      [0.95, 0.95],
      [0.5, 0.95],
    ]);
    const half = await selectedCount(page);
    assert.ok(half > 0 && half < all, `${half} of ${all}`);
    const canvas = page.locator('.picture canvas.points').first();
    const before = await pictureOf(canvas);
    await page.getByRole('button', { name: 'Isolate' }).click();
    await looksOther(canvas, before);
    await page.waitForFunction(() => location.search.includes('isolated=1'));
    await page.getByRole('button', { name: 'Clear the selection' }).click();
    await page.getByRole('region', { name: 'Selection' }).waitFor({ state: 'detached' });
  });
  await withMap('?rows=0-39,50&isolated=1', async (page) => {
    assert.equal(await selectedCount(page), 41);
    await page.getByRole('button', { name: 'Show all', exact: true }).click();
    await page.getByRole('button', { name: 'Isolate' }).waitFor();
  });
  console.log('box and lasso select what they enclose; the selection is isolated, linked and cleared');
}

async function keepsItsKeysToItself() {
  await withMap('?rows=0-39', async (page) => {
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal(await selectedCount(page), 40);
    await pressTogether(page, 'g', 'i');
    await page.getByRole('heading', { name: 'Media' }).waitFor();
    await page.waitForTimeout(300);
    assert.equal(new URL(page.url()).searchParams.get('isolated'), null);
  });
  console.log('a key for a dialog or for another page is none for the map');
}

async function drawsAgainAndGivesTheGpuBack() {
  await withMap('', async (page) => {
    const canvas = page.locator('.picture').first().locator(kDrawing);
    const before = await pictureOf(canvas);
    await canvas.evaluate((one) => {
      window.gl = one.getContext('webgl2');
      window.loss = window.gl.getExtension('WEBGL_lose_context');
      window.loss.loseContext();
    });
    await looksOther(canvas, before);
    await page.evaluate(() => window.loss.restoreContext());
    await waitUntil(async () => (await canvas.screenshot()).equals(before));
    await page.getByRole('link', { name: 'Runs' }).click();
    await page.getByRole('heading', { name: 'Runs' }).first().waitFor();
    await waitUntil(() => page.evaluate(() => window.gl.isContextLost()));
  });
  console.log('a map is drawn again once the GPU is back, and holds none of it when it is left');
}

async function tellsQualityAndParameters() {
  await test.withPage('/projector?method=tsne&iterations=400&perplexity=10', {}, async (page) => {
    await page.getByText('How many neighbours a point minds').waitFor({ timeout: kWaitMs });
    await page.getByRole('button', { name: /run t-sne/i }).click({ timeout: kWaitMs });
    await status(page).getByText('done').waitFor({ timeout: kWaitMs });
    const text = await status(page).textContent();
    assert.match(
      text,
      /KL.* \d+\.\d{4}.*iteration 400 of 400.*trustworthiness 0\.\d+.*recall@10 0\.\d+.*span \d.*time .*on cpu/s,
    );
    assert.equal(await page.getByText('mean little').count(), 1);
    await page.getByRole('button', { name: 'Explain the figures' }).click();
    await page.getByText('Kullback-Leibler divergence in nats').last().waitFor();
  });
  console.log('the quality of a map is told and explained, and so are its parameters');
}

async function drawsByUmap() {
  await test.withPage('/projector?method=umap&epochs=60', {}, async (page) => {
    await page.getByText('Rounds of attraction and repulsion').waitFor({ timeout: kWaitMs });
    await page.getByLabel('Neighbours', { exact: true }).fill('20');
    await page.getByLabel('Neighbours', { exact: true }).press('Tab');
    await page.getByRole('button', { name: /run umap/i }).click({ timeout: kWaitMs });
    await status(page).getByText('done').waitFor({ timeout: kWaitMs });
    const text = await status(page).textContent();
    assert.match(text, /UMAP.*epoch 60 of 60.*trustworthiness 0\.\d+.*recall@10 0\.\d+.*on cpu, sampling/s);
    assert.doesNotMatch(text, /KL/);
    assert.match(page.url(), /n_neighbors=20/);
    await page.getByRole('button', { name: 'Continue', exact: true }).waitFor();
    const projections = (await test.api('/api/v1/projections')).projections;
    assert.equal(projections.at(-1).n_neighbors, 20);
  });
  console.log('a UMAP is drawn with the neighbours that were asked for, and tells its epochs');
}

async function opensOnTheMapOfALink() {
  const { id } = await test.runAt('first');
  const countOf = async () => (await test.api('/api/v1/projections')).projections.length;
  const run = (page) => page.getByRole('button', { name: 'Run t-SNE' });
  const link = `/projector?run=${id}&method=tsne&iterations=60&seed=5`;
  let begun = 0;
  await test.withPage(link, {}, async (page) => {
    await page.getByText('Press “Run t-SNE” to start.').waitFor();
    begun = await countOf();
    await run(page).click();
    await status(page).getByText('done').waitFor({ timeout: kWaitMs });
  });
  // In another browser, without a press; only what is asked for is shown.
  await test.withPage(link, {}, async (page) => {
    await status(page).getByText('done').waitFor();
    await page.locator('.picture').first().locator(kDrawing).waitFor();
    assert.equal(await countOf(), begun + 1, 'the map was there');
  });
  await test.withPage(link.replace('seed=5', 'seed=6'), {}, (page) =>
    page.getByText('Press “Run t-SNE” to start.').waitFor(),
  );
  // One that went on from it has a link of its own.
  let continued = { link: '', figures: '' };
  await test.withPage(link, {}, async (page) => {
    const whole = () => waitUntil(async () => /recall/.test(await status(page).textContent()));
    await whole();
    const figures = await status(page).textContent();
    await page.getByRole('button', { name: 'Continue', exact: true }).click();
    await waitUntil(async () => (await status(page).textContent()) !== figures && /continued=/.test(page.url()));
    await status(page).getByText('done').waitFor({ timeout: kWaitMs });
    await whole();
    const { pathname, search } = new URL(page.url());
    continued = { link: `${pathname}${search}`, figures: await status(page).textContent() };
    assert.notEqual(continued.figures, figures);
  });
  await test.withPage(continued.link, {}, (page) =>
    waitUntil(async () => (await status(page).textContent()) === continued.figures),
  );
  // One that somebody else has started is watched.
  await test.withPage(link.replace('iterations=60', 'iterations=10000'), {}, async (page) => {
    await run(page).click();
    await status(page).getByText('running').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await test.withPage(link.replace('iterations=60', 'iterations=10000'), {}, async (other) => {
      await status(other).getByText('paused').waitFor();
      await other.locator('.picture').first().locator(kDrawing).waitFor();
    });
    await page.getByRole('button', { name: 'Cancel' }).click();
  });
  assert.equal(await countOf(), begun + 3, 'looking starts nothing');
  console.log('a link opens on the map that it was made of, or on the one that is being made');
}

async function pausesAndGoesOn() {
  await test.withPage('/projector?method=tsne&iterations=9000&fast=1', {}, async (page) => {
    const button = (name) => page.getByRole('button', { name, exact: true });
    const badge = (text) => status(page).getByText(text, { exact: true });
    await page.getByText('15 neighbours of equal weight').waitFor({ timeout: kWaitMs });
    await page.getByRole('button', { name: /run t-sne/i }).click();
    await button('Pause').click();
    await badge('paused').waitFor();
    await button('+500').click();
    await status(page).getByText('of 9,500').waitFor();
    await button('Resume').click();
    await badge('running').waitFor();
    await button('Cancel').click();
    await badge('cancelled').waitFor();
    await page.getByLabel('Iterations', { exact: true }).fill('50');
    await page.getByLabel('Iterations', { exact: true }).press('Tab');
    await button('Continue').click();
    await badge('done').waitFor({ timeout: kWaitMs });
    await status(page).getByText('50 of 50').waitFor();
  });
  console.log('a fast look is paused, resumed, made longer, cancelled and gone on with');
}

async function tellsTheStepOfASliderThatIsDragged() {
  await withMap('', async (page) => {
    const slider = page.getByRole('slider', { name: /^Step/ });
    const told = page.locator('label.field', { hasText: /^\s*Step/ }).getByRole('status');
    const last = await told.textContent();
    await slider.evaluate((one) => {
      one.value = '0';
      one.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await waitUntil(async () => (await told.textContent()) === '0');
    assert.ok(!page.url().includes('step='), 'no map is asked for while the slider moves');
    await slider.evaluate((one) => {
      one.value = one.max;
      one.dispatchEvent(new Event('input', { bubbles: true }));
      one.dispatchEvent(new Event('change', { bubbles: true }));
    });
    await waitUntil(async () => (await told.textContent()) === last);
  });
}

async function playsThroughCheckpoints() {
  await withMap('?panel=time', async (page) => {
    await page.getByRole('button', { name: 'Map all checkpoints' }).click();
    const slider = page.getByLabel('Time', { exact: true }).last();
    await page.getByText('Moved most').waitFor({ timeout: kWaitMs });
    await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached', timeout: kWaitMs });
    await slider.focus();
    const canvas = page.locator('.picture canvas.points').first();
    const first = await pictureOf(canvas);
    for (let i = 0; i < 10; i++) await page.keyboard.press('ArrowRight');
    await looksOther(canvas, first); // half way between two checkpoints
    // Watched from within the page, where it may be over before this test goes on.
    const isPlaying = page.waitForFunction(() => document.querySelector('button[aria-label=Pause]') !== null);
    await page.getByRole('button', { name: 'Play' }).click();
    await isPlaying;
    await page.getByRole('button', { name: 'Play' }).waitFor();
    assert.equal(Number(await slider.inputValue()), Number(await slider.getAttribute('max')));
    await page.getByRole('button', { name: 'Colour by movement' }).click();
    await page.getByRole('button', { name: 'Select them' }).click();
    await page.getByText('20 rows selected: moved most').waitFor();
  });
  console.log('checkpoints are played, and the rows that moved most are listed');
}

async function comparesTwoCheckpointsAndTwoRuns() {
  await withMap('?panel=compare', async (page) => {
    await page.getByLabel('Step to compare with').selectOption({ index: 1 });
    await page.locator('.picture').nth(1).locator('canvas.points').waitFor({ timeout: kWaitMs });
    await page.getByText('map residual').waitFor();
    await page.getByText('CKA', { exact: true }).waitFor({ timeout: kWaitMs });
    await page.getByRole('button', { name: 'Colour by change' }).click();
    await page.waitForFunction(() => location.search.includes('change'));
    const other = page.locator('.picture').nth(1);
    const { x, y, width, height } = await page.locator('.picture canvas.points').first().boundingBox();
    for (let i = 1; i < 20 && (await other.locator('.linked').count()) === 0; i++) {
      await page.mouse.move(x + width * (0.3 + 0.02 * i), y + height / 2);
      await drawn(page);
    }
    assert.equal(await other.locator('.linked').count(), 1, 'a point that is hovered here is ringed there');
    await page.getByLabel('Run to compare with').selectOption({ label: 'second' });
    await page.getByLabel('Step to compare with').selectOption({ index: 1 });
    await page.waitForFunction(() => location.search.includes('from_run='));
    await page.getByText('map residual').waitFor({ timeout: kWaitMs });
  });
  console.log('two checkpoints and two runs are compared side by side, with linked hover');
}

async function placesAnotherRunOnTheMap() {
  const other = (await test.runAt('second')).id;
  await withMap(
    '?panel=compare',
    async (page) => {
      const panel = page.getByRole('region', { name: 'Place another embedding' });
      await panel.getByLabel('Run to place').selectOption(`${other}`);
      const canvas = page.locator('.picture canvas.points').first();
      const before = await pictureOf(canvas);
      await panel.getByRole('button', { name: 'Place them' }).click();
      const said = panel.getByText(/[\d,]+ rows placed\./);
      await said.waitFor({ timeout: kWaitMs });
      const tag = (await tableOf(page)).query.split('tag=')[1];
      const rows = (await test.api(`/api/v1/embeddings?run=${other}&tag=${tag}`)).checkpoints.at(-1).rows;
      assert.match(await said.textContent(), new RegExp(`^${rows.toLocaleString('en')} rows placed`));
      await panel.getByText('recall@10').waitFor();
      await page
        .locator('aside')
        .getByText(/placed/)
        .first()
        .waitFor();
      await looksOther(canvas, before);
      await page.getByRole('tab', { name: 'Share' }).click();
      const save = async (name) =>
        (await readFile(await saved(page, () => page.getByRole('button', { name, exact: true }).click()))).toString();
      const csv = (await save('CSV')).split('\r\n');
      assert.ok(csv[0].startsWith('row,placed,x,y'), csv[0]);
      assert.equal(csv.filter((line) => /^\d+,yes,/.test(line)).length, rows);
      assert.match(await save('SVG'), /<g id="placed"[^>]*><circle/);
      await page.getByRole('tab', { name: 'Compare' }).click();
      await page.waitForFunction(
        (run) => ['panel=compare', `placed_run=${run}`, 'placed_tag='].every((part) => location.search.includes(part)),
        other,
      );
      // The link shows it again.
      await page.reload();
      await panel.getByText(/[\d,]+ rows placed\./).waitFor({ timeout: kWaitMs });
      await panel.getByRole('button', { name: 'Take them away' }).click();
      await page.waitForFunction(() => !location.search.includes('placed_'));
      await panel.getByText('rows placed').waitFor({ state: 'detached' });
    },
    { acceptDownloads: true },
  );
  console.log('the rows of another run are placed on the map and taken away');
}

async function savesWhatItShows() {
  await withMap(
    '?panel=share&rows=0-4,9',
    async (page) => {
      const { metadata } = await tableOf(page);
      await page
        .getByLabel('Colour by')
        .locator('option', { hasText: metadata.columns[0] })
        .first()
        .waitFor({ state: 'attached' });
      const save = async (name) =>
        readFile(await saved(page, () => page.getByRole('button', { name, exact: true }).click()));
      const csv = (await save('CSV of the selection')).toString().split('\r\n');
      assert.equal(csv.length, 8);
      assert.ok(csv[0].startsWith(`row,x,y,${metadata.columns[0]}`), csv[0]);
      assert.equal((await save('CSV')).toString().split('\r\n').length, metadata.values[0].length + 2);
      assert.equal((await save('PNG')).toString('latin1', 1, 4), 'PNG');
      assert.equal((await save('SVG')).toString().match(/<circle/g).length, metadata.values[0].length);
      assert.equal(
        (await save('Metadata')).toString().split('\n').length,
        metadata.values[0].length + (metadata.columns.length > 1 ? 2 : 1),
      );
      await page.goto(test.url('/projector?panel=share&rows=1-6&row=4'));
      await page.getByText('6 rows selected').waitFor();
      const bookmark = await save('Bookmark');
      await page.getByLabel('Names beside points').check();
      await page.goto(test.url('/projector?panel=share'));
      await page.getByText('Open bookmark').waitFor();
      await page
        .locator('input[type=file]')
        .setInputFiles({ name: 'view.json', mimeType: 'application/json', buffer: bookmark });
      await page.getByText('6 rows selected').waitFor();
      await page.waitForURL(/row=4\b/);
      await page
        .locator('input[type=file]')
        .setInputFiles({ name: 'no.json', mimeType: 'application/json', buffer: Buffer.from('{}') });
      await page.getByText('no bookmark').waitFor();
      await opensStatesOfTensorBoard(page, metadata.values[0].length);
    },
    { acceptDownloads: true },
  );
  console.log('the map is saved as CSV, PNG and SVG, and the view as a bookmark that opens again');
}

/** What its projector saves as state.txt. */
async function opensStatesOfTensorBoard(page, points) {
  const state = (label, selectedPoints, pcaComponentDimensions, isSelected) => ({
    label,
    isSelected,
    projections: [],
    selectedProjection: 'pca',
    dataSetDimensions: [points, 8],
    selectedPoints,
    pcaComponentDimensions,
  });
  const open = (states) =>
    page
      .locator('input[type=file]')
      .setInputFiles({ name: 'state.txt', mimeType: 'text/plain', buffer: Buffer.from(JSON.stringify(states)) });
  await open([state('flat', [4, 2], [0, 1], false), state('deep', [1, 5, 3], [0, 1, 2], true)]);
  await page.getByText('3 rows selected: deep').waitFor();
  await page.waitForURL(/dims=3/);
  await page.getByRole('button', { name: 'flat', exact: true }).click();
  await page.getByText('2 rows selected: flat').waitFor();
  await page.waitForURL((url) => !url.search.includes('dims=3'));
  await open([{ ...state('other', [1], [0, 1], true), dataSetDimensions: [points + 1, 8] }]);
  await page.getByRole('alert').filter({ hasText: '“other” is of' }).waitFor();
}

async function saysWhatTheSpaceLooksLike() {
  const routes = Object.keys((await test.api('/api/v1/openapi.json')).paths);
  const isAble = routes.some((path) => path.endsWith('/embeddings/statistics'));
  await withMap('?panel=statistics', async (page) => {
    const answer = isAble ? page.getByText('All statistics of step') : page.getByText('does not compute statistics');
    await answer.waitFor({ timeout: kWaitMs });
    if (isAble)
      assert.equal(await page.getByRole('region', { name: 'Over the checkpoints' }).getByRole('img').count(), 3);
    const select = page.getByRole('tabpanel').getByRole('button', { name: /^Select .* rows$/ });
    if ((await select.count()) === 0) return;
    await select.first().click();
    await page.getByText('rows selected:').waitFor();
    await page.getByRole('button', { name: 'Colour by finding' }).click();
    await page.waitForFunction(() => location.search.includes('finding'));
  });
  console.log('the statistics of the space are told, and their rows selected');
}

async function pictures() {
  const { id } = await test.runAt('first');
  const panels = { statistics: '', compare: '&from_step=0', share: '&named=1' };
  const shown = Object.entries(panels).map(([panel, more]) => [
    `projector_${panel}`,
    `/projector?run=${id}&panel=${panel}${more}`,
  ]);
  return Object.fromEntries([
    ['projector_row', `/projector?run=${id}&row=7`],
    ['projector_selection', `/projector?run=${id}&rows=0-300&named=1`],
    ['projector_tsne', `/projector?run=${id}&method=tsne`],
    ...shown,
  ]);
}
