// The pages of audio, tensors, meshes, PR curves, custom layouts and graphs in a real browser, on event
// files with every kind of data; and the points that a metric's card saves.
//
// usage: node kinds_page.mjs SPIROGRAM PYTHON [SCREENSHOT_DIR]
// Exit code 77 where Chromium or the packages that write the files are missing: the test is then skipped.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { openPage } from './browser.mjs';
import {
  kDrawing,
  looksOther,
  pictureOf,
  placeKept,
  runPageTest,
  saved,
  settled,
  Skipped,
  waitUntil,
} from './page_test.mjs';

const [program, python, screenshots] = process.argv.slice(2);
const kHostile = '<img src=x onerror=alert(1)>';
const kLayer = 'model/vision_tower/encoder/layers/11/cross_attention_of_the_language_model';
const kBoxesMax = 120;
const kGallery = 150;

let test;
let ids;
await runPageTest(program, async (opened) => {
  test = opened;
  await writeLogdir();
  await test.serve();
  await waitUntil(async () => (await test.api('/api/v1/status')).progress.is_first_pass_done);
  ids = Object.fromEntries((await test.api('/api/v1/runs')).runs.map((run) => [run.path, run.id]));
  await playsAudio();
  await showsEachImageOfAStepThatWasLoggedAgain();
  await showsTheImageOfARunThatBeginsAnew();
  await asksForNewImagesAlone();
  await tellsCardsOfLongNamesApart();
  await fillsThePageWithAnImage();
  await showsTensorsOfUnknownPlugins();
  await turnsAMesh();
  await readsPrCurves();
  await tellsWhatThereIsNothingToSeeOf();
  await showsCustomLayouts();
  await savesEveryPointOfAMetric();
  await pinsACard();
  await readsMarkdown();
  await asksForTheTextsOfOneStepAlone();
  await walksAGraph();
  await drawsAPartOfALargeGraph();
  await showsTimesOfATrace();
  await readsEveryTypeOfGraph();
  await showsTextFromDataAsText();
  await saysWhatToLogAndWhatWentWrong();
  await looksRight();
  await comesBackToAnImageFarDown();
  assert.equal(await test.server.stop(), 0);
});

async function writeLogdir() {
  const script = fileURLToPath(new URL('write_pages_logdir.py', import.meta.url));
  const [code] = await once(spawn(python, [script, test.logdir], { stdio: ['ignore', 'inherit', 'inherit'] }), 'exit');
  if (code === 77) throw new Skipped('the packages that write the event files are missing');
  assert.equal(code, 0, script);
}

function cardOf(page, name) {
  return page.getByRole('article', { name, exact: true });
}

/**
 * The card once it shows what it has. It is looked for until then: it asks for that while it is in view, and those above it
 * push it away as theirs comes.
 */
async function filledCard(page, name) {
  const card = cardOf(page, name).first();
  await waitUntil(async () => {
    await card.scrollIntoViewIfNeeded();
    return (await card.getByText('Loading…').count()) === 0;
  });
  return card;
}

async function setSlider(slider, place) {
  await slider.focus();
  await slider.press('Home');
  for (let i = 0; i < place; i++) await slider.press('ArrowRight');
}

async function playsAudio() {
  await test.withPage('/media?mode=audio', {}, async (page) => {
    const card = await filledCard(page, 'tone');
    await card.getByText('one', { exact: true }).waitFor();
    await card.getByText('8 kHz · mono · 0.01 s').first().waitFor();
    assert.equal(await card.locator('audio').count(), 2);
    await page.waitForFunction(() =>
      [...document.querySelectorAll('article[aria-label="tone"] audio')].every((one) => one.duration > 0.01),
    );
    await setSlider(card.getByLabel('Step of tone'), 1);
    await page.waitForURL(/at=\d+\.1\.0\.tone/);
    const address = new URL(
      await card
        .locator('audio')
        .last()
        .evaluate((one) => one.src),
    );
    assert.deepEqual([address.searchParams.get('step'), address.searchParams.get('index')], ['1', '1']);
    const bytes = await readFile(await saved(page, () => card.getByLabel('Download clip 2 of tone at step 1').click()));
    const logged = Buffer.from(await (await fetch(address)).arrayBuffer());
    assert.ok(bytes.equals(logged) && bytes.subarray(0, 4).toString() === 'RIFF');
    await page.reload();
    await card.getByText('step 1').waitFor();
    await (await filledCard(page, 'noise')).getByText('cannot play this clip').waitFor();
  });
  console.log('clips are played and saved, and a link holds the step');
}

