// What the projector page does beyond showing a map: axes that one chooses, labels that one edits, links that show
// the same place and time, thumbnails, and a density where the points cannot be drawn.
//
// usage: node projector_tools.mjs SPIROGRAM [TEST_DATA [SCREENSHOT_DIR]]
// Exit code 77 where Chromium is missing: the test is then skipped. Without MNIST in TEST_DATA, digits are left out.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { drawn, kDrawing, kWaitMs, looksOther, pictureOf, runPageTest, saved, waitUntil } from './page_test.mjs';
import { random, readMnist, spriteOf, tightClusters, writeEmbedding } from './projector_files.mjs';
import { start } from './server.mjs';

const [program, data, screenshots] = process.argv.slice(2);
const kLargePoints = 4_100_000;

let test;
let hasDigits = false;
await runPageTest(program, async (opened) => {
  test = opened;
  const flags = ['--steps', '600', '--threads', '1', '--device', 'cpu', '--seed', '1'];
  assert.equal(
    await start(program, ['train', 'recsys', '--logdir', test.logdir, '--run', 'trained', ...flags]).done,
    0,
  );
  await writeFiles();
  await test.serve(['--no-yield']);
  const runs = ['trained', 'tight', 'path', 'large', ...(hasDigits ? ['digits'] : [])];
  await waitUntil(async () => (await Promise.all(runs.map(hasEmbedding))).every(Boolean));
  await drawsOtherComponents();
  await projectsOntoChosenAxes();
  await saysWhatIsWrongWithAxes();
  await editsLabels();
  await drawsLinesBetweenRowsThatFollow();
  await offersTheViewsOfTheConfig();
  await keepsPlaceAndTimeInTheLink();
  await sendsHalfTheBytesOfLiveFrames();
  await goesOnFromKeyFrameToKeyFrame();
  await selectsTheRowsOfAClusterThatWasFound();
  await picksWhatIsUnderThePointer();
  await showsTheDensityWithoutWebGl();
  await showsTheDensityOfTooManyPoints();
  if (hasDigits) await drawsThumbnails();
  await test.looksRight(await pictures(), screenshots);
  console.log('the tools fit in light and dark at 1440 and 900 px');
});

async function writeFiles() {
  const lines = Array.from({ length: 600 }, (_, row) => `group ${row % 6}`);
  await writeEmbedding(join(test.logdir, 'tight'), {
    tag: 'tight',
    values: tightClusters(600, 16, 6, 5),
    dims: 16,
    lines,
  });
  // The same, each row followed by one of another group.
  const following = lines.map((line, row) => `${line}\t${row === 599 ? '' : row + 1}`);
  await writeEmbedding(join(test.logdir, 'path'), {
    tag: 'tight',
    values: tightClusters(600, 16, 6, 5),
    dims: 16,
    lines: ['name\t__next__', ...following],
    bookmarks: [
      { label: 'flat', selectedProjection: 'pca', dataSetDimensions: [600, 16], pcaComponentDimensions: [0, 1] },
      {
        ...{ label: 'two <b>', selectedProjection: 'pca', dataSetDimensions: [600, 16], selectedPoints: [3, 5] },
        pcaComponentDimensions: [0, 1, 2],
      },
    ],
  });
  const next = random(9);
  const large = Float32Array.from({ length: kLargePoints * 2 }, () => (next() + next() + next()) * 10);
  await writeEmbedding(join(test.logdir, 'large'), { tag: 'large', values: large, dims: 2 });
  const digits = data === undefined ? null : await readMnist(data, 2000);
  hasDigits = digits !== null;
  if (digits === null) return void console.log('no MNIST in the test data: digits are left out');
  const sprite = spriteOf(digits.pixels, 28, 50);
  await writeEmbedding(join(test.logdir, 'digits'), {
    tag: 'digits',
    values: Float32Array.from(digits.pixels),
    dims: 784,
    lines: digits.labels.map(String),
    sprite,
  });
}

