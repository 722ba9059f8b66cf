// What a user does with the cards of the Metrics page in a real browser: reads, lifts a line, smooths exactly, sets
// axes, saves.
//
// usage: node metric_cards.mjs SPIROGRAM [SCREENSHOT_DIR]
// Exit code 77 where Chromium is missing: the test is then skipped.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { pressTogether, runPageTest, saved, settled, waitUntil } from './page_test.mjs';
import { start } from './server.mjs';

const [program, screenshots] = process.argv.slice(2);
const kSteps = 40;
const kHostile = '<b>&"lr0.1';
const kRuns = { 'lr0.01': 1, [kHostile]: 2, 'lr0.03': 3 };

let test;
await runPageTest(program, async (opened) => {
  test = opened;
  for (const [run, height] of Object.entries(kRuns)) {
    const rows = Array.from(
      { length: kSteps },
      (_, step) =>
        `${step},${height + step / kSteps},${-height},${1e38 * height * step},${(height === 3 ? 1e6 : height) + step / kSteps},${step}`,
    );
    const table = join(test.folder, 'table.csv');
    await writeFile(table, ['step,loss,below,huge,stray,side/queue', ...rows].join('\n'));
    assert.equal(await start(program, ['import', table, '--logdir', test.logdir, '--run', run]).done, 0);
  }
  await test.serve();
  await waitUntil(async () => (await test.api('/api/v1/runs')).runs.length === Object.keys(kRuns).length);
  await liftsTheLineThatIsPointedAt();
  await zoomsToWhatIsDrawn();
  await smoothsByAnExactWeight();
  await saysWhyALogarithmicChartIsEmpty();
  await saysWhatTheAxisLeavesOut();
  await ordersTheValuesUnderThePointer();
  await hidesNothingNearThePointer();
  await setsTheRangeOfTheYAxis();
  await setsTheWidthOfCards();
  await savesPictures();
  await keepsChartsThatDoNotChange();
  await putsTheFocusWhereItGoesOn();
  await fillsAWindowThatGrows();
  await copiesNamesAndSavesTheTable();
  await test.looksRight(
    {
      cards: '/metrics',
      full: '/metrics?full=loss',
      small: '/metrics?cards=small&y=0..5',
      wide: '/metrics?cards=wide',
    },
    screenshots,
  );
  assert.equal(await test.server.stop(), 0);
});

async function chartOf(page, tag) {
  const chart = page.getByRole('article', { name: tag, exact: true }).locator('.chart');
  await chart.locator('canvas').waitFor();
  await settled(page);
  return chart;
}

async function liftsTheLineThatIsPointedAt() {
  await test.withPage('/metrics?smoothing=0', {}, async (page) => {
    const chart = await chartOf(page, 'loss');
    const picker = page.getByRole('complementary', { name: 'Runs shown' });
    const before = await chart.screenshot();
    await picker.getByTitle('lr0.03').hover();
    await waitUntil(async () => !before.equals(await chart.screenshot()));
    // The middle line, where it is half way up: its row in the tip and in the picker are marked.
    const box = await chart.locator('.u-over').boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await chart.locator('tr.lit').getByText(kHostile).waitFor();
    assert.equal(await chart.locator('tr.lit').count(), 1);
    assert.equal(await picker.locator('.pointed').getByText(kHostile).count(), 1);
    await page.mouse.move(box.x + box.width / 2, box.y - 40);
    await picker.locator('.pointed').waitFor({ state: 'detached' });
    // A chart that a key takes away lets go of its line.
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await picker.locator('.pointed').waitFor();
    await pressTogether(page, 'g', 'r');
    await page.getByRole('heading', { name: 'Runs' }).first().waitFor();
    await picker.locator('.pointed').waitFor({ state: 'detached' });
  });
  console.log('the line that is pointed at stands out in the chart, its tip and the run picker');
}