async function showsEachImageOfAStepThatWasLoggedAgain() {
  await test.withPage('/media?mode=image', {}, async (page) => {
    const images = (await filledCard(page, 'again')).locator('img');
    await images.nth(2).waitFor();
    const contents = await Promise.all(
      (await images.all()).map(async (image) => {
        const answer = await fetch(new URL(await image.getAttribute('src'), page.url()));
        return Buffer.from(await answer.arrayBuffer()).toString('base64');
      }),
    );
    assert.equal(new Set(contents).size, 3, 'an image came twice');
    await (await filledCard(page, 'no image')).getByText('No images at any step').waitFor();
  });
  console.log('each image of a step that was logged again is shown');
}

async function showsTheImageOfARunThatBeginsAnew() {
  await test.withPage('/media?mode=image', {}, async (page) => {
    const image = (await filledCard(page, 'sample')).locator('img');
    const red = () =>
      image.evaluate(async (one) => {
        await one.decode();
        const context = new OffscreenCanvas(1, 1).getContext('2d');
        context.drawImage(one, 0, 0);
        return context.getImageData(0, 0, 1, 1).data[0];
      });
    assert.equal(await red(), 10);
    await rm(`${test.logdir}/restarted`, { recursive: true });
    await cp(`${test.logdir}_anew/restarted`, `${test.logdir}/restarted`, { recursive: true });
    await waitUntil(async () => (await red().catch(() => 10)) === 200);
  });
  console.log('an open page shows the image of a run that begins anew');
}

/** The id of a run once the server has so much of it. */
async function runOfTags(path, isEnough) {
  let id;
  await waitUntil(async () => {
    id = (await test.runAt(path))?.id;
    return id !== undefined && isEnough((await test.api(`/api/v1/tags?run=${id}`)).tags);
  });
  return id;
}

async function asksForNewImagesAlone() {
  const from = `${test.logdir}_anew/growing`;
  const [file] = await readdir(from);
  const bytes = await readFile(join(from, file));
  const to = join(test.logdir, 'growing', file);
  await mkdir(dirname(to));
  await writeFile(to, bytes.subarray(0, -10)); // the last image is not whole
  const id = await runOfTags('growing', (tags) => tags[0]?.last_step === 1);
  await test.withPage(`/media?runs=${id}`, {}, async (page) => {
    const step = cardOf(page, 'growing').getByLabel('Step of growing');
    await waitUntil(async () => (await step.getAttribute('max')) === '1');
    const asked = [];
    page.on('request', (request) => asked.push(request.url()));
    await appendFile(to, bytes.subarray(-10));
    await waitUntil(async () => (await step.getAttribute('max')) === '2');
    // Once more, where the page hears of it twice.
    const lists = asked.filter((url) => /\/images\?/.test(url)).map((url) => new URL(url).searchParams.get('from'));
    assert.ok(lists.length > 0 && lists.every((from) => from === '1' || from === '2'), `asked from ${lists}`);
  });
  console.log('a card of a run that grows asks for what is new');
}

async function comesBackToAnImageFarDown() {
  await cp(`${test.logdir}_anew/gallery`, `${test.logdir}/gallery`, { recursive: true });
  const id = await runOfTags('gallery', (tags) => tags.length === kGallery);
  await test.withPage(`/media?runs=${id}`, {}, async (page) => {
    const below = cardOf(page, 'gallery/020');
    // Before it is in view. Those above it grow as their images come, and push it away.
    await waitUntil(async () => {
      await below.evaluate((one) => {
        const main = one.closest('main');
        main.scrollBy(0, one.getBoundingClientRect().top - main.getBoundingClientRect().bottom - 200);
      });
      return (await below.locator('img').count()) === 1;
    });
    const card = cardOf(page, 'gallery/140');
    // As one who looks at each on the way, so that those above have their heights.
    await waitUntil(async () => {
      await page.locator('main').evaluate((one) => one.scrollBy(0, 500));
      return (await card.count()) === 1;
    });
    await waitUntil(async () => {
      await card.evaluate((one) => one.scrollIntoView());
      return (await card.locator('img').count()) === 1;
    });
    const place = () => card.evaluate((one) => Math.round(one.getBoundingClientRect().top));
    await placeKept(page);
    const before = await place();
    const isThere = async () => Math.abs((await place()) - before) < 3;
    await page.getByRole('link', { name: 'Runs' }).click();
    await page.getByRole('heading', { name: 'Runs' }).first().waitFor();
    await page.goBack();
    for (const how of ['by Back', 'when loaded anew']) {
      await card.locator('img').waitFor();
      await waitUntil(isThere);
      await placeKept(page); // and stays there
      assert.ok(await isThere(), `${await place()} is not ${before} ${how}`);
      if (how === 'by Back') await page.reload();
    }
  });
  console.log('Back, and a reload, lead to the image far down that was looked at');
}