async function hasEmbedding(path) {
  const run = await test.runAt(path);
  if (run === undefined) return false;
  const { tags } = await test.api('/api/v1/tags');
  return tags.some((tag) => tag.run === run.id && tag.kind === 'embedding');
}

function status(page) {
  return page.locator('.quality [role=status]').first();
}

function canvasOf(page) {
  return page.locator('.picture canvas.points').first();
}

/** Opens the projector on a run and waits for its map. */
async function withMap(path, query, body, options = {}) {
  const { id } = await test.runAt(path);
  await test.withPage(`/projector?run=${id}&${query}`, options, async (page) => {
    await status(page).getByText('done', { exact: true }).waitFor({ timeout: kWaitMs });
    await page.locator('.picture').first().locator(kDrawing).waitFor();
    await body(page, id);
  });
}

async function tableOf(page, run) {
  const tag = await page
    .locator('label.field', { hasText: /^\s*Embedding/ })
    .first()
    .getByRole('combobox')
    .inputValue();
  return { tag, metadata: await test.api(`/api/v1/embeddings/metadata?run=${run}&tag=${encodeURIComponent(tag)}`) };
}

async function newestProjection(method) {
  return (await test.api('/api/v1/projections')).projections.filter((one) => one.method === method).at(-1);
}

async function projectsOntoChosenAxes() {
  await withMap('trained', '', async (page, run) => {
    const { metadata } = await tableOf(page, run);
    await page.getByText('Axes', { exact: true }).first().click();
    await page.getByText('Choose left or right').first().waitFor();
    const panel = page.getByRole('region', { name: 'Axes' });
    const at = metadata.values.findIndex((values) => new Set(values).size > 2 && new Set(values).size < 40);
    const [column, labels] = [metadata.columns[at], metadata.values[at]];
    const values = [...new Set(labels)].slice(0, 3);
    for (const [side, value] of [
      ['left', values[0]],
      ['right', values[1]],
      ['up', values[2]],
    ]) {
      await panel.getByLabel(`Column of ${side}`).selectOption(column);
      await panel.getByLabel(`How ${side} is matched`).selectOption('is');
      await panel.getByLabel(`Text of ${side}`).fill(value);
      const count = labels.filter((one) => one === value).length;
      await panel
        .getByText(`${count.toLocaleString('en')} rows`, { exact: true })
        .first()
        .waitFor();
      await panel.getByLabel(`Text of ${side}`).press('Enter');
    }
    const counts = values.map((value) => labels.filter((one) => one === value).length);
    const axes = [
      { from: counts[0], to: counts[1] },
      { from: null, to: counts[2] },
    ];
    // Not the map of the first two texts, which is drawn before.
    await waitUntil(async () => {
      const newest = await newestProjection('axes');
      return newest?.state === 'done' && isDeepStrictEqual(newest.axes, axes);
    });
    const projection = await newestProjection('axes');
    await status(page).getByText('Chosen axes').waitFor();
    await status(page).getByText('done', { exact: true }).waitFor();
    await page.locator('.edge.left', { hasText: `${column} = ${values[0]}` }).waitFor();
    // The mean of each group lies on its side of the middle, as the axis has it.
    const places = await coordinatesOf(projection);
    const mean = (value, axis) => {
      const rows = labels.flatMap((one, row) => (one === value ? [row] : []));
      return rows.reduce((sum, row) => sum + places[row * 2 + axis], 0) / rows.length;
    };
    assert.ok(mean(values[0], 0) < 0 && mean(values[1], 0) > 0, 'left is left and right is right');
    assert.ok(Math.abs(mean(values[0], 0) + mean(values[1], 0)) < 1e-4, 'the middle between them is 0');
    assert.ok(mean(values[2], 1) > 0, 'up is up');
    await page.waitForFunction(() => new URLSearchParams(location.search).getAll('axis').length === 4);
    await page.reload();
    await status(page).getByText('Chosen axes').waitFor();
    assert.equal((await newestProjection('axes')).id, projection.id, 'the link shows the map that is there');
    await page.getByLabel('Sphereize rows').check();
    await waitUntil(async () => (await newestProjection('axes')).sphereize);
    await status(page).getByText('done', { exact: true }).waitFor();
  });
  console.log('a map along axes that were chosen by labels is what the labels say');
}