async function zoomsToWhatIsDrawn() {
  await test.withPage('/metrics?smoothing=0', {}, async (page) => {
    const box = await (await chartOf(page, 'loss')).locator('.u-over').boundingBox();
    // Over several lines, each of which is lifted on the way.
    await page.mouse.move(box.x + box.width * 0.25, box.y + box.height * 0.2);
    await page.mouse.down();
    for (const share of [0.3, 0.4, 0.5, 0.6, 0.75]) {
      await page.mouse.move(box.x + box.width * share, box.y + box.height * (0.2 + share));
      await page.waitForTimeout(60);
    }
    await page.mouse.up();
    await waitUntil(() => new URL(page.url()).searchParams.has('zoom'));
    assert.equal(new URL(page.url()).searchParams.get('zoom'), '10..29');
  });
  console.log('a range that is drawn over lines is the range that is shown');
}

async function smoothsByAnExactWeight() {
  await test.withPage('/metrics', {}, async (page) => {
    const exact = page.getByLabel('Smoothing, exactly');
    await exact.fill('0.995');
    await waitUntil(() => new URL(page.url()).searchParams.get('smoothing') === '0.995');
    await exact.fill('');
    await exact.blur();
    assert.equal(await exact.inputValue(), '0.995');
    await exact.fill('7');
    await waitUntil(() => new URL(page.url()).searchParams.get('smoothing') === '0.999');
    await page.reload();
    assert.equal(await page.getByLabel('Smoothing, exactly').inputValue(), '0.999');
  });
  console.log('smoothing takes a number, and the address keeps it');
}

async function saysWhyALogarithmicChartIsEmpty() {
  await test.withPage('/metrics', {}, async (page) => {
    const chart = await chartOf(page, 'below');
    await page.getByLabel('Log y').check();
    await chart.getByText('No value above 0').waitFor();
    await page.getByLabel('Log y').uncheck();
    await chart.getByText('No value above 0').waitFor({ state: 'detached' });
  });
  console.log('a logarithmic chart without a positive value says so');
}

function queryOf(page, name) {
  return new URL(page.url()).searchParams.get(name);
}

async function saysWhatTheAxisLeavesOut() {
  await test.withPage('/metrics?tag_filter=stray', {}, async (page) => {
    const chart = await chartOf(page, 'stray');
    await chart.getByText('↑ 1 line out of view').waitFor();
    await page.getByLabel('Ignore outliers').uncheck();
    await chart.getByText('out of view').waitFor({ state: 'detached' });
    assert.equal(await page.getByText('out of view').count(), 0);
  });
  console.log('a run far from all others leaves the picture, which says so');
}

async function ordersTheValuesUnderThePointer() {
  await test.withPage('/metrics?smoothing=0', {}, async (page) => {
    const chart = await chartOf(page, 'loss');
    const tells = async (share, expected) => {
      const box = await chart.locator('.u-over').boundingBox();
      await page.mouse.move(box.x + box.width / 2, box.y + box.height * share);
      const told = chart.locator('.tip tbody .name');
      await waitUntil(async () => (await told.allTextContents()).join() === expected.join());
    };
    const names = Object.keys(kRuns).sort((a, b) => kRuns[a] - kRuns[b]);
    await tells(0.9, names.toReversed());
    for (const [label, share, expected] of [
      ['Lowest first', 0.1, names],
      ['Nearest first', 0.9, names],
      ['Nearest first', 0.1, names.toReversed()],
    ]) {
      await page.getByText('Cards', { exact: true }).click();
      await page.getByText(label, { exact: true }).click();
      await page.keyboard.press('Escape');
      await tells(share, expected);
    }
    await waitUntil(() => queryOf(page, 'tip') === 'nearest');
  });
  console.log('values under the pointer are in the order that was chosen');
}

async function hidesNothingNearThePointer() {
  await test.withPage('/metrics?cards=small', {}, async (page) => {
    const main = await page.locator('main').boundingBox();
    for (const tag of ['below', 'huge', 'loss']) {
      const chart = await chartOf(page, tag);
      const box = await chart.locator('.u-over').boundingBox();
      for (const share of [0.05, 0.3, 0.5, 0.7, 0.95]) {
        const x = box.x + box.width * share;
        await page.mouse.move(x, box.y + box.height / 2);
        await waitUntil(async () => {
          const tip = await chart.locator('.tip').boundingBox();
          return (
            tip !== null &&
            (tip.x + tip.width <= x || tip.x >= x) &&
            tip.x >= main.x &&
            tip.x + tip.width <= main.x + main.width
          );
        });
        // Where it lies over another card it is not below it.
        const tip = await chart.locator('.tip').boundingBox();
        const texts = await page.evaluate(() =>
          [...document.querySelectorAll('.tip')].map((one) => getComputedStyle(one.closest('.card')).zIndex),
        );
        assert.deepEqual([texts, tip.width > 100], [['2'], true]);
      }
    }
  });
  console.log('values beside the pointer hide no line near it');
}

