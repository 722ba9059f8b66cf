// Runs as objects in a real browser: rename, tag, note, pin, colour, archive, delete, undo, purge, and
// what a second page sees of it.
//
// usage: node runs.mjs SPIROGRAM [SCREENSHOT_DIR]
// Exit code 77 where Chromium is missing: the test is then skipped.
import assert from 'node:assert/strict';
import { access, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { openPage } from './browser.mjs';
import { sendPoint } from './ingest.mjs';
import { assertFits, drawn, runPageTest, waitUntil } from './page_test.mjs';
import { start } from './server.mjs';

const [program, screenshots] = process.argv.slice(2);
const kRuns = ['alpha', 'beta', 'sweep/one', 'sweep/two'];
const kFlags = ['--allow-delete-files'];
const kHostile = '<img src=x onerror=alert(1)>';

let test;
await runPageTest(program, async (opened) => {
  test = opened;
  for (const run of kRuns) {
    const training = start(program, [
      'train',
      'recsys',
      '--logdir',
      test.logdir,
      '--run',
      run,
      '--steps',
      '40',
      '--threads',
      '1',
      '--device',
      'cpu',
    ]);
    assert.equal(await training.done, 0, run);
  }
  await test.serve(kFlags);
  await waitUntil(async () => (await test.api('/api/v1/runs')).runs.length === kRuns.length);
  await renamesInPlaceAndTellsOtherPages();
  await tagsAndFilters();
  await writesANoteAndPicksAColour();
  await savesOverTheChangeOfAnother();
  await pinsByKey();
  await listsRunsBelowTheirFolders();
  await wrapsFoldersBetweenThem();
  await widensThePicker();
  await selectsByKeyAndTagsInBulk();
  await archivesAndBringsBack();
  await deletesAndUndoes();
  await keepsAChangeThatAnOlderListDoesNotKnow();
  await tellsOfDeletedRunsThatAreStillWrittenTo();
  await fitsNamesThatAreLongerThanAPage();
  await showsTextFromDataAsText();
  await keepsAllAfterARestart();
  await purgesAndReadsAgain();
  await purgesWithFilesAfterAsking();
  await looksRight();
  assert.equal(await test.server.stop(), 0);
});

function rowOf(page, path) {
  return page.locator('tr[data-run]').filter({ has: page.locator(`[title="${path}"]`) });
}

/** The Enter by which an input method takes a word, which is not the end of the field. */
function endComposition(field) {
  return field.evaluate((one) =>
    one.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true })),
  );
}

async function renamesInPlaceAndTellsOtherPages() {
  await test.withPage('/metrics', {}, async (other) => {
    await other.locator('aside').getByText('alpha', { exact: true }).waitFor();
    await test.withPage('/runs', {}, async (page) => {
      await rowOf(page, 'alpha').focus();
      await page.keyboard.press('F2');
      await page.getByLabel('Name of alpha').fill('Never kept');
      await page.keyboard.press('Escape');
      await rowOf(page, 'alpha').getByText('alpha').first().waitFor();
      await page.keyboard.press('F2');
      await page.getByLabel('Name of alpha').fill('The first');
      await endComposition(page.getByLabel('Name of alpha'));
      await page.getByLabel('Name of alpha').fill('The first one');
      await page.keyboard.press('Enter');
      await rowOf(page, 'alpha').getByText('The first one').waitFor();
      await rowOf(page, 'alpha').getByText('alpha', { exact: true }).waitFor();
      assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'TR');
    });
    await other.locator('aside label[title="alpha"]').getByText('The first one').waitFor();
  });
  assert.equal((await test.runAt('alpha')).name, 'The first one');
  console.log('F2 renames, Escape does not, and another page shows the new name by itself');
}