async function coordinatesOf(projection) {
  const response = await fetch(test.url(`/api/v1/projections/${projection.id}/coordinates`));
  const bytes = Buffer.from(await response.arrayBuffer());
  const header = bytes.readUInt32LE(4);
  return new Float32Array(
    bytes.buffer.slice(
      bytes.byteOffset + 8 + header,
      bytes.byteOffset + 8 + header + projection.points * projection.dims * 4,
    ),
  );
}

async function saysWhatIsWrongWithAxes() {
  const { id } = await test.runAt('tight');
  await test.withPage(`/projector?run=${id}&method=axes`, {}, async (page) => {
    const panel = page.getByRole('region', { name: 'Axes' });
    await panel.getByRole('button', { name: /^Begin with/ }).click();
    await status(page).getByText('done', { exact: true }).waitFor();
    await panel.getByLabel('Text of left').fill('nobody');
    await panel.getByText('No row matches.').waitFor();
    await panel.getByText('0 rows', { exact: true }).waitFor();
    await panel.getByLabel('Text of left').press('Enter');
    await panel.getByRole('alert').getByText('A group of the axis across has no rows.').waitFor();
    await panel.getByLabel('How left is matched').selectOption('matches');
    await panel.getByLabel('Text of left').fill('group [0-2');
    await panel.getByLabel('Text of left').fill('group [01]');
    await panel.getByText('200 rows', { exact: true }).waitFor();
    await panel.getByLabel('Text of left').press('Enter');
    await page.locator('.edge.left', { hasText: '~ group [01]' }).waitFor();
    // The same rows on both sides name no direction: the page says so before it asks.
    await panel.getByLabel('Text of right').fill('group 3');
    await panel.getByLabel('Text of right').press('Enter');
    await panel.getByLabel('Text of left').fill('group 3');
    await panel.getByLabel('Text of left').press('Enter');
    await panel.getByRole('alert').getByText('have the same rows').waitFor();
  });
  console.log('groups without rows and groups alike are told');
}

/** TensorBoard's column __next__: what it joins looks other than the same points without it. */
async function drawsLinesBetweenRowsThatFollow() {
  const pictures = new Map();
  for (const [path, query] of [
    ['tight', 'colour=none'],
    ['path', 'colour=none'],
    ['path', 'colour=none&rows=0&isolated=1'],
    ['tight', 'colour=none&rows=0&isolated=1'],
  ])
    await withMap(path, query, async (page) => {
      pictures.set(`${path} ${query}`, await pictureOf(canvasOf(page)));
    });
  const [apart, joined, joinedAlone, alone] = [...pictures.values()];
  assert.ok(!joined.equals(apart), 'lines are drawn');
  assert.ok(joinedAlone.equals(alone), 'none leads to a row that is hidden');
  await withMap('path', 'colour=none&panel=share', async (page) => {
    const svg = await saved(page, () => page.getByRole('button', { name: 'SVG', exact: true }).click());
    assert.match(await readFile(svg, 'utf8'), /<g id="lines"[^>]*><path /);
  });
  console.log('rows that follow each other are joined by lines');
}

/** What a config's bookmarks_path names, which TensorBoard offers as well. */
async function offersTheViewsOfTheConfig() {
  await withMap('path', 'panel=share', async (page) => {
    await page.getByRole('button', { name: 'two <b>' }).click();
    await page.getByText('2 rows selected: two <b>').waitFor();
    await waitUntil(() => new URL(page.url()).searchParams.get('dims') === '3');
    await page.getByRole('button', { name: 'flat' }).click();
    await waitUntil(() => new URL(page.url()).searchParams.get('dims') === null);
  });
  await withMap('tight', 'panel=share', async (page) => {
    await page.getByText('Open bookmark').waitFor();
    assert.equal(await page.getByText('Views of the projector config').count(), 0);
  });
  console.log('the views that a projector config names are offered');
}