async function setsTheRangeOfTheYAxis() {
  await test.withPage('/metrics?smoothing=0', {}, async (page) => {
    const chart = await chartOf(page, 'loss');
    const field = (end, of) => page.getByLabel(`${end} of the y axis of ${of}`, { exact: true });
    const open = (tag) =>
      page.getByLabel(`Range of the y axis of ${tag}`, { exact: true }).and(page.locator('summary')).click();
    await open('loss');
    await field('Maximum', 'loss').fill('0.5');
    await field('Maximum', 'loss').press('Enter');
    await chart.getByText('outside the range of the y axis').waitFor();
    await waitUntil(() => queryOf(page, 'y_of') === '..0.5 loss');
    await field('Minimum', 'loss').fill('2');
    await field('Minimum', 'loss').press('Enter');
    await page.getByText('The minimum lies below the maximum.').waitFor();
    assert.equal(queryOf(page, 'y_of'), '..0.5 loss');
    await field('Maximum', 'loss').fill('10');
    await field('Maximum', 'loss').press('Enter');
    await chart.getByText('outside the range of the y axis').waitFor({ state: 'detached' });
    await waitUntil(() => queryOf(page, 'y_of') === '2..10 loss');
    await page.keyboard.press('Escape');

    // Of all cards: the one with a range of its own keeps it.
    await page.getByText('Cards', { exact: true }).click();
    await field('Minimum', 'all cards').fill('1e30');
    await field('Minimum', 'all cards').press('Enter');
    await (await chartOf(page, 'below')).getByText('outside the range of the y axis').waitFor();
    assert.equal(await chart.getByText('outside the range of the y axis').count(), 0);
    await waitUntil(() => queryOf(page, 'y') === '1e+30..');
    await page.reload();
    await (await chartOf(page, 'below')).getByText('outside the range of the y axis').waitFor();
    await open('loss');
    assert.equal(await field('Maximum', 'loss').inputValue(), '10');
    await page.getByRole('button', { name: 'Automatic range of the y axis of loss' }).click();
    await waitUntil(() => queryOf(page, 'y_of') === null && queryOf(page, 'y') === '1e+30..');
  });
  console.log('y axes begin and end where they are told to, of one card and of all');
}

async function setsTheWidthOfCards() {
  await test.withPage('/metrics', {}, async (page) => {
    const card = page.getByRole('article', { name: 'loss', exact: true });
    await chartOf(page, 'loss');
    const widths = [];
    for (const label of ['Small', 'Medium', 'Wide']) {
      await page.getByText('Cards', { exact: true }).click();
      await page.getByText(label, { exact: true }).click();
      await page.keyboard.press('Escape');
      widths.push((await card.boundingBox()).width);
    }
    assert.ok(widths[0] < widths[1] && widths[1] < widths[2], `${widths}`);
    await waitUntil(() => queryOf(page, 'cards') === 'wide');
  });
  await test.withPage('/metrics?cards=small', {}, async (page) => {
    // The tools of a small card come with the focus too.
    await chartOf(page, 'loss');
    const tools = page.getByRole('article', { name: 'loss', exact: true }).locator('.tools');
    assert.equal(await tools.evaluate((one) => getComputedStyle(one).opacity), '0');
    await page.getByLabel('Pin loss').focus();
    await waitUntil(async () => (await tools.evaluate((one) => getComputedStyle(one).opacity)) === '1');
  });
  console.log('cards are as wide as they are told to be');
}

