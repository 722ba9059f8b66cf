// Curves over another metric than the step in a real browser: runs whose epochs are of different lengths, and one
// without any.
//
// usage: node metric_axis.mjs SPIROGRAM [SCREENSHOT_DIR]
// Exit code 77 where Chromium is missing: the test is then skipped.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { runPageTest, saved, settled, waitUntil } from './page_test.mjs';
import { start } from './server.mjs';

const [program, screenshots] = process.argv.slice(2);
const kSteps = 41;
/** Steps of an epoch, which is logged at its end alone, and the loss at each step; 0: no epochs. */
const kRuns = { short: 10, long: 20, none: 0 };

let test;
await runPageTest(program, async (opened) => {
  test = opened;
  for (const [run, length] of Object.entries(kRuns)) {
    const rows = Array.from({ length: kSteps }, (_, step) => {
      const epoch = length === 0 ? '' : `,${step % length === 0 ? step / length : ''}`;
      return `${step},${1 - step / kSteps}${epoch}`;
    });
    const table = join(test.folder, 'table.csv');
    await writeFile(table, [length === 0 ? 'step,loss' : 'step,loss,epoch', ...rows].join('\n'));
    assert.equal(await start(program, ['import', table, '--logdir', test.logdir, '--run', run]).done, 0);
  }
  await test.serve();
  await waitUntil(async () => (await test.api('/api/v1/runs')).runs.length === Object.keys(kRuns).length);
  await drawsOverAMetric();
  await test.looksRight({ metric_axis: '/metrics?x_of=epoch' }, screenshots);
  assert.equal(await test.server.stop(), 0);
});

async function drawsOverAMetric() {
  await test.withPage('/metrics?smoothing=0', {}, async (page) => {
    const query = (name) => new URL(page.url()).searchParams.get(name);
    await page.getByText('Metric', { exact: true }).click();
    await waitUntil(() => query('x_of') === 'epoch');
    await page.getByText('1 shown run did not log epoch').waitFor();

    const card = page.getByRole('article', { name: 'loss', exact: true });
    const chart = card.locator('.chart');
    await chart.locator('canvas').waitFor();
    await settled(page);
    const box = await chart.locator('.u-over').boundingBox();
    const at = (epoch) => box.x + (box.width * epoch) / 4;
    // Half way through epoch 1: step 15 of one run, step 30 of the other.
    await page.mouse.move(at(1.5), box.y + box.height / 2);
    await chart.getByText(/^epoch 1\.(49|5)/).waitFor();
    const told = await chart
      .locator('tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) =>
          [...row.querySelectorAll('td')].map((cell) => cell.textContent.trim()).filter((text) => text),
        ),
      );
    assert.deepEqual(
      told.map((cells) => cells.at(-1)),
      [1 - 15 / kSteps, 1 - 30 / kSteps].map((value) => String(+value.toFixed(4))),
    );

    const svg = await readFile(
      await saved(page, async () => {
        await card.getByLabel('Save a picture of loss').click();
        await card.getByRole('button', { name: 'SVG drawing' }).click();
      }),
      'utf8',
    );
    assert.match(svg, />epoch<\/text>/);

    // A zoom is of steps, as elsewhere, and what lies between two epochs is drawn in it, too.
    await page.mouse.move(at(0.25), box.y + 60);
    await page.mouse.down();
    await page.mouse.move(at(0.4), box.y + 60);
    await page.mouse.move(at(0.65), box.y + 60);
    await page.mouse.up();
    await waitUntil(() => query('zoom') !== null);
    const [from, to] = query('zoom').split('..').map(Number);
    assert.ok(from >= 2 && from <= 4 && to >= 11 && to <= 14, query('zoom'));
    await settled(page);
    assert.equal(await chart.locator('canvas').count(), 1);
    await page.reload();
    await page.getByText('1 shown run did not log epoch').waitFor();
    assert.equal(await page.getByLabel('Metric of the x axis').inputValue(), 'epoch');
    // Another metric is waited for, and not said to be nowhere.
    await page.evaluate(() => {
      const note = () => (window.isDenied ||= document.body.textContent.includes('None of these runs'));
      new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    await page.route('**/api/v1/scalars*', async (route) => {
      await page.waitForTimeout(300);
      await route.continue();
    });
    await page.getByLabel('Metric of the x axis').selectOption('loss');
    await waitUntil(() => query('x_of') === 'loss');
    await page.getByText('did not log').waitFor({ state: 'detached' });
    await settled(page);
    assert.ok(!(await page.evaluate(() => window.isDenied)), 'no run logged the loss, for a moment');
    await page.getByText('Step', { exact: true }).click();
    await waitUntil(() => query('x_of') === null);
    await page.getByText('did not log').waitFor({ state: 'detached' });
  });
  console.log('curves are drawn over epochs of different lengths, read, zoomed and saved');
}
