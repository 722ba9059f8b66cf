import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { getPrCurvesAt, listPrCurves } from '../src/api/client';
import type { Item } from '../src/api/columns';
import { failure, success } from '../src/base/result';
import { PrCurveFeed } from '../src/pages/metrics/pr_curve_feeds.svelte';

vi.mock('../src/api/client', () => ({ getPrCurvesAt: vi.fn(), listPrCurves: vi.fn() }));
vi.mock('../src/api/server.svelte', () => ({ server: {} }));
vi.mock('../src/base/router.svelte', () => ({ router: {} }));

const curve = (step: number) => ({ fields: { step } }) as unknown as Item;
const infos = (...steps: number[]) => success(steps.map((step) => ({ step, wall_time: step, bytes: 56 })));
const query = { run: 1, tag: 'pr', lastStep: 20, age: '1 0', step: -1 };

describe('the PR curves of a run', () => {
  let feed: PrCurveFeed;
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('window', globalThis);
    vi.mocked(listPrCurves)
      .mockReset()
      .mockResolvedValue(infos(0, 10, 20));
    vi.mocked(getPrCurvesAt)
      .mockReset()
      .mockImplementation((_run, _tag, step) => Promise.resolve(success([curve(step)])));
    feed = new PrCurveFeed();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  async function show(step: number): Promise<void> {
    feed.show({ ...query, step });
    await vi.advanceTimersByTimeAsync(0);
    await loaded();
  }
  async function loaded(): Promise<void> {
    feed.loadCurve();
    await vi.advanceTimersByTimeAsync(0);
  }
  const listed = () => vi.mocked(listPrCurves).mock.calls.map(([{ from }]) => from);
  const read = () => vi.mocked(getPrCurvesAt).mock.calls.map(([, , step]) => step);

  it('asks for the list once, and for the curve of each step that is shown', async () => {
    await show(-1);
    expect([feed.steps, feed.at, feed.item, feed.isLoaded]).toEqual([[0, 10, 20], 2, curve(20), true]);
    await show(15);
    expect([feed.at, feed.item]).toEqual([1, curve(10)]);
    expect([listed(), read()]).toEqual([[undefined], [20, 10]]);
  });
  it('asks from its last step on where the run goes on, and for no curve where an old one is shown', async () => {
    await show(10);
    vi.mocked(listPrCurves).mockResolvedValue(infos(20, 30));
    feed.follow([{ run: 1, tag: 'pr', kind: 'pr_curve', first_step: 30, last_step: 30 }]);
    await vi.advanceTimersByTimeAsync(2000);
    await loaded();
    expect([feed.steps, listed(), read()]).toEqual([[0, 10, 20, 30], [undefined, 20], [10]]);
    await show(-1);
    expect([read(), feed.item]).toEqual([[10, 30], curve(30)]);
  });
  it('tries again what failed', async () => {
    const busy = failure<Item[]>({ title: 'Busy', detail: '', status: 503, requestId: '' });
    vi.mocked(getPrCurvesAt).mockResolvedValueOnce(busy);
    await show(-1);
    expect([feed.error?.status, feed.isLoaded]).toEqual([503, false]);
    feed.retry();
    await vi.advanceTimersByTimeAsync(0);
    expect([feed.error, feed.item]).toEqual([null, curve(20)]);
  });
});