async function editsLabels() {
  await withMap(
    'trained',
    'row=7',
    async (page, run) => {
      const { metadata } = await tableOf(page, run);
      await page.getByText('Edit labels').click();
      await page.getByLabel('Name of a column').fill(metadata.columns[0]);
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByText(`There is a column ${metadata.columns[0]} already.`).waitFor();
      await page.getByLabel('Name of a column').fill('größe <b>');
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByLabel('Label', { exact: true }).fill('mine & yours');
      await page.getByRole('button', { name: 'Set row 7' }).click();
      await page.getByRole('region', { name: 'Row' }).getByText('mine & yours').waitFor();
      await page.getByLabel('Colour by').selectOption('größe <b>');
      await page.getByText('2 edits, kept in this browser tab').waitFor();
      await page.reload();
      await page.getByText('2 edits, kept').waitFor();
      const tsv = await readFile(await saved(page, () => page.getByRole('button', { name: 'TSV' }).click()), 'utf8');
      const lines = tsv.split('\n');
      assert.equal(lines[0], [...metadata.columns, 'größe <b>'].join('\t'));
      assert.equal(lines[8], [...metadata.values.map((values) => values[7]), 'mine & yours'].join('\t'));
      assert.equal(lines.length, metadata.values[0].length + 2);
      await page.getByLabel('Find points by their metadata').fill('^mine');
      await page.getByText('1 of ').waitFor();
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText('1 edit, kept').waitFor();
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText('kept in this browser tab').waitFor({ state: 'detached' });
      assert.deepEqual((await tableOf(page, run)).metadata, metadata, 'the server keeps what was logged');
    },
    { acceptDownloads: true },
  );
  console.log('labels are edited, kept over a reload, saved and taken back');
}

/** Where the pointer finds a point, and what is told of it. */
async function findPoint(page, box) {
  const tip = page.locator('.tip');
  for (let x = 0.2; x < 0.8; x += 0.02) {
    for (let y = 0.2; y < 0.8; y += 0.06) {
      const at = { x: box.x + x * box.width, y: box.y + y * box.height };
      await page.mouse.move(at.x, at.y);
      await drawn(page);
      if ((await tip.count()) > 0) return { ...at, text: await tip.textContent() };
    }
  }
  throw new Error('no point is found');
}

/** Once the address holds what the page shows: it is written some time after, by a timer that this one comes behind. */
function written(page) {
  return page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)));
}

async function keepsPlaceAndTimeInTheLink() {
  await withMap('trained', '', async (page) => {
    const box = await canvasOf(page).boundingBox();
    const entries = await page.evaluate(() => history.length);
    await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.4);
    for (let i = 0; i < 5; i++) await page.mouse.wheel(0, -200);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.5, { steps: 5 });
    await page.mouse.up();
    await page.waitForFunction(() => location.search.includes('camera='));
    await written(page);
    const link = page.url();
    const before = await findPoint(page, box);
    assert.equal(await page.evaluate(() => history.length), entries, 'moving the camera makes no steps back');
    await page.goto(test.url('/runs'));
    await page.goto(link);
    await status(page).getByText('done', { exact: true }).waitFor();
    await page.locator('.picture').first().locator(kDrawing).waitFor();
    // Until the metadata have come too, a tip tells of less.
    await waitUntil(async () => {
      await page.mouse.move(before.x - 1, before.y);
      await page.mouse.move(before.x, before.y);
      await drawn(page);
      return (await page.locator('.tip').allTextContents()).join() === before.text;
    });
    await written(page);
    assert.equal(page.url(), link);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Show all points' }).first().click();
    await page.waitForFunction(() => !location.search.includes('camera='));
  });
  await withMap('trained', 'dims=3', async (page) => {
    await canvasOf(page).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('+');
    await page.waitForFunction(
      () => (new URLSearchParams(location.search).get('camera') ?? '').split(',').length === 6,
    );
  });
  await withMap('trained', 'panel=time&time=0.5', async (page) => {
    const slider = page.getByLabel('Time', { exact: true }).last();
    await slider.waitFor();
    await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' });
    await page.waitForFunction(() =>
      [...document.querySelectorAll('input[type=range]')].some(
        (one) => one.ariaLabel === 'Time' && one.value === '0.5',
      ),
    );
    await slider.focus();
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => location.search.includes('time=0.55'));
  });
  console.log('a link shows the same place and the same time, and makes no history');
}

