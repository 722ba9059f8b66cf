// What a user does with the timeline of the Profile page in a real browser, by the keys and gestures of Perfetto: zooms,
// moves, selects slices, finds them by name, and sums a range of times.
//
// usage: node profile_page.mjs SPIROGRAM [SCREENSHOT_DIR]
// Exit code 77 where Chromium is missing: the test is then skipped.
import assert from 'node:assert/strict';

import { placeKept, runPageTest, settled, waitUntil } from './page_test.mjs';
import { start } from './server.mjs';

const [program, screenshots] = process.argv.slice(2);
const kSteps = 80;
/** Where tracks begin, and a height in the row of the phases, below that of the host's load. */
const kLeft = 132;
const kPhases = 80;

let test;
await runPageTest(program, async (opened) => {
  test = opened;
  for (const run of ['first', 'second']) {
    const flags = ['--run', run, '--steps', `${kSteps}`, '--threads', '1', '--device', 'cpu'];
    assert.equal(await start(program, ['train', 'recsys', '--logdir', test.logdir, ...flags]).done, 0);
  }
  await test.serve();
  await waitUntil(async () => (await test.runAt('second'))?.status === 'finished');
  await zoomsAndMoves();
  await selectsSlices();
  await pressesWithoutMoving();
  await marksATime();
  await findsSlicesByName();
  await forgetsWhatIsOfOtherSteps();
  await showsTheLongestStep();
  await choosesStepsByTheLeftButtonAlone();
  await choosesStepsByKeys();
  await showsAllColumnsBesideASlice();
  await comesBackToItsTables();
  await comparesWithAnotherRun();
  await saysThatItsRunIsGone();
  const ends = `zoom=${kSteps - 9}..${kSteps}`;
  await test.looksRight(
    {
      timeline: `/profile?${ends}&slice=7&search=forward`,
      range: `/profile?${ends}&marked=1..4`,
      against: `/profile?run=1&from_run=2`,
    },
    screenshots,
  );
  assert.equal(await test.server.stop(), 0);
});

function queryOf(page, name) {
  return new URL(page.url()).searchParams.get(name);
}

async function timelineOf(page) {
  const timeline = page.getByLabel(/^Timeline of/);
  await timeline.waitFor();
  return timeline;
}

async function timesOf(page, from) {
  await waitUntil(() => queryOf(page, 'times') !== from);
  return (queryOf(page, 'times') ?? '').split('..').map(Number);
}

/** However long the machine held one of the steps up, a phase begins at the left edge, and others follow. */
async function pressFirstSlice(timeline) {
  await timeline.click({ position: { x: kLeft + 1, y: kPhases } });
}

/** One that is not the better part of all that is shown: zooming in on it shows less. */
async function selectShortSlice(page, timeline) {
  const share = page.getByRole('region', { name: 'Selected slice' }).getByText('of its step');
  await pressFirstSlice(timeline);
  // Of a step's five phases one takes a fifth of it or less.
  while (Number((await share.textContent()).match(/([\d.]+).?% of its step/)[1]) > 20) {
    await page.keyboard.press('.');
  }
}

