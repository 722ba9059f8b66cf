// A page stays open while its server is killed and comes back: it says so, keeps what it shows, and goes on by
// itself, also where a page was opened meanwhile whose code could not be had. A map that was being made is gone.
// One that refuses what programs send says so on its pages.
//
// usage: node server_returns.mjs SPIROGRAM
// Exit code 77 where Chromium is missing: the test is then skipped.
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { openPage } from './browser.mjs';
import { sendPoint } from './ingest.mjs';
import { runPageTest } from './page_test.mjs';
import { start, startServer } from './server.mjs';

const [program] = process.argv.slice(2);

await runPageTest(program, async (test) => {
  const training = start(program, [
    'train',
    'recsys',
    '--logdir',
    test.logdir,
    '--run',
    'one',
    '--steps',
    '40',
    '--threads',
    '1',
    '--device',
    'cpu',
  ]);
  assert.equal(await training.done, 0);
  await test.serve();
  const port = new URL(test.server.url).port;
  const { page, close } = await openPage(test.browser);
  await page.goto(test.url('/metrics'));
  await page.locator('canvas').first().waitFor();
  const projector = await openPage(test.browser);
  await projector.page.goto(test.url('/projector?method=tsne&iterations=10000'));
  await projector.page.getByRole('button', { name: 'Run t-SNE' }).click();
  await projector.page.getByText('running', { exact: true }).waitFor();

  await test.server.kill();
  await page.getByText('Reconnecting').waitFor();
  const banner = page.getByRole('status').filter({ hasText: 'The server does not answer' });
  await banner.waitFor();
  assert.ok((await page.locator('canvas').count()) > 0, 'curves stay');
  await page.getByRole('link', { name: 'Distributions' }).click();
  await page.getByText('The page could not be loaded').waitFor();
  await page.getByText('It is loaded by itself once the server is back').waitFor();

  test.server = await startServer(program, test.logdir, join(test.folder, 'data'), [], port);
  await page.getByRole('heading', { name: 'Distributions' }).waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  await banner.waitFor({ state: 'detached' });
  assert.equal(new URL(page.url()).pathname, '/distributions');
  await page.goBack();
  await page.locator('canvas').first().waitFor();
  await close();
  await projector.page.getByText('The server began anew while it made this map').waitFor();
  await projector.page.getByRole('button', { name: 'Run t-SNE' }).click();
  await projector.page.getByText('running', { exact: true }).waitFor();
  await projector.close();
  assert.equal(await test.server.stop(), 0);
  await saysThatSendersAreRefused(test);
});

/** Nothing else would tell a team why runs stand still whose programs wait with what they log. */
async function saysThatSendersAreRefused(test) {
  await test.serve(['--ingest-max-gb', '0']);
  await test.withPage('/metrics', {}, async (page) => {
    await page.locator('canvas').first().waitFor();
    await assert.rejects(sendPoint(test.server, 'sent', 0), /507/);
    await page.getByRole('alert').filter({ hasText: 'What programs send is refused' }).waitFor();
    await page.getByText('--ingest-max-gb').waitFor();
  });
  assert.equal(await test.server.stop(), 0);
}