async function sendsHalfTheBytesOfLiveFrames() {
  const { id } = await test.runAt('trained');
  await test.withPage(`/projector?run=${id}&method=tsne&iterations=10000&seed=77`, {}, async (page) => {
    const frames = [];
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => typeof payload !== 'string' && frames.push(payload)),
    );
    await page.reload();
    await page.getByRole('button', { name: /run t-sne/i }).click();
    await status(page).getByText('running', { exact: true }).waitFor();
    await waitUntil(() => frames.length > 8);
    await page.getByRole('button', { name: 'Cancel' }).click();
    const items = frames.map(
      (payload) => JSON.parse(payload.subarray(8, 8 + payload.readUInt32LE(4)).toString()).items[0],
    );
    const withMaps = items.filter((item) => item.columns.some((column) => column.length > 0));
    assert.ok(withMaps.length > 3);
    assert.ok(
      withMaps.every((item) => item.columns[0].type === 'u16' && item.min.length === 2),
      'coordinates come on 16 bits',
    );
    const sizes = frames.map((payload) => payload.length);
    console.log(
      `live frames of ${withMaps[0].points} points: ${Math.max(...sizes)} bytes, ${withMaps[0].points * 8} as floats`,
    );
    assert.ok(Math.max(...sizes) < withMaps[0].points * 8);
  });
  console.log('live maps come on 16 bits an axis');
}

async function goesOnFromKeyFrameToKeyFrame() {
  const { id } = await test.runAt('trained');
  await test.withPage(`/projector?run=${id}&method=tsne&iterations=150&fast=1&panel=time`, {}, async (page) => {
    await page.getByRole('button', { name: 'Map all checkpoints' }).click();
    await page.getByText('Moved most').waitFor();
    await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' });
    const frames = Number(await page.getByLabel('Time', { exact: true }).last().getAttribute('max')) + 1;
    const started = (await test.api('/api/v1/projections')).projections.filter(
      (one) => one.method === 'tsne' && one.affinity === 'uniform' && one.iterations === 150,
    );
    assert.equal(started.length, frames);
    started
      .slice(1)
      .forEach((one, i) => assert.equal(one.start, started[i].id, 'each map goes on from the one before'));
    assert.ok(
      started.every((one, i) => i === 0 || typeof one.alignment_residual === 'number'),
      'maps are laid over each other',
    );
    const canvas = canvasOf(page);
    await page.getByLabel('Time', { exact: true }).last().focus();
    await page.keyboard.press('Home');
    const first = await pictureOf(canvas);
    await page.keyboard.press('End');
    await looksOther(canvas, first);
  });
  console.log('key frames of t-SNE go on from each other');
}

