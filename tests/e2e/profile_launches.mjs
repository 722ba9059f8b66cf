// Calls of CUDA and what they launched, on the Profile page in a real browser: arrows from one to the other, and the
// time by names within names. Real traces are looked at too, where there are any.
//
// usage: node profile_launches.mjs SPIROGRAM PYTHON TEST_DATA [SCREENSHOT_DIR]
// Exit code 77 where Chromium or TensorBoard is missing: the test is then skipped.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { runPageTest, Skipped, waitUntil } from './page_test.mjs';

const [program, python, testData, screenshots] = process.argv.slice(2);
const kWriter = fileURLToPath(new URL('write_profile_logdir.py', import.meta.url));
const kTraces = ['kineto_h100_bert_small', 'kineto_nccl_rank0', 'kineto_b200_eager'];

let test;
await runPageTest(program, async (opened) => {
  test = opened;
  const traces = kTraces.map((name) => join(testData, 'profiles', `${name}.json.gz`)).filter(existsSync);
  if (traces.length === 0) console.log('no real traces to look at');
  const written = spawnSync(python, [kWriter, test.logdir, ...traces], { encoding: 'utf8' });
  if (written.status === 77) throw new Skipped(written.stdout);
  assert.equal(written.status, 0, written.stderr);
  writeCutTrace(join(test.logdir, 'cut'));
  await test.serve();
  await waitUntil(async () => (await test.api('/api/v1/runs')).runs.length === 4 + traces.length);
  const made = (await test.runAt('made')).id;
  await splitsTheTimeOfTheGpu(made);
  await followsArrows(made);
  await tellsTheOwnTime(made);
  await sumsNamesWithinNames(made);
  await saysThatATraceIsCut(made);
  if (traces.length > 0) await showsARealTrace((await test.runAt(`traced/${kTraces[0]}`)).id);
  const view = `/profile?run=${made}&nested=1`;
  await test.looksRight({ nested: view, arrow: `${view}&slice=7&zoom=0..2` }, screenshots);
  assert.equal(await test.server.stop(), 0);
});

/** As of a program that was killed while it wrote it, two minutes ago: nobody writes to it any more. */
function writeCutTrace(folder) {
  const event = (name, ts) =>
    `{"ph": "X", "cat": "cpu_op", "name": "${name}", "ts": ${ts}, "dur": 5, "pid": 1, "tid": 9}`;
  const path = join(folder, 'host_1.2.pt.trace.json');
  mkdirSync(folder);
  writeFileSync(path, `{"traceEvents": [${event('aten::mm', 10)}, ${event('aten::add', 20)}, {"ph": "X", "na`);
  const then = Date.now() / 1000 - 120;
  utimesSync(path, then, then);
}

function detailsOf(page) {
  return page.getByRole('region', { name: 'Selected slice' });
}

async function selected(page, name, track) {
  await waitUntil(async () => (await detailsOf(page).getByRole('heading').textContent()) === name);
  await detailsOf(page).getByText(track, { exact: true }).waitFor();
}

async function splitsTheTimeOfTheGpu(run) {
  const uses = (page) => page.getByRole('group', { name: 'Use of the GPU' }).getByRole('listitem').allInnerTexts();
  const shows = async (page, expected) => {
    await waitUntil(async () => (await uses(page)).length === expected.length);
    assert.deepEqual(
      (await uses(page)).map((use) => use.replace(/\s+/g, ' ').trim()),
      expected,
    );
  };
  await test.withPage(`/profile?run=${run}`, {}, (page) =>
    shows(page, [
      'GPU computing 40 % 12 ms',
      'GPU idle: host launches 15 % 4.5 ms',
      'GPU idle: host elsewhere 45 % 13.5 ms',
    ]),
  );
  await test.withPage(`/profile?run=${run}&zoom=0..2&marked=5..9`, {}, (page) =>
    shows(page, [
      'GPU computing 50 % 2 ms',
      'GPU idle: host launches 12.5 % 500 µs',
      'GPU idle: host elsewhere 37.5 % 1.5 ms',
    ]),
  );
  console.log('the time of the GPU is split into what it does and what it waits for');
}

async function followsArrows(run) {
  await test.withPage(`/profile?run=${run}`, {}, async (page) => {
    const sums = page.getByRole('region', { name: 'Time by name' });
    await sums.getByRole('button', { name: 'Select the longest relu' }).click();
    await selected(page, 'relu', 'stream 7');
    await detailsOf(page).getByText('cudaLaunchKernel, 3 ms before it').waitFor();
    await page.getByLabel(/^Timeline of/).focus();
    await page.keyboard.press('[');
    await selected(page, 'cudaLaunchKernel', 'calls, thread 11');
    await detailsOf(page).getByText('relu, 3 ms after it').waitFor();
    await page.keyboard.press('[');
    await selected(page, 'cudaLaunchKernel', 'calls, thread 11');
    await page.keyboard.press(']');
    await selected(page, 'relu', 'stream 7');
    // By the pointer, too.
    await detailsOf(page).getByRole('button', { name: 'cudaLaunchKernel' }).click();
    await selected(page, 'cudaLaunchKernel', 'calls, thread 11');
    await detailsOf(page).getByRole('button', { name: 'relu' }).click();
    await selected(page, 'relu', 'stream 7');
    // Calls are none of the GPU's time.
    const kernels = page.locator('section').filter({ has: page.getByRole('heading', { name: /^Top kernels/ }) });
    assert.deepEqual(await kernels.locator('tbody tr td:nth-child(2)').allTextContents(), ['kernel', 'kernel']);
  });
  console.log('an arrow leads from a kernel to the call that launched it, and back');
}

