// What a user does with the tracks of a timeline, in a real browser: keeps some on top, folds, hides and filters others,
// by the pointer and by keys alone; measures, copies a name, and takes what is shown to Perfetto.
//
// usage: node profile_tracks.mjs SPIROGRAM PYTHON [SCREENSHOT_DIR]
// Exit code 77 where Chromium or TensorBoard is missing: the test is then skipped.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { looksOther, pictureOf, runPageTest, saved, settled, Skipped, waitUntil } from './page_test.mjs';

const [program, python, screenshots] = process.argv.slice(2);
const kWriter = fileURLToPath(new URL('write_profile_logdir.py', import.meta.url));
const kLeft = 132;

const queryOf = (page, name) => new URL(page.url()).searchParams.getAll(name);
const timelineOf = (page) => page.getByLabel(/^Timeline of/);
const tracksOf = (page) => page.getByRole('list', { name: 'Tracks', exact: true }).getByRole('listitem');
const pinnedOf = (page) => page.getByRole('list', { name: 'Pinned tracks' }).getByRole('listitem');
const headOf = (page, name) => tracksOf(page).filter({ has: page.getByText(name, { exact: true }) });
const namesOf = async (rows) => (await rows.allInnerTexts()).map((text) => text.trim());

let test;
let run;
await runPageTest(program, async (opened) => {
  test = opened;
  const written = spawnSync(python, [kWriter, test.logdir], { encoding: 'utf8' });
  if (written.status === 77) throw new Skipped(written.stdout);
  assert.equal(written.status, 0, written.stderr);
  await test.serve();
  await waitUntil(async () => (await test.api('/api/v1/runs')).runs.length === 3);
  run = (await test.runAt('crowded')).id;
  await keepsPinnedTracksOnTop();
  await foldsAndUnfolds();
  await hidesAndFilters();
  await showsWhatIsSelected();
  await goesByKeysAlone();
  await measuresBetweenTwoPresses();
  await goesToATime();
  await copiesANameAndSavesATrace();
  await showsAProfileWithoutPhases();
  const pins = 'track_pin=GPU&track_pin=stream%2014';
  await test.looksRight(
    {
      tracks: `/profile?run=${run}&${pins}`,
      folded: `/profile?run=${run}&${pins}&track_fold=host&track_fold=thread%20100`,
    },
    screenshots,
  );
  assert.equal(await test.server.stop(), 0);
});

async function withTracks(query, body) {
  await test.withPage(`/profile?run=${run}${query}`, {}, async (page) => {
    await timelineOf(page).waitFor();
    await settled(page);
    await body(page);
  });
}

async function keepsPinnedTracksOnTop() {
  await withTracks('', async (page) => {
    const names = await namesOf(tracksOf(page));
    assert.deepEqual(names.slice(0, 3), ['host', 'phases', 'calls 1']);
    assert.deepEqual(names.slice(-4), ['GPU', 'stream 14', 'stream 34', 'stream 54']);
    await headOf(page, 'stream 34').scrollIntoViewIfNeeded();
    await headOf(page, 'stream 34').getByRole('button', { name: 'Pin stream 34' }).click();
    await headOf(page, 'GPU').getByRole('button', { name: 'Pin GPU' }).click();
    await waitUntil(async () => (await namesOf(pinnedOf(page))).join() === 'stream 34,GPU');
    await waitUntil(() => queryOf(page, 'track_pin').join() === 'stream 34,GPU');
    // They stay where they are, also painted, while others scroll.
    const box = page.locator('.box').filter({ has: timelineOf(page) });
    const top = async () => (await pinnedOf(page).first().boundingBox()).y;
    const [before, first] = [await top(), await headOf(page, 'phases').boundingBox()];
    await box.evaluate((one) => (one.scrollTop = 400));
    await waitUntil(async () => (await headOf(page, 'phases').boundingBox()).y !== first.y);
    assert.equal(await top(), before);
    const place = await timelineOf(page).boundingBox();
    assert.equal((await box.boundingBox()).y, place.y, 'names and rows begin at one height');
    const kernel = { x: kLeft + (place.width - kLeft) * 0.26, y: before - place.y + 10 };
    await timelineOf(page).click({ position: kernel });
    await page.getByRole('region', { name: 'Selected slice' }).getByText('kernel_27').first().waitFor();
    await page.reload();
    await waitUntil(async () => (await namesOf(pinnedOf(page))).join() === 'stream 34,GPU');
    // To other pages and back.
    await page.getByRole('link', { name: 'Runs' }).click();
    await page.getByRole('heading', { name: 'Runs' }).first().waitFor();
    await page.getByRole('link', { name: 'Profile' }).click();
    await waitUntil(async () => (await namesOf(pinnedOf(page))).join() === 'stream 34,GPU');
    await pinnedOf(page).first().getByRole('button', { name: 'Pin stream 34', pressed: true }).click();
    await waitUntil(async () => (await namesOf(pinnedOf(page))).join() === 'GPU');
  });
  console.log('pinned tracks stay on top while others scroll, and a link keeps them');
}