async function tellsCardsOfLongNamesApart() {
  await test.withPage('/media?mode=image', { viewport: { width: 600, height: 900 } }, async (page) => {
    const pictures = await Promise.all(
      ['q_proj/weight', 'k_proj/weight'].map((part) => cardOf(page, `${kLayer}/${part}`).locator('h2').screenshot()),
    );
    assert.ok(!pictures[0].equals(pictures[1]), 'the ends of the names are cut off');
  });
  console.log('cards of layers whose names begin alike can be told apart on a narrow page');
}

async function fillsThePageWithAnImage() {
  const tag = `${kLayer}/q_proj/weight`;
  await test.withPage('/media?mode=image', {}, async (page) => {
    const image = cardOf(page, tag).locator('img');
    await filledCard(page, tag);
    assert.ok((await image.boundingBox()).height <= 360, 'a high image makes a tower of its card');
    await page.getByRole('button', { name: `Show ${tag} of large in full` }).click();
    await page.waitForURL((url) => url.searchParams.get('full') === `${ids.large} ${tag}`);
    await page.reload();
    await waitUntil(async () => (await image.boundingBox()).height === 900);
    assert.equal(await page.locator('article').count(), 1);
    await page.keyboard.press('Escape');
    await cardOf(page, 'again').waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    await waitUntil(async () => (await focused()) === `Show ${tag} of large in full`);
    await page.goBack();
    await page.waitForURL((url) => url.searchParams.has('full'));
  });
  console.log('an image fills the page in its own size, by a link too, and Escape goes back to its card');
}

async function showsTensorsOfUnknownPlugins() {
  await test.withPage(`/media?mode=other`, {}, async (page) => {
    const card = await filledCard(page, 'unknown');
    for (const fact of ['mine', 'float32', '[2, 3]']) await card.getByText(fact, { exact: true }).waitFor();
    await card.getByRole('cell', { name: '5', exact: true }).waitFor();
    assert.deepEqual(await card.getByRole('row').allInnerTexts(), ['0\t1\t2', '3\t4\t5']);
    const npy = await readFile(await saved(page, () => card.getByText('.npy').click()));
    assert.equal(npy.subarray(0, 6).toString('latin1'), '\x93NUMPY');
    await (await filledCard(page, 'half')).getByText('Values of type float16 are not shown here').waitFor();
    await (await filledCard(page, 'words')).getByText('the first 96 of 200 values').waitFor();
    await setSlider(cardOf(page, 'half').getByLabel('Step of half'), 0);
    await cardOf(page, 'half').getByText('step 0', { exact: true }).waitFor();
  });
  console.log('a tensor shows what it is and its first values, and is saved for NumPy');
}

