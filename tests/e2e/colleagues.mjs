// Two people at the pages of one server, and a program that logs: what one of them is writing stays as it is typed,
// what the other has said of the run is not taken back, and who overtakes whom is told.
//
// usage: node colleagues.mjs SPIROGRAM
// Exit code 77 where Chromium is missing: the test is then skipped.
import assert from 'node:assert/strict';

import { openPage } from './browser.mjs';
import { sendPoint } from './ingest.mjs';
import { runPageTest, waitUntil } from './page_test.mjs';

const [program] = process.argv.slice(2);

let test;
let sent = 0;
await runPageTest(program, async (opened) => {
  test = opened;
  await test.serve();
  await logsAPoint();
  await waitUntil(async () => (await test.api('/api/v1/runs')).runs.length === 1);
  await keepsANameThatIsBeingTyped();
  await keepsTheNoteOfAnother();
  await asksBeforeItTakesANoteBack();
  await keepsWhatIsWrittenOfARunThatIsDeleted();
  assert.equal(await test.server.stop(), 0);
});

function logsAPoint() {
  return sendPoint(test.server, 'first', sent++);
}

async function ask(method, path, body) {
  const { id } = await test.runAt('first');
  const response = await fetch(new URL(`/api/v1/runs/${id}${path}`, test.server.url), {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  assert.equal(response.status, 200);
}

function say(edit) {
  return ask('PATCH', '', edit);
}

async function keepsANameThatIsBeingTyped() {
  await test.withPage('/runs', {}, async (page) => {
    await page.locator('tr[data-run]').first().focus();
    await page.keyboard.press('F2');
    const field = page.getByLabel('Name of first');
    await field.fill('half a na');
    await logsAPoint();
    await say({ tags: ['theirs'], name: 'of another' });
    await page.getByTitle('Filter by “theirs”').waitFor();
    assert.equal(await field.inputValue(), 'half a na');
    await page.keyboard.press('Escape');

    await page.keyboard.press('F2');
    await field.waitFor();
    await say({ name: 'newer', tags: ['theirs', 'too'] });
    await page.getByTitle('Filter by “too”').waitFor();
    await page.getByRole('heading', { name: 'Runs' }).first().click();
    await field.waitFor({ state: 'detached' });
    await page.locator('tr[data-run]').getByText('newer').waitFor();
  });
  assert.equal((await test.runAt('first')).name, 'newer', 'a field that was left as it was renames nothing');
  await say({ name: null, tags: [] });
  console.log('a name stays as it is typed, and an untouched one changes nothing');
}

async function keepsTheNoteOfAnother() {
  await test.withPage('/runs', {}, async (page) => {
    await page.getByLabel('Edit first').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Tags, with commas').fill('mine');
    await say({ note: 'of another' });
    await page.getByLabel('Note of first').waitFor({ state: 'attached' });
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
  });
  const { note, tags } = await test.runAt('first');
  assert.deepEqual({ note, tags }, { note: 'of another', tags: ['mine'] });
  console.log('a dialog saves what was changed in it, and no more');
}

async function asksBeforeItTakesANoteBack() {
  // The refusal is a complaint of the console.
  const { page, close } = await openPage(test.browser);
  await page.goto(test.url('/runs'));
  await page.getByLabel('Edit first').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Note', { exact: true }).fill('mine');
  await say({ note: 'newer', tags: ['seen'] });
  await page.getByTitle('Filter by “seen”').waitFor({ state: 'attached' });
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Another page changed this run meanwhile').waitFor();
  assert.equal((await test.runAt('first')).note, 'newer');
  const changed = page.waitForResponse((answer) => answer.request().method() === 'PATCH' && answer.ok());
  await dialog.getByRole('button', { name: 'Change it anyway' }).click();
  await (await changed).finished();
  const { note, tags } = await test.runAt('first');
  assert.deepEqual({ note, tags }, { note: 'mine', tags: ['seen'] });
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  await close();
  console.log('a note that another page has changed, and this page has heard of, is not replaced unasked');
}

async function keepsWhatIsWrittenOfARunThatIsDeleted() {
  await test.withPage('/runs', {}, async (page) => {
    await page.getByLabel('Edit first').click();
    const note = page.getByRole('dialog').getByLabel('Note', { exact: true });
    await note.fill('long thought');
    await ask('DELETE', '');
    await page.locator('tr[data-run]').waitFor({ state: 'detached' });
    assert.equal(await note.inputValue(), 'long thought');
  });
  console.log('what is being written does not go with the run');
}