async function tagsAndFilters() {
  await test.withPage('/runs', {}, async (page) => {
    await page.getByLabel('Add a tag to beta').click();
    await page.keyboard.type('paper,');
    await endComposition(page.getByLabel('New tag of beta'));
    await page.keyboard.type(' final');
    await page.keyboard.press('Enter');
    await rowOf(page, 'beta').getByTitle('Filter by “paper”').click();
    await page.waitForFunction(() => document.querySelectorAll('tr[data-run]').length === 1);
    await page.waitForURL(/label=paper/);
    await page.getByLabel('Remove the tag final from beta').click();
    await waitUntil(async () => (await test.runAt('beta')).tags.join() === 'paper');
    await page.getByRole('group', { name: 'Filter by tag' }).getByText('paper').click();
    await page.waitForFunction((count) => document.querySelectorAll('tr[data-run]').length === count, kRuns.length);
  });
  await test.withPage('/runs', {}, async (page) => {
    const search = page.getByLabel('Find runs by a regular expression');
    await search.fill('^beta status=finished batch>1');
    await page.getByText('1 of 4 runs').waitFor();
    await search.fill('status=finished nobody=1');
    await page.getByText('No hyperparameter or shown metric is called “nobody”').waitFor();
  });
  console.log('tags are added, filtered by and removed; values are found by conditions');
}

async function writesANoteAndPicksAColour() {
  await test.withPage('/runs', {}, async (page) => {
    await page.getByLabel('Edit beta').click();
    await page.getByLabel('Note', { exact: true }).fill('Second try.\n<b>lower</b> rate');
    await page.getByLabel('Colour #b8559a').click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByLabel('Note of beta').waitFor();
  });
  const run = await test.runAt('beta');
  assert.equal(run.note, 'Second try.\n<b>lower</b> rate');
  assert.equal(run.colour, '#b8559a');
  await test.withPage('/metrics', {}, async (page) => {
    const dot = page.locator('aside label[title="beta"] .dot');
    await dot.waitFor();
    assert.equal(await dot.evaluate((one) => getComputedStyle(one).backgroundColor), 'rgb(184, 85, 154)');
  });
  console.log('a note is written, and a chosen colour holds on other pages');
}

async function savesOverTheChangeOfAnother() {
  // The refusal is a complaint of the console.
  const { page, close } = await openPage(test.browser);
  await page.goto(test.url('/runs'));
  await page.getByLabel('Edit beta').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Note', { exact: true }).fill('third');
  // The page hears of the other change no sooner than it is refused its own.
  let sent = 0;
  await page.route('**/api/v1/runs**', async (route) => {
    const isEdit = route.request().method() === 'PATCH';
    if (isEdit) sent++;
    else if (new URL(route.request().url()).pathname.endsWith('/runs')) return;
    await route.continue();
  });
  await edit('beta', { note: 'of another page' });
  await dialog.getByRole('button', { name: 'Save' }).dblclick();
  const again = dialog.getByRole('button', { name: 'Change it anyway' });
  await again.waitFor();
  assert.equal(sent, 1);
  await again.click();
  await waitUntil(async () => (await test.runAt('beta')).note === 'third');
  await close();
  await edit('beta', { note: 'Second try.\n<b>lower</b> rate' });
  console.log('a change that another page was faster than can be made all the same, from the dialog');
}

async function pinsByKey() {
  await test.withPage('/runs?sort=name', {}, async (page) => {
    await rowOf(page, 'sweep/two').focus();
    await page.keyboard.press('p');
    await page.waitForFunction(
      () => document.querySelector('tr[data-run] [title="sweep/two"]') === document.querySelector('tr[data-run] .both'),
    );
  });
  await test.withPage('/metrics', {}, async (page) => {
    await page.locator('aside').getByText('Pinned').waitFor();
  });
  console.log('a pinned run is the first, and a group of the picker');
}

async function listsRunsBelowTheirFolders() {
  const { id } = await test.runAt('sweep/two');
  await test.withPage(`/health?run=${id}`, {}, async (page) => {
    const list = page.getByRole('combobox', { name: /^Run/ });
    const read = () =>
      list.evaluate((one) => [
        one.selectedOptions[0]?.textContent,
        one.selectedOptions[0]?.parentElement?.label,
        one.title,
      ]);
    await waitUntil(async () => (await read()).join() === 'two,sweep/,sweep/two');
    await list.selectOption({ label: 'one' });
    await waitUntil(async () => (await read()).join() === 'one,sweep/,sweep/one');
    const chosen = String((await test.runAt('sweep/one')).id);
    await waitUntil(() => new URL(page.url()).searchParams.get('run') === chosen);
  });
  console.log('a list of runs has room for their names: the folders stand above them');
}