async function turnsAMesh() {
  const asked = [];
  await test.withPage('/media?mode=mesh', {}, async (page) => {
    page.on('request', (request) => asked.push(request.url()));
    const card = await filledCard(page, 'cloud');
    const canvas = card.locator('canvas');
    await canvas.waitFor();
    await card.getByText('5 vertices, 4 faces').waitFor();
    await card.locator(kDrawing).waitFor();
    await canvas.focus();
    const first = await pictureOf(canvas);
    for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowRight');
    await looksOther(canvas, first);
    const turned = await pictureOf(canvas);
    await settled(page);
    const box = await canvas.boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + 80, box.y + box.height / 2 + 30, { steps: 5 });
    await page.mouse.up();
    await looksOther(canvas, turned);
    await card.getByLabel('Reset the view of cloud').click();
    await canvas.focus();
    await page.mouse.move(0, 0);
    const reset = await pictureOf(canvas);
    await card.getByLabel('sample').selectOption('1');
    await page.waitForURL(/at=\d+\.-1\.1\.cloud/);
    await looksOther(canvas, reset);
    await setSlider(card.getByLabel('Step of cloud'), 0);
    await page.waitForURL(/at=\d+\.0\.1\.cloud/);
    await card.getByText('step 0', { exact: true }).waitFor();
  });
  await test.withPage('/media?mode=audio', {}, async (page) => {
    const scripts = [];
    page.on('request', (request) => scripts.push(request.url()));
    await page.reload();
    await cardOf(page, 'tone').waitFor();
    assert.ok(!scripts.some((url) => url.includes('mesh_scene')), 'three.js is fetched without a mesh');
  });
  console.log('a mesh is turned by keys and mouse, put back, and changed by sample and step');
}