async function zoomsAndMoves() {
  await test.withPage('/profile', {}, async (page) => {
    const timeline = await timelineOf(page);
    await settled(page);
    await timeline.scrollIntoViewIfNeeded();
    const box = await timeline.boundingBox();
    // A letter serves where the pointer is, and zooms there.
    const whole = Number((await page.getByText(', as shown').textContent()).match(/to ([\d.]+) ms/)[1]);
    await page.mouse.move(box.x + kLeft + (box.width - kLeft) / 4, box.y + kPhases);
    await page.keyboard.press('w');
    const once = await timesOf(page, null);
    assert.ok(Math.abs(once[1] - once[0] - whole / 1.5) < 0.02 * whole, `${once} of ${whole}`);
    assert.ok(Math.abs(once[0] - (whole - whole / 1.5) / 4) < 0.02 * whole, `${once} of ${whole}`);
    await page.keyboard.press('d');
    const right = await timesOf(page, once.join('..'));
    assert.ok(right[0] > once[0], `${right} after ${once}`);
    // A press on the overview goes there.
    await page.mouse.click(box.x + kLeft + 2, box.y + 5);
    const first = await timesOf(page, right.join('..'));
    assert.equal(first[0], 0);
    await page.mouse.click(box.x + box.width - 2, box.y + 5);
    const last = await timesOf(page, first.join('..'));
    assert.ok(last[0] > first[0] && Math.abs(last[1] - last[0] - first[1]) < 1e-5, `${last} after ${first}`);
    // With Ctrl the wheel zooms; without, the page goes on under it until a press has chosen the timeline.
    const scrolled = () => page.locator('main').evaluate((one) => one.scrollTop);
    await page.getByRole('heading', { name: 'Slices' }).click();
    await page.mouse.move(box.x + kLeft + 200, box.y + kPhases);
    assert.equal(await scrolled(), 0);
    await page.mouse.wheel(0, 60);
    await waitUntil(async () => (await scrolled()) > 0);
    await waitUntil(async () => {
      // Again where a browser that was held up has lost a turn.
      await page.mouse.wheel(0, -60);
      return (await scrolled()) === 0;
    });
    assert.equal(queryOf(page, 'times'), last.join('..'));
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -200);
    await page.keyboard.up('Control');
    const closer = await timesOf(page, last.join('..'));
    assert.ok(closer[1] - closer[0] < last[1] - last[0]);
    await page.mouse.down();
    await page.mouse.up();
    await page.mouse.wheel(0, -200);
    const near = await timesOf(page, closer.join('..'));
    assert.ok(near[1] - near[0] < closer[1] - closer[0]);
    assert.equal(await scrolled(), 0);

    // By the focus alone, with arrows too; and as a link shows it.
    await page.mouse.move(box.x, 10);
    await timeline.focus();
    await page.keyboard.press('ArrowLeft');
    const left = await timesOf(page, near.join('..'));
    assert.ok(left[0] < near[0]);
    await page.reload();
    await (await timelineOf(page)).focus();
    await page.keyboard.press('0');
    await waitUntil(() => queryOf(page, 'times') === null);
    await page.keyboard.press('d');
    assert.equal(queryOf(page, 'times'), null, 'there is nothing beyond the end');
  });
  console.log('the timeline is zoomed and moved by keys and by the wheel, and the address keeps it');
}

async function selectsSlices() {
  await test.withPage('/profile', {}, async (page) => {
    const timeline = await timelineOf(page);
    const details = page.getByRole('region', { name: 'Selected slice' });
    await pressFirstSlice(timeline);
    await details.getByText('of its step').waitFor();
    const name = await details.getByRole('heading').textContent();
    await page.keyboard.press('.');
    await waitUntil(async () => (await details.getByRole('heading').textContent()) !== name);
    await page.keyboard.press(',');
    await waitUntil(async () => (await details.getByRole('heading').textContent()) === name);
    const slice = queryOf(page, 'slice');
    await details
      .getByRole('button', { name: /^(Next|Previous of this name)$/ })
      .and(page.locator(':enabled'))
      .first()
      .click();
    await waitUntil(() => queryOf(page, 'slice') !== slice);
    assert.equal(await details.getByRole('heading').textContent(), name);
    await page.reload();
    assert.equal(await details.getByRole('heading').textContent(), name);
    await (await timelineOf(page)).focus();
    await page.keyboard.press('Escape');
    await details.waitFor({ state: 'detached' });
    // Without a pointer: the first slice in view.
    await page.keyboard.press('.');
    await details.waitFor();
  });
  console.log('a press or a key selects a slice and tells all of it');
}

async function pressesWithoutMoving() {
  let times;
  await test.withPage('/profile', {}, async (page) => {
    await pressFirstSlice(await timelineOf(page));
    await page.keyboard.press('f');
    const [from, to] = await timesOf(page, null);
    // Twice its length lies after it, and nothing before.
    const middle = from + (to - from) / 6;
    times = `${middle - (to - from) / 50}..${middle + (to - from) / 50}`;
  });
  await test.withPage(`/profile?times=${times}`, {}, async (page) => {
    await (await timelineOf(page)).click({ position: { x: kLeft + 200, y: kPhases } });
    await waitUntil(() => queryOf(page, 'slice') !== null);
    await page.waitForTimeout(500);
    assert.equal(queryOf(page, 'times'), times);
  });
  console.log('a press on a slice that sticks out of the view selects it where it is');
}

async function marksATime() {
  await test.withPage('/profile', {}, async (page) => {
    const timeline = await timelineOf(page);
    const sums = page.getByRole('region', { name: 'Time by name' });
    const rows = sums.locator('tbody tr');
    await waitUntil(async () => (await rows.count()) === 5);
    await settled(page);
    await timeline.scrollIntoViewIfNeeded();
    const box = await timeline.boundingBox();
    // On the ruler a drag marks a range; it moves nothing.
    await page.mouse.move(box.x + kLeft + 3, box.y + 22);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 3, box.y + 22, { steps: 4 });
    await page.mouse.up();
    await sums.getByText('as marked').waitFor();
    await waitUntil(() => queryOf(page, 'marked') !== null);
    assert.equal(queryOf(page, 'times'), null);
    // A slice's own time holds that slice and nothing else.
    await sums.getByRole('button', { name: 'Select the longest backward' }).click();
    await timeline.focus();
    await page.keyboard.press('m');
    await waitUntil(async () => (await rows.count()) === 1);
    assert.match(await rows.first().textContent(), /backward.*100 %/s);
    await sums.getByRole('button', { name: 'Drop the mark' }).click();
    await waitUntil(async () => (await rows.count()) === 5);
  });
  console.log('the time of a marked range is summed by name');
}