async function wrapsFoldersBetweenThem() {
  const folder = 'experiments/november_30/baseline/';
  await test.withPage('/metrics', {}, async (page) => {
    const answer = async (route) => {
      const response = await route.fetch();
      const { runs } = await response.json();
      for (const run of runs) run.path = run.path.replace('sweep/', folder);
      await route.fulfill({ response, json: { runs } });
    };
    await page.route('**/api/v1/runs', answer);
    await page.reload();
    const head = page.getByRole('complementary', { name: 'Runs shown' }).getByText(folder, { exact: true });
    const lines = await head.evaluate((one) =>
      [...one.childNodes]
        .filter((part) => part.nodeType === Node.TEXT_NODE && part.data !== '')
        .map((part) => {
          const range = document.createRange();
          range.selectNodeContents(part);
          return range.getClientRects().length;
        }),
    );
    assert.deepEqual(lines, [1, 1, 1], 'no folder is torn');
    assert.ok((await head.boundingBox()).height > 30, 'and all three take two lines');
  });
  console.log('the folders of a long path are read whole in the run picker');
}

async function widensThePicker() {
  await test.withPage('/metrics', {}, async (page) => {
    const picker = page.getByRole('complementary', { name: 'Runs shown' });
    const edge = page.getByRole('separator', { name: 'Width of the run picker' });
    const width = async () => Math.round((await picker.boundingBox()).width);
    const before = await width();
    const { x, y } = await edge.boundingBox();
    await page.mouse.move(x + 4, y + 300);
    await page.mouse.down();
    await page.mouse.move(x + 124, y + 320, { steps: 4 });
    assert.equal(await width(), before, 'charts are drawn anew once, at the end');
    await page.mouse.up();
    await waitUntil(async () => (await width()) === before + 120);
    // On this screen, for all links.
    await page.goto(test.url('/media'));
    await waitUntil(async () => (await width()) === before + 120);
    await edge.press('ArrowLeft');
    await waitUntil(async () => (await width()) === before + 104);
    await edge.dblclick();
    await waitUntil(async () => (await width()) === before);
    await edge.press('End');
    await assertFits(page, 'a page beside the widest picker');
    await edge.press('Enter');
    await waitUntil(async () => (await width()) === before);
  });
  console.log('the run picker is as wide as its edge is drawn, by pointer and by key');
}

async function selectsByKeyAndTagsInBulk() {
  await test.withPage('/runs?sort=name', {}, async (page) => {
    await page.locator('tr[data-run]').first().focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    const bar = page.getByRole('toolbar', { name: 'Selected runs' });
    await bar.getByText('3 selected').waitFor();
    await bar.getByLabel('Tag for the selected runs').fill('bulk');
    await bar.getByRole('button', { name: 'Add' }).click();
    await waitUntil(
      async () => (await test.api('/api/v1/runs')).runs.filter((run) => run.tags.includes('bulk')).length === 3,
    );
    await bar.getByRole('button', { name: 'bulk ×' }).click();
    await waitUntil(async () => (await test.api('/api/v1/runs')).runs.every((run) => !run.tags.includes('bulk')));
    await bar.getByRole('button', { name: 'Clear' }).click();
    await bar.waitFor({ state: 'detached' });
  });
  console.log('space and shift with arrows select, and all selected runs are tagged at once');
}

async function archivesAndBringsBack() {
  await test.withPage('/runs', {}, async (page) => {
    await rowOf(page, 'sweep/one').focus();
    await page.keyboard.press('e');
    await rowOf(page, 'sweep/one').waitFor({ state: 'detached' });
    await page.locator('aside').getByText('3 of 3').waitFor();
    await page.getByText('Archived', { exact: true }).click();
    await page.getByLabel('Unarchive sweep/one').click({ force: true });
    await page.getByText('Current', { exact: true }).click();
    await rowOf(page, 'sweep/one').waitFor();
    const archiveAll = (is_archived) => Promise.all(kRuns.map((path) => edit(path, { is_archived })));
    await archiveAll(true);
    await page.locator('aside').getByText('Every run is archived').waitFor();
    await archiveAll(false);
    await rowOf(page, 'sweep/one').waitFor();
  });
  console.log('an archived run leaves the pages and comes back');
}