async function savesPictures() {
  await test.withPage('/metrics?smoothing=0', {}, async (page) => {
    await chartOf(page, 'loss');
    const menu = page.getByLabel('Save a picture of loss');
    await menu.press('Enter');
    const svg = await readFile(
      await saved(page, () => page.getByRole('button', { name: 'SVG drawing' }).click()),
      'utf8',
    );
    await waitUntil(() => menu.evaluate((one) => one === document.activeElement));
    assert.equal(await page.getByRole('button', { name: 'SVG drawing' }).isVisible(), false);
    const read = await page.evaluate((text) => {
      const drawing = new DOMParser().parseFromString(text, 'image/svg+xml');
      const texts = [...drawing.querySelectorAll('text')].map((one) => one.textContent);
      return {
        isWhole: drawing.querySelector('parsererror') === null,
        texts,
        lines: drawing.querySelectorAll('[clip-path] path').length,
      };
    }, svg);
    assert.ok(read.isWhole);
    assert.equal(read.lines, Object.keys(kRuns).length);
    for (const text of ['loss', 'step', '20', ...Object.keys(kRuns)])
      assert.ok(read.texts.includes(text), `${text} in ${read.texts}`);

    await menu.click();
    const png = await readFile(await saved(page, () => page.getByRole('button', { name: 'PNG picture' }).click()));
    assert.equal(png.subarray(1, 4).toString(), 'PNG');
    assert.equal(png.readUInt32BE(16), 2 * 960);
    if (screenshots) await writeFile(join(screenshots, 'saved.png'), png);
  });
  console.log('a chart is saved as SVG and PNG, with its title, axes and legend');
}

async function keepsChartsThatDoNotChange() {
  await test.withPage('/metrics', {}, async (page) => {
    const warnings = [];
    page.on('console', (message) => message.type() === 'warning' && warnings.push(message.text()));
    const canvas = (await chartOf(page, 'loss')).locator('canvas');
    await canvas.evaluate((one) => one.setAttribute('data-first', ''));
    await page.getByLabel('Filter tags by a regular expression').pressSequentially('loss|huge');
    await page.getByRole('article', { name: 'below' }).waitFor({ state: 'detached' });
    assert.equal(await canvas.getAttribute('data-first'), '', 'a letter in the filter made the chart anew');
    await page.keyboard.press('Escape');
    await pressTogether(page, 'g', 'd');
    await page.getByRole('heading', { name: 'Distributions' }).waitFor();
    await page.waitForTimeout(300);
    assert.deepEqual(warnings, []);
  });
  await test.withPage('/metrics', {}, async (page) => {
    const cards = page.getByRole('article');
    await cards.nth(4).waitFor();
    // Tags without a slash share a section, the loss first.
    assert.equal(await cards.first().getAttribute('aria-label'), 'loss');
    await page.getByRole('button', { name: 'side 1' }).click({ modifiers: ['Alt'] });
    await waitUntil(async () => (await cards.count()) === 0);
    await waitUntil(() => new URL(page.url()).searchParams.getAll('folded').length === 3);
    await page.getByRole('button', { name: 'No prefix 4' }).press('Enter');
    await waitUntil(async () => (await cards.count()) === 4);
    await page.reload();
    await page.getByRole('button', { name: 'side 1' }).click({ modifiers: ['Alt'] });
    await waitUntil(async () => (await cards.count()) === 5);
  });
  console.log('a letter in the filter makes no chart anew, and charts leave without a warning');
}

function focused(page) {
  return page.evaluate(() => document.activeElement?.id || document.activeElement?.getAttribute('aria-label'));
}