async function findsSlicesByName() {
  await test.withPage('/profile', {}, async (page) => {
    await timelineOf(page);
    const field = page.getByLabel('Find slices by a regular expression over their names');
    await page.keyboard.press('/');
    await page.keyboard.type('^opti');
    await page.getByText('3 slices', { exact: true }).waitFor();
    const rows = page.getByRole('region', { name: 'Time by name' }).locator('tbody tr');
    await waitUntil(async () => (await rows.count()) === 1);
    for (const place of [1, 2, 3, 1]) {
      await field.press('Enter');
      await page.getByText(`${place} of 3 slices`, { exact: true }).waitFor();
    }
    await field.press('Shift+Enter');
    await page.getByText('3 of 3 slices', { exact: true }).waitFor();
    await field.fill('<b>');
    await page.getByText('No slice matches').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Next slice that matches' }).isDisabled(), true);
  });
  console.log('slices are found by name, one after the other');
}

async function forgetsWhatIsOfOtherSteps() {
  await test.withPage('/profile', {}, async (page) => {
    const timeline = await timelineOf(page);
    await selectShortSlice(page, timeline);
    await page.keyboard.press('m');
    await page.keyboard.press('f');
    await waitUntil(() => ['times', 'marked', 'slice'].every((name) => queryOf(page, name) !== null));
    await page.getByLabel('steps', { exact: true }).fill('10');
    await page.getByLabel('steps', { exact: true }).press('Enter');
    await waitUntil(() => ['times', 'marked', 'slice'].every((name) => queryOf(page, name) === null));
    await page.goBack();
    await page.getByRole('region', { name: 'Selected slice' }).waitFor();
    await page.getByText(', as marked').waitFor();
    await page.getByRole('combobox', { name: /^Run/ }).selectOption({ label: 'first' });
    await waitUntil(() => queryOf(page, 'slice') === null);
  });
  await test.withPage('/profile?slice=999999&times=900000..900001&marked=5..', {}, async (page) => {
    await timelineOf(page);
    await page.getByText(', as shown').waitFor();
    assert.equal(await page.getByRole('region', { name: 'Selected slice' }).count(), 0);
  });
  console.log('other steps and runs begin anew, and an odd address harms nothing');
}

async function comesBackToItsTables() {
  await test.withPage('/profile', { viewport: { width: 1440, height: 600 } }, async (page) => {
    const top = () => page.locator('main').evaluate((one) => one.scrollTop);
    await timelineOf(page);
    await page.getByText(', as shown').waitFor();
    await settled(page);
    await page.locator('main').evaluate((one) => one.scrollTo(0, one.scrollHeight));
    await waitUntil(async () => (await top()) > 100);
    await placeKept(page);
    const before = await top();
    await page.getByRole('link', { name: 'Runs' }).click();
    await page.getByRole('heading', { name: 'Runs' }).first().waitFor();
    await page.goBack();
    await waitUntil(async () => Math.abs((await top()) - before) < 3); // as high as that only once the slices are there
  });
  console.log('Back leads to where one was, although what stands there comes later');
}

async function comparesWithAnotherRun() {
  const [first, second] = [(await test.runAt('first')).id, (await test.runAt('second')).id];
  const headOf = async (page) => (await page.getByText(/ steps, .* each$/).textContent()).match(/, (.*) each$/)[1];
  let stepOfSecond;
  await test.withPage(`/profile?run=${second}`, {}, async (page) => (stepOfSecond = await headOf(page)));
  await test.withPage(`/profile?run=${first}`, {}, async (page) => {
    await page.getByLabel('Against').selectOption({ label: 'second' });
    const rows = page.getByRole('region', { name: 'Comparison' }).getByRole('row');
    await rows.filter({ hasText: 'backward' }).waitFor();
    const cells = (await rows.allInnerTexts()).map((text) => text.split('\t').map((cell) => cell.trim()));
    assert.deepEqual(cells[0], ['Phase, mean a step', 'first', 'second', 'Difference']);
    assert.deepEqual(cells[1].slice(0, 3), ['whole step', await headOf(page), stepOfSecond]);
    assert.match(cells[1][3], /^(±0|[+\u2212][\d.]+ \S+ \([+\u2212][\d.]+ %\))$/u);
    const phases = cells.slice(2).map(([name]) => name);
    assert.deepEqual(phases.sort(), ['backward', 'forward', 'input_wait', 'logging', 'optimizer']);
    await page.waitForURL((url) => url.searchParams.get('from_run') === `${second}`);
    await page.getByLabel('Against').selectOption({ label: 'no other run' });
    await page.getByRole('region', { name: 'Comparison' }).waitFor({ state: 'detached' });
  });
  console.log('the times of a run stand beside those of another');
}