async function deletesAndUndoes() {
  await test.withPage('/runs', {}, async (page) => {
    await rowOf(page, 'beta').focus();
    await page.keyboard.press('Delete');
    await rowOf(page, 'beta').waitFor({ state: 'detached' });
    await page.getByText('1 run deleted.').hover(); // it stays while one points at it
    assert.equal(await test.runAt('beta'), undefined);
    await page.getByRole('button', { name: 'Undo' }).click();
    await rowOf(page, 'beta').waitFor();
    await rowOf(page, 'beta').focus();
    await page.keyboard.press('Delete');
    await rowOf(page, 'beta').waitFor({ state: 'detached' });
    await page.getByText('Deleted', { exact: true }).click();
    await page.getByText(/data kept for 6 d 23 h/).waitFor();
    await page.getByLabel('Restore beta').click();
    await page.getByText('Current', { exact: true }).click();
    await rowOf(page, 'beta').waitFor();
  });
  assert.deepEqual((await test.runAt('beta')).tags, ['paper']);
  console.log('a deleted run comes back whole, by undo and from the list of deleted runs');
}

async function edit(path, change) {
  const run = await test.runAt(path);
  const response = await fetch(new URL(`/api/v1/runs/${run.id}`, test.server.url), {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(change),
  });
  assert.equal(response.status, 200);
}