async function foldsAndUnfolds() {
  await withTracks('', async (page) => {
    const count = await tracksOf(page).count();
    const host = headOf(page, 'host').getByRole('button', { name: 'host', exact: true });
    await host.click();
    await waitUntil(async () => (await namesOf(tracksOf(page))).join() === 'host,GPU,stream 14,stream 34,stream 54');
    assert.equal(await host.getAttribute('aria-expanded'), 'false');
    await waitUntil(() => queryOf(page, 'track_fold').join() === 'host');
    // Its row tells how busy its tracks were.
    const box = await timelineOf(page).boundingBox();
    await page.mouse.move(box.x + kLeft + (box.width - kLeft) / 10, box.y + 60);
    await page.getByText(/busy, on average of 61 tracks/).waitFor();
    await host.click({ modifiers: ['Alt'] });
    await waitUntil(async () => (await tracksOf(page).count()) === count);
    await host.click({ modifiers: ['Alt'] });
    await waitUntil(async () => (await namesOf(tracksOf(page))).join() === 'host,GPU');
    await page.goto(test.url(`/profile?run=${run}`));
    // Calls within calls are one row of load where their track is folded.
    const rowsOf = () => page.locator('.all').evaluate((one) => one.clientHeight);
    await timelineOf(page).waitFor();
    const high = await rowsOf();
    await headOf(page, 'calls 1').getByRole('button', { name: 'calls 1', exact: true }).click();
    await waitUntil(async () => (await rowsOf()) === high - 20);
  });
  console.log('groups and tracks fold to a row of their load');
}

async function hidesAndFilters() {
  await withTracks('', async (page) => {
    const sums = page.getByRole('region', { name: 'Time by name' }).locator('tbody .name');
    const sumNames = async () =>
      (await sums.allTextContents())
        .map((name) => name.trim().slice(0, 9))
        .sort()
        .join();
    const filter = page.getByLabel('Filter tracks by a regular expression over their names');
    await filter.fill('stream (14|34)');
    await waitUntil(async () => (await namesOf(tracksOf(page))).join() === 'GPU,stream 14,stream 34');
    await page.getByText('62 tracks not shown').waitFor();
    // Sums are of what is shown, as those of an area in Perfetto.
    await waitUntil(async () => (await sumNames()) === 'kernel_27,kernel_7');
    await page.getByText('of shown tracks').waitFor();
    await headOf(page, 'stream 14').hover();
    await headOf(page, 'stream 14').getByRole('button', { name: 'Hide stream 14' }).click();
    await waitUntil(async () => (await namesOf(tracksOf(page))).join() === 'GPU,stream 34');
    await filter.fill('thread 1[0-5]7');
    await waitUntil(
      async () =>
        (await namesOf(tracksOf(page))).join() === 'host,calls 8,calls 18,calls 28,calls 38,calls 48,calls 58',
    );
    await filter.fill('(');
    await page.getByText('64 tracks not shown').waitFor();
    await page.getByRole('button', { name: 'Show all tracks' }).click();
    await waitUntil(async () => (await tracksOf(page).count()) === 66);
    assert.equal(await filter.inputValue(), '');
  });
  console.log('tracks are hidden and filtered by name, and sums are of those that are shown');
}

async function showsWhatIsSelected() {
  await withTracks('&track_fold=GPU&track_hide=stream%2054&track_filter=phases', async (page) => {
    await page.getByLabel('Find slices by a regular expression over their names').fill('kernel_47');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Selected slice' }).getByText('stream 54').waitFor();
    await headOf(page, 'stream 54').waitFor();
    const [box, row] = [await timelineOf(page).boundingBox(), await headOf(page, 'stream 54').boundingBox()];
    assert.ok(
      row.y >= box.y && row.y + row.height <= box.y + box.height + 1,
      `${row.y} is out of ${box.y} to ${box.y + box.height}`,
    );
    // From there to its call, on a thread further up.
    await timelineOf(page).focus();
    await page.keyboard.press('[');
    await page.getByText('calls 48, thread 147').waitFor();
    await waitUntil(async () => (await headOf(page, 'calls 48').boundingBox()).y < box.y + box.height);
  });
  console.log('what a search selects is unfolded, shown again and scrolled to');
}