async function selectsTheRowsOfAClusterThatWasFound() {
  await withMap('tight', 'panel=statistics', async (page, run) => {
    const article = page.getByRole('article', { name: /cluster/i });
    await article.first().waitFor();
    const { findings } = await test.api(`/api/v1/embeddings/statistics?run=${run}&tag=tight&step=0`);
    const { clusters } = findings.find((one) => one.kind === 'tight_clusters');
    const cluster = clusters.find((one) => one.share === 1);
    const group = /group \d/.exec(cluster.label)[0];
    const button = article.getByRole('button', { name: group }).first();
    assert.match(await button.textContent(), /group \d 100 %/, 'name and share stand apart');
    await button.click();
    await page.getByText(`${cluster.rows_total} rows selected:`).waitFor();
    await page.getByRole('button', { name: 'Inspect', exact: true }).last().click();
    const selected = page.getByRole('region', { name: 'Selection' });
    await selected.getByText(`${cluster.rows_total} selected`).waitFor();
    const texts = await selected.locator('ol .text').allTextContents();
    assert.equal(texts.length, cluster.rows_total);
    assert.ok(
      texts.every((text) => text === group),
      'the rows of the cluster are selected, and no others',
    );
    await page.waitForFunction(() => location.search.includes('rows='));
  });
  console.log('a click on a cluster that was found selects its rows');
}

async function picksWhatIsUnderThePointer() {
  await withMap('tight', 'dims=3', async (page) => {
    const box = await canvasOf(page).boundingBox();
    const [, row, group] = /row (\d+).*group (\d)/s.exec((await findPoint(page, box)).text);
    assert.equal(Number(row) % 6, Number(group));
  });
  console.log('a point under the pointer is told with its own metadata');
}

async function showsTheDensityWithoutWebGl() {
  const { id } = await test.runAt('trained');
  await test.withPage('/runs', {}, async (page) => {
    await page.addInitScript(() => {
      const real = HTMLCanvasElement.prototype.getContext;
      HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
        return kind.startsWith('webgl') ? null : real.call(this, kind, ...rest);
      };
    });
    await page.goto(test.url(`/projector?run=${id}`));
    await page.getByText('This browser gives no WebGL 2').waitFor();
    const note = page.getByRole('note');
    await note.getByText(/([\d,]+) of \1 in view/).waitFor();
    const canvas = canvasOf(page);
    const inked = () =>
      canvas.evaluate((one) =>
        one
          .getContext('2d')
          .getImageData(0, 0, one.width, one.height)
          .data.filter((_, at) => at % 4 === 3)
          .reduce((sum, alpha) => sum + (alpha > 0 ? 1 : 0), 0),
      );
    await waitUntil(async () => (await inked()) > 50); // the density is drawn
    await page.getByRole('tab', { name: 'Share' }).click();
    const png = await readFile(await saved(page, () => page.getByRole('button', { name: 'PNG' }).click()));
    assert.ok(png.subarray(1, 4).toString() === 'PNG' && png.length > 2000, `a PNG of ${png.length} bytes`);
    assert.ok(await page.getByRole('button', { name: 'SVG' }).isDisabled());
    await page.getByRole('tab', { name: 'Inspect' }).click();
    // A place with a point, in CSS pixels.
    const place = await canvas.evaluate((one) => {
      const { data, width } = one.getContext('2d').getImageData(0, 0, one.width, one.height);
      const at = data.findIndex((alpha, i) => i % 4 === 3 && alpha > 0) >> 2;
      const scale = one.clientWidth / one.width;
      return { x: (at % width) * scale, y: Math.floor(at / width) * scale };
    });
    const box = await canvas.boundingBox();
    await page.mouse.move(box.x + place.x, box.y + place.y);
    await page.getByText(/^\d+ points? here$/).waitFor();
    const nearest = page.locator('.tip').getByText(/^row \d+$/);
    const row = /\d+/.exec(await nearest.textContent())[0];
    await page.mouse.down();
    await page.mouse.up();
    await page.waitForFunction((picked) => location.search.includes(`row=${picked}`), row);
    await page.keyboard.press('Escape');
    await canvas.focus();
    for (let i = 0; i < 4; i++) await page.keyboard.press('+');
    await note.getByText(/([\d,]+) of (?!\1 )[\d,]+ in view/).waitFor();
    await page.keyboard.press('0');
    await note.getByText(/([\d,]+) of \1 in view/).waitFor();
  });
  console.log('without WebGL the server counts the points of each pixel, and names the row nearest to a place');
}

