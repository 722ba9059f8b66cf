// The whole path, as a user sees it: the real trainer logs, the real server stores, a real browser
// shows. A healthy and a faulty run train while the pages are open.
//
// usage: node pages.mjs SPIROGRAM [SCREENSHOT_DIR]
// Exit code 77 where Chromium is missing: the test is then skipped.
import assert from 'node:assert/strict';

import { kWaitMs, looksOther, pictureOf, runPageTest, waitUntil } from './page_test.mjs';
import { start } from './server.mjs';

const [program, screenshots] = process.argv.slice(2);
const kPages = ['runs', 'metrics', 'health', 'distributions', 'projector', 'profile', 'media', 'compare', 'data'];

const trainings = [];
let test;
const everything = async (opened) => {
  test = opened;
  await test.serve();
  await fillsAnEmptyPageWhileTraining();
  await zoomAsksAgain();
  await namesBothFaults();
  await projectsWhileTheMapRefines();
  await keepsTheStepsOfAProfile();
  await opensEveryPageWithoutComplaint();
  await stopsCleanly();
};
await runPageTest(program, everything, () => Promise.all(trainings.map((training) => training.kill())));

function train(run, flags) {
  trainings.push(
    start(program, [
      'train',
      'recsys',
      '--logdir',
      test.logdir,
      '--run',
      run,
      '--steps',
      '2500',
      '--threads',
      '1',
      '--device',
      'cpu',
      ...flags,
    ]),
  );
}

async function fillsAnEmptyPageWhileTraining() {
  await test.withPage('/metrics', {}, async (page) => {
    await page.getByText('Logger::Open').first().waitFor();
    console.log('an empty logdir says what to log and how');
    train('healthy', []);
    train('faulty', ['--kill-relus', '--item-embedding-learning-rate-scale', '0.0001']);
    // However slow the page is, there is something left to log after its first picture.
    await waitUntil(async () => (await test.api('/api/v1/tags')).tags.some((tag) => tag.name === 'loss/train'));
    trainings.forEach((training) => training.pause());
    const card = page.getByLabel('loss/train', { exact: true });
    await card.locator('canvas').first().waitFor();
    const before = await pictureOf(card);
    const delta = page.waitForResponse((response) => isDelta(response.url()));
    trainings.forEach((training) => training.resume());
    await delta;
    await looksOther(card, before);
  });
  console.log('curves appear and grow while a run trains');
}

/** A live page asks only for what lies behind its last step. */
function isDelta(url) {
  return url.includes('/api/v1/scalars') && url.includes('loss%2Ftrain') && url.includes('from=');
}

async function zoomAsksAgain() {
  await Promise.all(trainings.map(async (training) => assert.equal(await training.done, 0)));
  await test.withPage('/metrics', {}, async (page) => {
    const plot = page.getByLabel('loss/train', { exact: true }).locator('.u-over').first();
    await plot.waitFor({ timeout: kWaitMs });
    const box = await plot.boundingBox();
    const asked = page.waitForRequest((request) => /scalars\?.*from=.*to=/.test(request.url()), { timeout: kWaitMs });
    await page.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.5);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.5, { steps: 8 });
    await page.mouse.up();
    const url = new URL((await asked).url());
    const [from, to] = [Number(url.searchParams.get('from')), Number(url.searchParams.get('to'))];
    assert.ok(from > 500 && to < 2000 && from < to, `asked for steps ${from} to ${to}`);
  });
  console.log('zooming asks the server again at the new resolution');
}

async function namesBothFaults() {
  const { runs } = await test.api('/api/v1/runs');
  const id = (name) => runs.find((run) => run.name === name).id;
  const findings = async (name) =>
    (await test.api(`/api/v1/findings?run=${id(name)}`)).runs[0].findings.filter(
      (finding) => finding.severity !== 'info',
    );
  await waitUntil(async () => {
    const found = (await findings('faulty')).map((finding) => `${finding.rule} ${finding.entity}`);
    return [/^dead_units .*hidden_1/, /^stalled_rows .*item/].every((wanted) => found.some((one) => wanted.test(one)));
  });
  assert.deepEqual(await findings('healthy'), [], 'the healthy run has findings');
  await test.withPage(`/health?run=${id('faulty')}`, {}, async (page) => {
    await page
      .getByText(/hidden_1/)
      .first()
      .waitFor({ timeout: kWaitMs });
    await page.getByText(/item/).first().waitFor({ timeout: kWaitMs });
    await page.locator('canvas').first().waitFor({ timeout: kWaitMs });
  });
  await test.withPage(`/health?run=${id('faulty')}`, { viewport: { width: 600, height: 900 } }, async (page) => {
    const table = page.getByRole('table').filter({ hasText: 'not checked' });
    await table.waitFor({ timeout: kWaitMs });
    const [inner, outer] = [await table.boundingBox(), await table.locator('..').boundingBox()];
    assert.ok(inner.width <= outer.width, 'the reasons of the checks are out of view on a narrow page');
  });
  console.log('both faults are on Health, and the healthy run has none');
}

async function projectsWhileTheMapRefines() {
  await test.withPage('/projector?method=tsne&iterations=5000', {}, async (page) => {
    await page
      .getByRole('button', { name: /run t-sne/i })
      .first()
      .click({ timeout: kWaitMs });
    const line = page.getByRole('status').filter({ hasText: 'iteration' });
    const canvas = page.locator('.picture canvas.points');
    const iteration = async () => /iteration ([\d,]+)/.exec((await line.textContent()) ?? '')?.[1];
    // The map waits while it is looked at: it is not done before the page has shown it on its way.
    for (let i = 0; i < 3; i++) {
      await page.getByRole('button', { name: 'Pause', exact: true }).click();
      await line.getByText('paused', { exact: true }).waitFor();
      const picture = await pictureOf(canvas);
      const before = await iteration();
      await page.getByRole('button', { name: 'Resume', exact: true }).click();
      await waitUntil(async () => (await iteration()) !== before);
      await looksOther(canvas, picture);
    }
    await line.getByText('done', { exact: true }).waitFor({ timeout: 4 * kWaitMs });
    assert.match((await line.textContent()) ?? '', /done.*KL.* \d/s);
  });
  console.log('the projector shows points and refines them while t-SNE runs');
}

async function keepsTheStepsOfAProfile() {
  await test.withPage('/profile', {}, async (page) => {
    const from = page.getByLabel('steps', { exact: true });
    await from.waitFor({ timeout: kWaitMs });
    await from.fill('100');
    await from.press('Enter');
    await page.waitForURL(/zoom=100\.\.2500/, { timeout: kWaitMs });
    await page.reload();
    await from.waitFor({ timeout: kWaitMs });
    assert.equal(await from.inputValue(), '100');
    await page.goBack();
    await page.waitForFunction(() => !location.search.includes('zoom'), undefined, { timeout: kWaitMs });
    await page.getByRole('link', { name: 'Metrics' }).click();
    assert.ok(!new URL(page.url()).searchParams.has('zoom'), 'the steps of a profile zoomed the curves');
  });
  console.log('the steps of a profile are in the address');
}

async function opensEveryPageWithoutComplaint() {
  await test.looksRight(Object.fromEntries(kPages.map((name) => [name, `/${name}`])), screenshots);
  console.log('every page opens in light and dark at 1440 and 900 px without a complaint');
}

async function stopsCleanly() {
  assert.equal(await test.server.stop(), 0);
  console.log('the server stops with exit code 0');
}