async function tellsTheOwnTime(run) {
  await test.withPage(`/profile?run=${run}`, {}, async (page) => {
    const sums = page.getByRole('region', { name: 'Time by name' });
    const names = async () => (await sums.locator('tbody .name').allTextContents()).map((name) => name.trim()).join();
    await waitUntil(async () => (await names()) === 'forward,backward,gemm,cudaLaunchKernel,relu');
    // Three steps: 12 ms, of which calls take 3.
    assert.match(await sums.locator('tbody tr').first().textContent(), /phase.*3.*12 ms.*9 ms.*4 ms/s);
    await sums.getByRole('button', { name: 'Slices', exact: true }).press('Enter');
    await waitUntil(async () => (await names()) === 'cudaLaunchKernel,gemm,forward,backward,relu');
    await waitUntil(() => page.url().includes('sort=count'));
    await page.reload();
    await waitUntil(async () => (await names()) === 'cudaLaunchKernel,gemm,forward,backward,relu');
    await sums.getByRole('button', { name: 'Select the longest cudaLaunchKernel' }).click();
    await selected(page, 'cudaLaunchKernel', 'calls, thread 11');
    await detailsOf(page).getByRole('button', { name: 'forward' }).click();
    await selected(page, 'forward', 'phases');
    await detailsOf(page).getByText('3 ms, without what runs within it').waitFor();
  });
  console.log("a slice's own time is told, and what it lies within; sums are sorted by any of their columns");
}

async function sumsNamesWithinNames(run) {
  await test.withPage(`/profile?run=${run}`, {}, async (page) => {
    const sums = page.getByRole('region', { name: 'Time by name' });
    await sums.getByText('Nested', { exact: true }).click();
    await waitUntil(async () => (await sums.locator('tbody tr').count()) === 4);
    const forward = sums.locator('tbody tr').filter({ hasText: 'forward' });
    // Three steps: 12 ms on the host, of which calls take 3, and 6 ms of the GPU.
    assert.match(await forward.textContent(), /phase.*3.*12 ms.*9 ms.*6 ms/s);
    await sums.getByRole('button', { name: 'What is within cudaLaunchKernel' }).first().click();
    await waitUntil(async () => (await sums.getByRole('cell', { name: 'kernel', exact: true }).count()) === 2);
    await waitUntil(() => page.url().includes('nested=1'));
    await page.reload();
    await waitUntil(async () => (await sums.locator('tbody tr').count()) === 4);
    // What is searched for is shown where it lies.
    await page.keyboard.press('/');
    await page.keyboard.type('relu');
    await waitUntil(async () => (await sums.locator('tbody tr').count()) === 3);
    assert.match(await sums.locator('tbody').textContent(), /forward.*cudaLaunchKernel.*relu/s);
  });
  console.log("the time of a range is summed by names within names, with the GPU's by the phase that launched it");
}

async function saysThatATraceIsCut(whole) {
  const cut = (await test.runAt('cut')).id;
  await waitUntil(async () => (await test.api(`/api/v1/warnings?run=${cut}`)).total === 1);
  await test.withPage(`/profile?run=${cut}`, {}, async (page) => {
    const note = page.getByRole('status').filter({ hasText: 'damaged or ends early: its first 2 slices are kept' });
    await note.getByRole('link', { name: 'See it in Data' }).click();
    await page.getByRole('heading', { name: '1 warning, no byte of the event files lost' }).waitFor();
  });
  await test.withPage(`/profile?run=${whole}`, {}, async (page) => {
    await page.getByRole('group', { name: 'Use of the GPU' }).waitFor();
    assert.equal(await page.getByText('damaged or ends early').count(), 0);
  });
  console.log('a trace that is cut says so on the page of its profile, and where there is more of it');
}

async function showsARealTrace(run) {
  await test.withPage(`/profile?run=${run}&nested=1`, {}, async (page) => {
    const sums = page.getByRole('region', { name: 'Time by name' });
    await sums.locator('tbody tr').first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('gemm');
    await page.keyboard.press('Enter');
    await detailsOf(page)
      .getByText(/before it/)
      .waitFor();
    await detailsOf(page).getByRole('button', { name: /^cu/ }).click();
    await detailsOf(page)
      .getByText(/after it/)
      .waitFor();
    assert.match(await sums.locator('tbody').textContent(), /ProfilerStep#.*aten::.*gemm/s);
  });
  console.log('a real trace is followed from a kernel to its call');
}