async function showsTheDensityOfTooManyPoints() {
  const { id } = await test.runAt('large');
  await test.withPage(`/projector?run=${id}`, {}, async (page) => {
    const asked = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.getByText('A page draws at most 4,000,000 points.').waitFor();
    await page.getByRole('note').getByText('4,100,000 of 4,100,000 in view').waitFor();
    assert.ok(!asked.some((url) => url.includes('/coordinates')), 'the points themselves are not sent');
    await page.waitForLoadState('networkidle');
    assert.ok(asked.filter((url) => url.includes('/density')).length <= 3, 'a picture that stays is asked for once');
    await page.getByLabel('Find points by their metadata').fill('4099999');
    await page.getByText('1 of 4,100,000 points').waitFor();
  });
  console.log('of 4.1 million points all are counted and none is sent');
}

async function drawsOtherComponents() {
  const drawnOf = async (page, change) => {
    const answer = page.waitForResponse(
      (one) => one.request().method() === 'POST' && one.url().includes('/api/v1/projections'),
    );
    await change();
    return (await answer).request().postDataJSON().components;
  };
  let link;
  await withMap('trained', '', async (page) => {
    const panel = page.getByRole('region', { name: 'Principal components' });
    const before = await pictureOf(canvasOf(page));
    await panel
      .getByText(/^10: [\d.<]+ %$/)
      .first()
      .waitFor({ state: 'attached' });
    assert.deepEqual(await drawnOf(page, () => panel.getByLabel('Across').selectOption('3')), [3, 2]);
    await looksOther(canvasOf(page), before);
    assert.deepEqual(await drawnOf(page, () => panel.getByLabel('Up').selectOption('3')), [2, 3]);
    await page.waitForFunction(() => location.search.includes('components=2'));
    link = new URL(page.url()).search;
  });
  await withMap('trained', link.slice(1), async (page) => {
    const panel = page.getByRole('region', { name: 'Principal components' });
    assert.deepEqual(
      [await panel.getByLabel('Across').inputValue(), await panel.getByLabel('Up').inputValue()],
      ['2', '3'],
    );
    assert.deepEqual(await drawnOf(page, () => page.getByText('3D', { exact: true }).click()), [2, 3, 1]);
  });
  console.log('a PCA is drawn of the components that are chosen');
}

async function drawsThumbnails() {
  await withMap('digits', '', async (page) => {
    await page.getByRole('tab', { name: 'Share' }).click();
    await page.getByLabel('Thumbnails').fill('0');
    const without = await pictureOf(canvasOf(page));
    // However late the digits come, nothing else changes.
    await page.getByLabel('Thumbnails').fill('64');
    await looksOther(canvasOf(page), without);
    await page.waitForFunction(() => location.search.includes('thumbs=64'));
    await page.getByLabel('Thumbnails').fill('0');
    await waitUntil(async () => (await canvasOf(page).screenshot()).equals(without));
  });
  console.log('digits stand on the points of MNIST');
}

async function pictures() {
  const [trained, tight, large] = await Promise.all(['trained', 'tight', 'large'].map((path) => test.runAt(path)));
  const axes = 'axis=%3Dlabel%3Agroup+0&axis=%3Dlabel%3Agroup+1&axis=%3Dlabel%3Agroup+2&axis=%3Dlabel%3Agroup+3';
  const shown = {
    axes: `/projector?run=${tight.id}&method=axes&${axes}`,
    axes_empty: `/projector?run=${trained.id}&method=axes`,
    labels: `/projector?run=${trained.id}&row=7`,
    large: `/projector?run=${large.id}`,
    space: `/projector?run=${trained.id}&dims=3`,
  };
  if (hasDigits) shown.digits = `/projector?run=${(await test.runAt('digits')).id}&panel=share`;
  return shown;
}