async function readsPrCurves() {
  await test.withPage('/metrics?mode=pr_curves', {}, async (page) => {
    const card = await filledCard(page, 'curve');
    const plot = card.locator('.u-over');
    await plot.waitFor();
    assert.equal(await card.getByRole('slider').count(), 2);
    await card.getByRole('img').focus();
    await page.keyboard.press('Home');
    await card.getByText('threshold 0', { exact: true }).waitFor();
    const row = card.getByRole('row').filter({ hasText: 'train' });
    // Precision 90 / 120, recall 1, then the four counts as they were logged.
    await waitUntil(async () => (await row.innerText()).replaceAll(/\s+/g, ' ').trim() === 'train 0.75 1 90 30 0 0');
    await page.keyboard.press('ArrowRight');
    await card.getByText('threshold 0.1', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await card.getByText('threshold 0.1', { exact: true }).waitFor({ state: 'detached' });
    await settled(page);
    const box = await plot.boundingBox();
    // The middle of recall: 50 of 90 found, at a threshold of 0.4.
    await page.mouse.move(box.x + box.width * ((50 / 90 + 0.02) / 1.05), box.y + (box.height * (1.03 - 0.7575)) / 1.05);
    await card.getByText('threshold 0.4', { exact: true }).waitFor();
    await setSlider(card.getByLabel('Step of train'), 1);
    await page.waitForURL(new RegExp(`at=${ids['train']}\\.1\\.0\\.curve`));
  });
  console.log('PR curves of two runs are overlaid, and read by key and mouse');
}

async function tellsWhatThereIsNothingToSeeOf() {
  await test.withPage(`/media?runs=${ids['blank']}`, {}, async (page) => {
    for (const [name, told] of [
      ['nothing', 'The text is empty.'],
      ['spaces', 'The text holds spaces alone.'],
      ['lost', 'Every vertex is NaN or Inf.'],
    ])
      await (await filledCard(page, name)).getByText(told).waitFor();
  });
  console.log('a card of an empty text or of a mesh of NaN says so');
}

async function showsCustomLayouts() {
  await test.withPage('/metrics?mode=layouts', {}, async (page) => {
    // loss/train of three runs, accuracy of seven.
    const chart = cardOf(page, 'losses').getByRole('img');
    await chart.waitFor();
    const tags = (await test.api('/api/v1/tags')).tags;
    const wanted = tags.filter((tag) => tag.kind === 'scalar' && /^(loss\/.*|accuracy)/.test(tag.name)).length;
    await page.waitForFunction(
      (count) =>
        document
          .querySelector('article[aria-label="losses"] [role=img]')
          ?.getAttribute('aria-label')
          ?.startsWith(`losses: ${count} lines`),
      wanted,
    );
    const keys = await cardOf(page, 'losses')
      .locator('.legend li')
      .evaluateAll((all) =>
        all.map((one) => {
          const label = one.querySelector('.label');
          const line = one.querySelector('line');
          return {
            name: label.textContent,
            look: `${line?.getAttribute('stroke')} ${line?.getAttribute('stroke-dasharray')}`,
            isWhole: label.scrollHeight <= label.clientHeight,
          };
        }),
      );
    assert.equal(keys.length, wanted);
    for (const { name, isWhole } of keys) assert.ok(isWhole, `${name} is read whole in the legend`);
    assert.equal(new Set(keys.map((one) => one.look)).size, wanted, 'tags of one run are told apart by their dashes');
    assert.equal(await page.getByRole('button', { name: 'shared 1' }).count(), 1, 'layouts of two runs are merged');
    const closed = page.getByRole('button', { name: 'first 1' });
    assert.equal(await closed.getAttribute('aria-expanded'), 'false');
    await closed.click();
    const band = cardOf(page, 'band').first();
    await band.getByRole('img').focus();
    await page.keyboard.press('ArrowRight');
    for (const name of ['lower', 'value', 'upper']) await band.getByText(name, { exact: true }).waitFor();
    await page.waitForURL(/folded=layout%3Afirst/);
    await page.reload();
    await cardOf(page, 'band').first().waitFor();
    assert.equal(await page.getByRole('button', { name: 'second 1' }).getAttribute('aria-expanded'), 'false');
  });
  console.log('layouts are merged, folded, and draw many tags and bands');
}

async function savesEveryPointOfAMetric() {
  const lines = (text) => text.trimEnd().split('\r\n');
  await test.withPage('/metrics?full=loss/train', {}, async (page) => {
    const text = (
      await readFile(await saved(page, () => page.getByLabel('Download loss/train as CSV').click()))
    ).toString();
    const wanted = await (await fetch(test.url('/api/v1/export?format=csv&tag=loss/train'))).text();
    assert.deepEqual(lines(text), lines(wanted));
    assert.ok(lines(text).filter((line) => line.startsWith('train,loss/train,')).length === 10_000);
  });
  await test.withPage(`/metrics?full=loss/train&runs=${ids['other/nested run']}`, {}, async (page) => {
    const text = (
      await readFile(await saved(page, () => page.getByLabel('Download loss/train as CSV').click()))
    ).toString();
    assert.equal(lines(text).length, 21, 'only the shown run');
  });
  console.log('a metric is saved with every point, of the shown runs only');
}

/** The box of a graph by what its title says: a node's name, or a scope's with a slash. */
function boxOf(page, name) {
  return page.locator('g.box').filter({ has: page.locator(`xpath=*[local-name()="title" and .="${name}"]`) });
}

async function pinsACard() {
  await test.withPage('/metrics', {}, async (page) => {
    const card = cardOf(page, 'loss/train').first();
    await card.hover();
    await card.getByRole('button', { name: 'Logarithmic y axis of loss/train' }).click();
    await card.getByRole('button', { name: 'Pin loss/train' }).click();
    await page.getByRole('heading', { name: 'Pinned' }).waitFor();
    await page.waitForURL(/[?&]log=loss\/train&pin=loss\/train/);
    await page.getByLabel('Filter tags by a regular expression').fill('^accuracy$');
    await waitUntil(async () => (await cardOf(page, 'loss/train').count()) === 1);
    await page.waitForURL(/tag_filter=/);
    await page.reload();
    await page.getByRole('heading', { name: 'Pinned' }).waitFor();
    assert.equal(
      await card.getByRole('button', { name: 'Logarithmic y axis of loss/train' }).getAttribute('aria-pressed'),
      'true',
    );
    await card.getByRole('button', { name: 'Pin loss/train' }).click();
    await page.getByRole('heading', { name: 'Pinned' }).waitFor({ state: 'detached' });
  });
  console.log('a pinned card stands on top whatever the filter leaves, with its axis, also in a link');
}

async function readsMarkdown() {
  await test.withPage(`/media?mode=text&at=${ids.train}.1.0.notes`, {}, async (page) => {
    const card = await filledCard(page, 'notes');
    await card.getByRole('heading', { name: 'Title' }).waitFor();
    assert.deepEqual(await card.locator('ul > li').allTextContents(), ['onewithin', 'within', 'two']);
    assert.deepEqual(await card.locator('li li').allTextContents(), ['within']);
    assert.equal(await card.locator('code').textContent(), 'd<e>');
    await page.getByRole('button', { name: 'Show notes of train in full' }).click();
    await waitUntil(async () => (await page.locator('article').count()) === 1);
    await page.keyboard.press('Escape');
    await waitUntil(async () => (await page.locator('article').count()) > 1);
    await page.getByLabel('Markdown').uncheck();
    await card.locator('pre').getByText('**c**').waitFor();
    await page.waitForURL(/plain=1/);
  });
  console.log('a text is shown as Markdown, or as it was logged, and fills the page');
}

// The texts of all steps may be more than a browser holds.
async function asksForTheTextsOfOneStepAlone() {
  await test.withPage('/media?mode=image', {}, async (page) => {
    const asked = [];
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.pathname === '/api/v1/texts') asked.push(url.searchParams);
    });
    await page.getByText('Texts', { exact: true }).click();
    await filledCard(page, 'notes');
    assert.ok(asked.length > 0);
    for (const query of asked) assert.equal(query.get('from'), query.get('to'));
  });
  console.log('a card of texts asks for those of the step that it shows');
}