async function goesByKeysAlone() {
  await withTracks('', async (page) => {
    // From the timeline one Tab back leads to the names of tracks, of which one row is a stop.
    await timelineOf(page).focus();
    const focused = () => page.evaluate(() => document.activeElement.closest('li')?.innerText.trim());
    await headOf(page, 'host').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    assert.equal(await focused(), 'calls 1');
    await page.keyboard.press('p');
    await waitUntil(async () => (await namesOf(pinnedOf(page))).join() === 'calls 1');
    assert.equal(await focused(), 'calls 1');
    await page.keyboard.press('ArrowLeft');
    await waitUntil(() => queryOf(page, 'track_fold').join() === 'thread 100');
    await page.keyboard.press('ArrowRight');
    await waitUntil(() => queryOf(page, 'track_fold').length === 0);
    await page.keyboard.press('h');
    await page.getByText('1 track not shown').waitFor();
    await waitUntil(async () => (await focused()) === 'calls 2');
    await page.keyboard.press('Tab');
    assert.equal(
      await page.evaluate(
        () => document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText.trim(),
      ),
      'calls 2',
    );
    for (let i = 0; i < 3; i++) await page.keyboard.press('Tab');
    assert.match(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), /^Timeline of/);
    // On the timeline the keys mean the track of the selected slice; `g p` is still the page's.
    await page.mouse.move(5, 5);
    await page.keyboard.press('.');
    await page.getByRole('region', { name: 'Selected slice' }).waitFor();
    await page.keyboard.press('p');
    await waitUntil(async () => (await namesOf(pinnedOf(page))).join() === 'phases');
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('keep a track on top, or hide it').waitFor();
  });
  console.log('tracks are pinned, folded and hidden by keys alone');
}

async function measuresBetweenTwoPresses() {
  await withTracks('', async (page) => {
    const box = await timelineOf(page).boundingBox();
    const at = (share) => [box.x + kLeft + (box.width - kLeft) * share, box.y + 80];
    await page.mouse.move(...at(0.25));
    await page.keyboard.press('m');
    await page.mouse.move(...at(0.75), { steps: 3 });
    const told = /^(9\.[5-9]|10).* ms$/;
    await page.locator('.tip').getByText(told).waitFor();
    await page.keyboard.press('m');
    await page.getByText('as marked').waitFor();
    await waitUntil(() => queryOf(page, 'marked').length > 0);
    const [from, to] = queryOf(page, 'marked')[0].split('..').map(Number);
    assert.ok(Math.abs(to - from - 9.5) < 0.7, `${from} to ${to}`);
    // Escape gives up a mark that is only begun, and leaves the one that stands.
    await page.keyboard.press('m');
    await page.keyboard.press('Escape');
    await page.getByText('as marked').waitFor();
  });
  console.log('M and M measure from one place to another');
}

async function goesToATime() {
  await withTracks('', async (page) => {
    const field = page.getByLabel('Go to a time');
    await field.fill('5..7 ms');
    await field.press('Enter');
    await waitUntil(() => queryOf(page, 'times').join() === '5..7');
    await field.fill('12000 µs');
    await field.press('Enter');
    await waitUntil(() => queryOf(page, 'times').join() === '11..13');
    await field.fill('soon');
    await field.press('Enter');
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    assert.equal(queryOf(page, 'times').join(), '11..13');
  });
  console.log('a time that is typed is gone to');
}

async function copiesANameAndSavesATrace() {
  await withTracks('&track_filter=GPU|stream', async (page) => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Select the longest kernel_7' }).click();
    await page.getByRole('button', { name: 'Copy its name' }).click();
    await waitUntil(async () => (await page.evaluate(() => navigator.clipboard.readText())) === 'kernel_7');
    const path = await saved(page, () => page.getByRole('button', { name: 'Trace' }).click());
    const events = JSON.parse(await readFile(path, 'utf8')).traceEvents;
    const slices = events.filter(({ ph }) => ph === 'X');
    assert.deepEqual([...new Set(slices.map(({ name }) => name))].sort(), ['kernel_27', 'kernel_47', 'kernel_7']);
    assert.equal(slices.length, 6);
    const picture = await pictureOf(timelineOf(page));
    await page.getByRole('button', { name: 'Show all tracks' }).click();
    await looksOther(timelineOf(page), picture);
  });
  console.log('a name is copied, and what is shown is saved as a trace');
}

async function showsAProfileWithoutPhases() {
  const alone = (await test.runAt('alone')).id;
  await test.withPage(`/profile?run=${alone}`, {}, async (page) => {
    await timelineOf(page).waitFor();
    assert.deepEqual(await namesOf(tracksOf(page)), ['GPU', 'stream 7']);
    await timelineOf(page).focus();
    await page.keyboard.press('.');
    await page
      .getByRole('region', { name: 'Selected slice' })
      .getByText(/^kernel_x+$/)
      .waitFor();
    assert.equal(await page.getByText('Milliseconds per step').count(), 0);
  });
  console.log('a trace of one kernel, without any phase, has its timeline');
}
