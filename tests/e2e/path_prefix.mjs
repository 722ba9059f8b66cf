// The pages below a path: behind a proxy that keeps its path (--path-prefix), and behind one that takes it off.
// Curves come, links and a reload stay below it, the page is live, and a sender reaches the server through it.
//
// usage: node path_prefix.mjs SPIROGRAM
// Exit code 77 where Chromium is missing: the test is then skipped.
import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';

import { openPage } from './browser.mjs';
import { runPageTest } from './page_test.mjs';
import { start, startServer } from './server.mjs';

const [program] = process.argv.slice(2);
const kPrefix = '/team/a';

/** Leads kPrefix to the server's root, as a proxy that takes its own path off does. Host stays as it came. */
async function stripping(serverPort) {
  const inner = (target) => (target.startsWith(`${kPrefix}/`) ? target.slice(kPrefix.length) : null);
  const proxy = createServer((outer, answer) => {
    const path = inner(outer.url);
    if (path === null) return answer.writeHead(404).end();
    const asked = request({ port: serverPort, path, method: outer.method, headers: outer.headers }, (got) => {
      answer.writeHead(got.statusCode, got.headers);
      got.pipe(answer);
    });
    asked.on('error', () => answer.destroy());
    outer.pipe(asked);
  });
  proxy.on('upgrade', (outer, socket) => {
    const onward = connect(serverPort, '127.0.0.1', () => {
      const fields = Object.entries(outer.headers).map(([name, value]) => `${name}: ${value}\r\n`);
      onward.write(`GET ${inner(outer.url)} HTTP/1.1\r\n${fields.join('')}\r\n`);
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [onward, socket]) end.on('error', () => [onward, socket].forEach((one) => one.destroy()));
  });
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    root: `http://127.0.0.1:${proxy.address().port}${kPrefix}/`,
    close() {
      proxy.close();
      proxy.closeAllConnections();
    },
  };
}

async function worksBelow(test, root) {
  const { page, complaints, close } = await openPage(test.browser);
  await page.goto(root);
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Metrics' }).click();
  await page.locator('canvas').first().waitFor();
  assert.equal(new URL(page.url()).pathname, `${kPrefix}/metrics`);
  await page.reload();
  await page.locator('canvas').first().waitFor();
  await page.getByRole('link', { name: 'Projector' }).click();
  await page.locator('.picture canvas.points').first().waitFor();
  await page.goBack();
  await page.locator('canvas').first().waitFor();
  assert.equal(new URL(page.url()).pathname, `${kPrefix}/metrics`);
  await page.goto(`${root}distributions/?run_filter=one`); // with a slash at its end
  await page.getByRole('heading', { name: 'Distributions' }).waitFor();
  assert.equal(new URL(page.url()).pathname, `${kPrefix}/distributions`);
  assert.match(page.url(), /run_filter=one/);
  assert.deepEqual(complaints, [], root);
  await close();
}

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

  await test.serve(['--path-prefix', `${kPrefix}/`]);
  assert.equal(new URL(test.server.url).pathname, `${kPrefix}/`);
  await worksBelow(test, test.server.url);
  const { origin } = new URL(test.server.url);
  assert.equal((await fetch(`${origin}/api/v1/runs`)).status, 404);
  assert.equal((await fetch(`${origin}${kPrefix}`)).url, test.server.url);
  const upload = start(program, ['upload', test.logdir, '--url', `${origin}${kPrefix}`, '--run', 'sent']);
  assert.equal(await upload.done, 0);
  assert.equal(await test.server.stop(), 0);

  test.server = await startServer(program, test.logdir, join(test.folder, 'data'));
  const proxy = await stripping(new URL(test.server.url).port);
  await worksBelow(test, proxy.root);
  proxy.close();
  assert.equal(await test.server.stop(), 0);
  console.log('the pages work below a path, whether a proxy keeps it or takes it off');
});