async function walksAGraph() {
  await test.withPage(`/profile?mode=graph&run=${ids['train']}`, {}, async (page) => {
    await boxOf(page, 'main/').focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/scope=main/);
    await boxOf(page, 'main/größe3').waitFor();
    const isNamedByItsWords = await page.locator('g.box').evaluateAll((boxes) =>
      boxes.map((box) => {
        const seen = [...box.childNodes].filter((one) => one.localName !== 'title').map((one) => one.textContent);
        return box.getAttribute('aria-label').startsWith(seen.join('').trim());
      }),
    );
    assert.ok(isNamedByItsWords.length > 0 && isNamedByItsWords.every(Boolean), 'a box is named by the words on it');
    await boxOf(page, 'main/größe3').click();
    const panel = page.getByRole('region', { name: 'Selected node' });
    for (const text of ['MatMul', '/gpu:0', '[?, 7]', '[1, -2, 1099511627776]'])
      await panel.getByText(text, { exact: true }).first().waitFor();
    await waitUntil(async () => (await panel.getByRole('button', { name: /^main\/größe/ }).count()) === 3);
    await panel.getByRole('button', { name: 'main/größe1' }).click();
    await panel.getByRole('heading', { name: 'größe1' }).waitFor();
    await page.waitForURL(/node=main\/gr.*e1/);
    await page.reload();
    await panel.getByRole('heading', { name: 'größe1' }).waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await boxOf(page, 'main/').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('größe2$');
    await page.getByRole('list', { name: 'Found nodes' }).getByRole('button').click();
    await panel.getByRole('heading', { name: 'größe2' }).waitFor();
    assert.equal(await boxOf(page, 'main/größe2').getAttribute('aria-pressed'), 'true');
    const graph = await readFile(
      await saved(page, () => page.getByLabel('Download the graph as it was logged').click()),
    );
    assert.ok(graph.includes('größe2'));
  });
  console.log('scopes open, nodes tell their inputs, and a search leads to its node');
}

async function drawsAPartOfALargeGraph() {
  await test.withPage(`/profile?mode=graph&run=${ids['large']}`, {}, async (page) => {
    await page.getByText('10,007 nodes').waitFor();
    await boxOf(page, 'flat/').dblclick();
    await page.getByText('1 – 120 of 10,000 boxes').waitFor();
    await waitUntil(async () => (await page.locator('g.box').count()) === kBoxesMax);
    await page.getByLabel('Boxes behind').click();
    await boxOf(page, 'flat/op_120').waitFor();
    await page.waitForURL(/offset=120/);
    await page.getByLabel('Search nodes and operations by a regular expression').fill('op_5000$');
    await page.getByRole('list', { name: 'Found nodes' }).getByRole('button').click();
    await page.waitForFunction(() => {
      const box = [...document.querySelectorAll('g.box')].find(
        (one) => one.querySelector('title')?.textContent === 'flat/op_5000',
      );
      const rect = box?.getBoundingClientRect();
      return rect !== undefined && rect.top > 0 && rect.bottom < innerHeight;
    });
    assert.ok((await page.locator('g.box').count()) <= kBoxesMax);
  });
  console.log('of 10,000 nodes in one scope a sheet is drawn, the one that holds what is looked for');
}