async function saysThatItsRunIsGone() {
  const { id } = await test.runAt('second');
  const change = async (method, path) =>
    assert.equal((await fetch(test.url(`/api/v1/runs/${id}${path}`), { method })).status, 200);
  await test.withPage(`/profile?run=${id}&slice=3`, {}, async (page) => {
    await page.getByRole('region', { name: 'Selected slice' }).waitFor();
    await change('DELETE', '');
    await page.getByText('second was deleted: this is first.').waitFor();
    // A slice of one run is none of another.
    await waitUntil(() => queryOf(page, 'slice') === null);
    await change('POST', '/restore');
    await page.getByText('was deleted').waitFor({ state: 'detached' });
  });
  await test.withPage(`/profile?run=${id}&mode=graph`, {}, async (page) =>
    page.getByText('No run has a graph').waitFor(),
  );
  console.log('a page whose run is gone says that it shows another');
}

async function showsAllColumnsBesideASlice() {
  for (const width of [1100, 1200, 1300, 1440]) {
    await test.withPage('/profile?slice=3', { viewport: { width, height: 900 } }, async (page) => {
      await page.getByRole('region', { name: 'Selected slice' }).waitFor();
      await settled(page);
      const table = page.getByRole('region', { name: 'Time by name' }).locator('.scroll-x');
      const hidden = await table.evaluate((one) => one.scrollWidth - one.clientWidth);
      assert.ok(hidden <= 0, `${hidden} px of the table are hidden in a window of ${width}`);
    });
  }
  console.log('the table of times shows its columns beside a slice too');
}

async function choosesStepsByTheLeftButtonAlone() {
  await test.withPage('/profile', {}, async (page) => {
    const bars = page.getByLabel(/^Phases per step/);
    await timelineOf(page);
    await settled(page);
    const box = await bars.boundingBox();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down({ button: 'right' });
    await page.mouse.move(x + 60, y);
    await page.mouse.up({ button: 'right' });
    await page.mouse.move(x + 120, y);
    await page.waitForTimeout(300);
    assert.equal(queryOf(page, 'zoom'), null);
    await page.mouse.click(x, y);
    await waitUntil(() => queryOf(page, 'zoom') !== null);
    // A single step, which a reload and a link show again.
    const [from, to] = queryOf(page, 'zoom').split('..');
    assert.equal(from, to);
    await page.reload();
    await timelineOf(page);
    await waitUntil(async () => (await page.getByLabel('to', { exact: true }).inputValue()) === to);
    assert.equal(await page.getByLabel('steps', { exact: true }).inputValue(), from);
  });
  console.log('the left button chooses steps, a single one too, and a reload keeps it');
}

async function choosesStepsByKeys() {
  await test.withPage('/profile', {}, async (page) => {
    const bars = page.getByLabel(/^Phases per step/);
    await bars.focus();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    await page.getByText(new RegExp(`^step ${kSteps - 1}: .*forward \\d.*, all \\d`)).waitFor({ state: 'attached' });
    await page.keyboard.press('Enter');
    await waitUntil(() => queryOf(page, 'zoom') === `${kSteps - 1}..${kSteps - 1}`);
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Enter');
    await waitUntil(() => queryOf(page, 'zoom') === '1..3');
    await page.keyboard.press('0');
    await waitUntil(() => queryOf(page, 'zoom') === null);
  });
  console.log('bars are walked along and chosen by keys, and read out');
}

async function showsTheLongestStep() {
  await test.withPage('/profile', {}, async (page) => {
    await page.getByText(/^Half of the steps take up to/).waitFor();
    const link = page.getByTitle('Show its slices');
    const step = (await link.textContent()).match(/\d+/)[0];
    await link.click();
    await waitUntil(async () => (await page.getByLabel('to', { exact: true }).inputValue()) === step);
  });
  console.log('how long steps take is told, and the longest one is shown');
}