async function keepsAChangeThatAnOlderListDoesNotKnow() {
  await test.withPage('/runs', {}, async (page) => {
    await rowOf(page, 'beta').waitFor();
    await page.waitForLoadState('networkidle');
    const lists = /\/api\/v1\/runs(\?|$)/;
    let hold;
    const held = new Promise((resolve) => (hold = resolve));
    await page.route(lists, async (route) => hold([route, await route.fetch()]), { times: 1 });
    await edit('sweep/one', { note: 'The page asks for the list anew.' });
    const [route, response] = await held;
    await rowOf(page, 'beta').focus();
    await page.keyboard.press('Delete');
    await rowOf(page, 'beta').waitFor({ state: 'detached' });
    await route.fulfill({ response });
    await drawn(page);
    assert.equal(await rowOf(page, 'beta').count(), 0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await rowOf(page, 'beta').waitFor();
  });
  console.log('a list that was asked for before a run was deleted does not bring it back');
}

async function tellsOfDeletedRunsThatAreStillWrittenTo() {
  await sendPoint(test.server, 'live', 0);
  await test.withPage('/runs', {}, async (page) => {
    await rowOf(page, 'live').focus();
    await page.keyboard.press('Delete');
    await page.getByText(/1 run deleted\. It is still written to/).waitFor();
    await page.getByText('Deleted', { exact: true }).click();
    await page.getByLabel('Restore live').waitFor();
    assert.equal(await page.getByText('still written to', { exact: true }).count(), 0);
    await sendPoint(test.server, 'live', 1);
    await page.getByText('still written to', { exact: true }).waitFor();
    assert.equal(await test.runAt('live'), undefined);
    await page.getByLabel('Restore live').click();
    await waitUntil(async () => (await test.runAt('live'))?.last_step === 1);
    await page.getByText('Current', { exact: true }).click();
    await rowOf(page, 'live').focus();
    await page.keyboard.press('Delete');
    await rowOf(page, 'live').waitFor({ state: 'detached' });
  });
  console.log('a deleted run that is still written to is told as such, and keeps what comes');
}

async function fitsNamesThatAreLongerThanAPage() {
  const name = 'w'.repeat(256);
  await edit('sweep/one', { name });
  for (const path of ['/runs', '/metrics', '/compare', '/data', '/health', '/projector', '/profile']) {
    await test.withPage(path, {}, async (page) => {
      await page.getByText(name.slice(0, 9)).first().waitFor({ state: 'attached' });
      await page.waitForLoadState('networkidle');
      await assertFits(page, `${path} with a name of 256 letters`);
    });
  }
  console.log('no page is as wide as the longest name');
}

async function showsTextFromDataAsText() {
  await edit('sweep/one', { name: kHostile, note: kHostile, tags: [kHostile] });
  for (const path of ['/runs', '/metrics', '/compare', '/data', '/health']) {
    await test.withPage(path, {}, async (page) => {
      page.on('dialog', () => assert.fail('a name ran as script'));
      await page.getByText(kHostile).first().waitFor({ state: 'attached' });
      assert.equal(await page.locator('img[src="x"]').count(), 0, path);
    });
  }
  console.log('a hostile name, note and tag are text on every page');
}

async function keepsAllAfterARestart() {
  assert.equal(await test.server.stop(), 0);
  await test.serve(kFlags);
  await waitUntil(async () => (await test.api('/api/v1/runs')).runs.length === kRuns.length);
  const run = await test.runAt('alpha');
  assert.equal(run.name, 'The first one');
  assert.equal((await test.runAt('sweep/two')).is_pinned, true);
  console.log('names and pins survive a restart of the server');
}

async function purgesAndReadsAgain() {
  const before = await test.runAt('alpha');
  const checks = async () => (await test.api(`/api/v1/findings?run=${before.id}`)).runs[0].checks.length;
  await waitUntil(async () => (await checks()) > 0);
  await test.withPage('/runs', {}, async (page) => {
    await rowOf(page, 'alpha').focus();
    await page.keyboard.press('Delete');
    await page.getByText('Deleted', { exact: true }).click();
    await page.getByLabel('Purge The first one').click();
    await page.getByRole('button', { name: 'Purge', exact: true }).click();
    await page.getByText('data removed').waitFor();
    await waitUntil(async () => (await checks()) === 0);
    await page.getByLabel('Read again The first one').click();
    await page.getByText('Current', { exact: true }).click();
    await rowOf(page, 'alpha').waitFor();
  });
  await waitUntil(async () => (await test.runAt('alpha')).points === before.points);
  await waitUntil(async () => (await checks()) > 0);
  assert.equal((await test.runAt('alpha')).name, 'The first one');
  console.log('a purged run is read again from its files, under its name, and diagnosed anew');
}

async function purgesWithFilesAfterAsking() {
  await test.withPage('/runs', {}, async (page) => {
    await rowOf(page, 'sweep/two').focus();
    await page.keyboard.press('Delete');
    await rowOf(page, 'sweep/two').waitFor({ state: 'detached' });
    await page.getByText('Deleted', { exact: true }).click();
    await page.getByLabel('Purge sweep/two').click();
    await page.getByLabel(/Also delete the event files/).check();
    await page.getByText('This cannot be undone').waitFor();
    await page.getByRole('button', { name: 'Purge, and delete the files' }).click();
    await page.getByText('data removed').waitFor();
    await page.getByLabel('Read again sweep/two').waitFor();
  });
  const left = await readdir(join(test.logdir, 'sweep/two'));
  assert.ok(!left.some((name) => name.includes('tfevents')), left.join());
  await access(join(test.logdir, 'sweep/one'));
  console.log('a purge asks before, and then the event files are gone');
}

async function looksRight() {
  if (screenshots) await mkdir(screenshots, { recursive: true });
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [1440, 900]) {
      await test.withPage('/runs', { colorScheme, viewport: { width, height: 760 } }, async (page) => {
        const shoot = async (name) => {
          await assertFits(page, `${name} at ${width} px`);
          if (screenshots) await page.screenshot({ path: join(screenshots, `${name}_${colorScheme}_${width}.png`) });
        };
        await page.waitForLoadState('networkidle');
        await rowOf(page, 'beta').focus();
        await page.keyboard.press('Space');
        await page.waitForTimeout(300);
        await shoot('runs_selected');
        await page.keyboard.press('n');
        await page.getByRole('dialog').waitFor();
        await shoot('runs_dialog');
        await page.keyboard.press('Escape');
        await page.getByText('Deleted', { exact: true }).click();
        await page.getByLabel('Read again sweep/two').waitFor();
        await shoot('runs_deleted');
      });
    }
  }
  console.log('the page fits 1440 and 900 px in light and dark');
}