async function showsTimesOfATrace() {
  await test.withPage(`/profile?mode=graph&run=${ids['large']}&scope=model&colour=time`, {}, async (page) => {
    for (const time of ['100 µs', '200 µs', '300 µs'])
      await page.locator('g.box text.note').getByText(time, { exact: true }).waitFor();
    await page.getByText('Memory', { exact: true }).click();
    await page.locator('g.box text.note').getByText('4 KiB', { exact: true }).waitFor();
    await boxOf(page, 'model/layer_2/').click();
    const panel = page.getByRole('region', { name: 'Selected scope' });
    await panel.getByText('300 µs').waitFor();
    await panel.getByRole('button', { name: 'model/layer_1/MatMul' }).waitFor();
    await page.getByLabel('Times of').selectOption('none');
    await panel.getByText('300 µs').waitFor({ state: 'detached' });
  });
  console.log('time and memory of a trace stand at the nodes');
}

async function readsEveryTypeOfGraph() {
  await test.withPage(`/profile?mode=graph&run=${ids['train']}`, {}, async (page) => {
    const select = page.getByRole('combobox', { name: /^Graph/ });
    await select.selectOption('keras');
    await boxOf(page, 'dense').waitFor();
    await select.selectOption('traced');
    await boxOf(page, 'function_graph_0()/').waitFor();
    await select.selectOption('trace');
    await page.getByRole('cell', { name: 'MatMul', exact: true }).waitFor();
    await page.getByRole('cell', { name: '5 µs' }).waitFor();
  });
  console.log('graphs of a run, of Keras, of traced functions, and traces without one');
}

async function showsTextFromDataAsText() {
  for (const path of [
    '/media?mode=other',
    `/profile?mode=graph&run=${ids['large']}&node=${encodeURIComponent(kHostile)}`,
  ]) {
    await test.withPage(path, {}, async (page) => {
      page.on('dialog', () => assert.fail('markup from data ran'));
      await page.getByText(kHostile).first().waitFor();
      assert.equal(await page.locator('img[src="x"]').count(), 0);
    });
  }
  console.log('text from data stays text');
}

async function saysWhatToLogAndWhatWentWrong() {
  const hints = {
    [`/media?mode=audio&runs=${ids['resumed']}`]: 'add_audio',
    [`/media?mode=mesh&runs=${ids['resumed']}`]: 'add_mesh',
    [`/media?mode=other&runs=${ids['resumed']}`]: 'tf.summary.write',
    [`/metrics?mode=pr_curves&runs=${ids['resumed']}`]: 'add_pr_curve',
    [`/metrics?mode=layouts&runs=${ids['resumed']}`]: 'add_custom_scalars',
  };
  for (const [path, hint] of Object.entries(hints)) {
    await test.withPage(path, {}, (page) => page.locator('pre').getByText(hint).waitFor());
  }
  const failing = {
    '/media?mode=audio': '**/api/v1/audio?*',
    '/media?mode=mesh': '**/api/v1/meshes?*',
    '/media?mode=other': '**/api/v1/tensors?*',
    '/metrics?mode=pr_curves': '**/api/v1/pr_curves?*',
    '/metrics?mode=layouts': '**/api/v1/custom_scalars?*',
    [`/profile?mode=graph&run=${ids['large']}`]: '**/api/v1/graphs/nodes?*',
  };
  for (const [path, route] of Object.entries(failing)) {
    const { page, close } = await openPage(test.browser);
    await page.route(route, (one) =>
      one.fulfill({ status: 503, json: { title: 'Busy', detail: 'Come back <b>later</b>.', status: 503 } }),
    );
    await page.goto(test.url(path));
    await page.getByRole('alert').first().getByText('Come back <b>later</b>.').waitFor();
    await page.unroute(route);
    // This one: others may yet come, and above it.
    await page
      .getByRole('alert')
      .first()
      .evaluate((one) => (one.id = 'tried'));
    await page.locator('#tried').getByRole('button', { name: 'Try again' }).click();
    await page.locator('#tried').waitFor({ state: 'detached' });
    await close();
  }
  console.log('an empty page says what to log, a failure what happened, and is tried again');
}

async function looksRight() {
  await test.looksRight(
    {
      media: '/media',
      metrics: '/metrics',
      data: '/data',
      distributions: '/distributions',
      media_meshes: '/media?mode=mesh',
      metrics_pr_curves: '/metrics?mode=pr_curves',
      metrics_layouts: '/metrics?mode=layouts',
      profile_graph: `/profile?mode=graph&run=${ids['large']}&scope=model&node=model/layer_1/&colour=time`,
    },
    screenshots,
  );
  console.log('the pages fit 1440 and 900 px in light and dark');
}
