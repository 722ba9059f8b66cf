// What a page does when an answer fails, in a real browser: it says so, asks again when the user wants it to, and does
// not ask on and on by itself.
//
// usage: node retries.mjs SPIROGRAM
// Exit code 77 where Chromium is missing: the test is then skipped.
import assert from 'node:assert/strict';

import { openPage } from './browser.mjs';
import { runPageTest, waitUntil } from './page_test.mjs';
import { start } from './server.mjs';

const [program] = process.argv.slice(2);

const kFailure = {
  status: 503,
  contentType: 'application/problem+json',
  body: JSON.stringify({ title: 'Busy', detail: 'for the test' }),
};

let test;
await runPageTest(program, async (opened) => {
  test = opened;
  const flags = ['--steps', '100', '--threads', '1', '--device', 'cpu'];
  for (const run of ['only', 'sweep/other'])
    assert.equal(await start(program, ['train', 'recsys', '--logdir', test.logdir, '--run', run, ...flags]).done, 0);
  await test.serve();
  await waitUntil(async () => (await test.runAt('sweep/other'))?.status === 'finished');
  await asksNotOnAndOn();
  await startsAMapAgain();
  await listsCheckpointsAgain();
  assert.equal(await test.server.stop(), 0);
});

/** A page whose requests of `pattern` fail while `failing.isOn`; `failing.count` counts all of them, `last` is the last. */
async function withFailing(pattern, path, body) {
  const { page, close } = await openPage(test.browser);
  const failing = { isOn: true, count: 0, last: null };
  await page.route(pattern, (route) => {
    failing.count++;
    failing.last = route.request();
    return failing.isOn ? route.fulfill(kFailure) : route.continue();
  });
  await page.goto(test.url(path));
  await body(page, failing);
  await close();
}

async function asksNotOnAndOn() {
  const { id } = await test.runAt('only');
  const note = (text) =>
    fetch(test.url(`/api/v1/runs/${id}`), {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ note: text }),
    });
  for (const [pattern, path] of [
    ['**/api/v1/profile/kernels*', '/profile'],
    ['**/api/v1/scalars*tag=loss%2Ftrain*', '/metrics?tag_filter=loss/train'],
  ]) {
    await withFailing(pattern, path, (page, failing) => staysCalm(page, failing, note));
  }
  console.log('what fails is not asked for on and on');
}

async function staysCalm(page, failing, note) {
  await page.getByText('Busy (503)').waitFor();
  // The list of runs is another one then: what hangs on it is looked at again.
  for (const text of ['one', 'two']) {
    const listed = page.waitForResponse(/\/api\/v1\/runs\b/);
    assert.equal((await note(text)).status, 200);
    await listed;
    await page.waitForTimeout(1000);
  }
  assert.ok(failing.count <= 6, `asked ${failing.count} times in two seconds`);
  failing.isOn = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('Busy (503)').waitFor({ state: 'detached' });
}

async function startsAMapAgain() {
  await withFailing('**/api/v1/projections?*', '/projector', async (page, failing) => {
    // What was asked for before the list of checkpoints was there is asked for once more.
    await waitUntil(() => failing.last?.postDataJSON()?.step !== undefined);
    await page.getByText('Busy (503)').waitFor();
    failing.isOn = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.quality [role=status]').getByText('done').waitFor();
  });
  console.log('a map that could not be started is started by the button below the error');
}

async function listsCheckpointsAgain() {
  const path = `/projector?panel=compare&run=${(await test.runAt('only')).id}`;
  // The page's own list of them comes first.
  const { page, close } = await openPage(test.browser);
  await page.goto(test.url(path));
  await page.locator('.quality [role=status]').getByText('done').waitFor();
  let isFailing = true;
  await page.route('**/api/v1/embeddings?*', (route) => (isFailing ? route.fulfill(kFailure) : route.continue()));
  const place = page.getByRole('region', { name: 'Place another embedding' });
  // A run in a folder stands below its head, as in the picker.
  const runs = place.getByLabel('Run to place');
  await waitUntil(async () => (await runs.locator('option').allTextContents()).join() === 'other,this run');
  assert.equal(await runs.locator('optgroup').getAttribute('label'), 'sweep/');
  const tags = place.getByLabel('Embedding to place');
  await waitUntil(async () => (await tags.locator('option').count()) > 1);
  const [first, other] = await tags.locator('option').evaluateAll((all) => all.map((one) => one.value));
  await tags.selectOption((await tags.inputValue()) === first ? other : first);
  await place.getByText('Busy (503)').waitFor();
  isFailing = false;
  await place.getByRole('button', { name: 'Try again' }).click();
  await place.getByText('Busy (503)').waitFor({ state: 'detached' });
  await close();
  console.log('the checkpoints of a table to be placed are listed again');
}