async function putsTheFocusWhereItGoesOn() {
  await test.withPage('/metrics', { viewport: { width: 800, height: 600 } }, async (page) => {
    await chartOf(page, 'loss');
    assert.equal(await focused(page), 'page');
    await page.keyboard.press('PageDown');
    await waitUntil(() => page.locator('main').evaluate((one) => one.scrollTop > 100));
    await page.getByLabel('Show huge in full').press('Enter');
    await waitUntil(async () => (await focused(page)) === 'Close the full view');
    await page.keyboard.press('Escape');
    await waitUntil(async () => (await focused(page)) === 'Show huge in full');
    await page.goBack();
    await waitUntil(async () => (await focused(page)) === 'Close the full view');

    // The run picker is a drawer here.
    const toggle = page.getByTitle('Show or hide the run picker');
    await toggle.click();
    await waitUntil(async () => (await focused(page)) === 'Filter runs by a regular expression');
    await page.keyboard.press('Escape');
    await waitUntil(() => toggle.evaluate((one) => one === document.activeElement));

    await page.getByRole('link', { name: 'Data' }).click();
    await page.getByRole('heading', { name: 'Data' }).waitFor();
    await waitUntil(async () => (await focused(page)) === 'page');
    const top = () => page.locator('main').evaluate((one) => one.scrollTop);
    assert.equal(await top(), 0);
    await page.getByRole('link', { name: 'Metrics' }).click();
    await chartOf(page, 'loss');
    assert.equal(await top(), 0);
    await page.locator('main').evaluate((one) => one.scrollTo(0, 300));
    await page.getByRole('link', { name: 'Runs' }).click();
    await page.getByRole('heading', { name: 'Runs' }).first().waitFor();
    await page.goBack();
    await waitUntil(async () => Math.abs((await top()) - 300) < 3);
  });
  await test.withPage('/runs', {}, async (page) => {
    await page.locator('tr[data-run]').first().focus();
    await page.keyboard.press('n');
    await waitUntil(() => page.getByLabel('Name', { exact: true }).evaluate((one) => one === document.activeElement));
  });
  await test.withPage('/metrics?runs=none', {}, async (page) => {
    await page.getByRole('button', { name: 'Show all runs' }).click();
    await chartOf(page, 'loss');
    await page.goBack();
    await page.getByRole('button', { name: 'Show all runs' }).waitFor();
  });
  console.log('the focus goes into what opens, and back to what opened it');
}

async function fillsAWindowThatGrows() {
  await test.withPage('/metrics?full=loss', { viewport: { width: 1200, height: 600 } }, async (page) => {
    await chartOf(page, 'loss');
    const height = () => page.evaluate(() => document.querySelector('.chart canvas')?.clientHeight ?? 0);
    const before = await height();
    await page.setViewportSize({ width: 1200, height: 1000 });
    await waitUntil(async () => (await height()) >= before + 350);
  });
  console.log('a chart that fills the page grows with its window');
}

async function copiesNamesAndSavesTheTable() {
  const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());
  await test.withPage('/runs?sort=name', { permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
    await page.locator('tr[data-run]').nth(1).focus();
    await page.keyboard.press('c');
    await page.getByText('Name copied.').waitFor();
    assert.equal(await clipboard(page), 'lr0.01');
    await page.keyboard.press('Space');
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByRole('button', { name: 'Copy names' }).click();
    await page.getByText('2 names copied.').waitFor();
    assert.equal(await clipboard(page), 'lr0.01\nlr0.03');
    // Served from another machine without https a page has no clipboard: the old way serves.
    await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
    await page.locator('tr[data-run]').first().focus();
    await page.keyboard.press('Escape');
    await page.keyboard.press('n');
    await page.getByLabel('Copy the path of').click();
    await page.keyboard.press('Escape');
    const paste = page.getByLabel('Find runs by a regular expression');
    await paste.press('Control+v');
    assert.equal(await paste.inputValue(), kHostile);
  });
  console.log('names of runs are copied');
  await test.withPage('/runs?sort=name&search=lr0.0', {}, async (page) => {
    await page.locator('tr[data-run]').nth(1).getByText('3.975').waitFor();
    const lines = (
      await readFile(await saved(page, () => page.getByRole('button', { name: 'CSV' }).click()), 'utf8')
    ).split('\r\n');
    assert.deepEqual(
      lines.map((line) => line.split(',')[0]),
      ['run', 'lr0.01', 'lr0.03', ''],
    );
    const loss = lines[0].split(',').indexOf('loss');
    assert.deepEqual(
      lines.slice(1, 3).map((line) => line.split(',')[loss]),
      ['1.975', '3.975'],
    );
  });
  console.log('the table of runs is saved as it is listed');
}
