// Health in a real browser, on runs whose scalars are sent to the server: which run it shows.
//
// usage: node health_page.mjs SPIROGRAM
// Exit code 77 where Chromium is missing: the test is then skipped.
import assert from 'node:assert/strict';

import { sendScalars } from './ingest.mjs';
import { runPageTest } from './page_test.mjs';

const [program] = process.argv.slice(2);

let test;
await runPageTest(program, async (opened) => {
  test = opened;
  await test.serve();
  await staysWithTheRunThatIsRead();
  assert.equal(await test.server.stop(), 0);
});

async function staysWithTheRunThatIsRead() {
  for (const run of ['one', 'two']) await sendScalars(test.server, run, 0, { 'loss/train': 1 });
  await test.withPage('/health', {}, async (page) => {
    const list = page.getByRole('combobox', { name: /^Run/ });
    const shown = () => list.evaluate((one) => one.selectedOptions[0].textContent);
    await list.getByText('two').waitFor({ state: 'attached' });
    const read = await shown();
    const other = read === 'one' ? 'two' : 'one';
    await sendScalars(test.server, other, 1, { 'loss/train': NaN });
    const link = page.getByRole('status').getByRole('link', { name: other });
    await link.waitFor();
    assert.equal(await shown(), read);
    await link.click();
    await page.getByText('1 critical').waitFor();
    assert.equal(await shown(), other);
    assert.equal(await link.count(), 0);
    await page.goBack();
    await link.waitFor();
    assert.equal(await shown(), read);
  });
  await test.withPage('/health', {}, async (page) => {
    await page.getByText('1 critical').waitFor();
  });
  console.log('Health stays with the run that is read, and leads to one that is worse');
}
