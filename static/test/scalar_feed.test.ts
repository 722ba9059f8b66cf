import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { getScalars, type ScalarQuery } from '../src/api/client';
import { ScalarFeed } from '../src/api/scalar_feed.svelte';
import type { Change } from '../src/api/types';
import { failure, success, type Result } from '../src/base/result';
import { lastStep, type Series } from '../src/base/series';
import { pointSeries } from './testing';

vi.mock('../src/api/client', () => ({ getScalars: vi.fn() }));
vi.mock('../src/api/server.svelte', () => ({ server: {} }));

const kTag = 'loss/train';
const query = { tag: kTag, runs: [1], zoom: null, rows: 1000 };
const mark = (first_step: number, last_step: number, run = 1): Change => ({
  ...{ run, tag: kTag, kind: 'scalar' },
  ...{ first_step, last_step },
});
const upTo = (last: number, from = 1) => {
  const steps = Array.from({ length: last - from + 1 }, (_, i) => from + i);
  return pointSeries(steps, steps);
};

describe('a feed of scalars', () => {
  let asked: ScalarQuery[] = [];
  let answers: ((answer: Result<Series[]>) => void)[] = [];
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('window', globalThis);
    [asked, answers] = [[], []];
    vi.mocked(getScalars).mockImplementation((one) => {
      asked.push(one);
      return new Promise((resolve) => answers.push(resolve));
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  /** Answers the oldest question, and lets what hangs on that happen. */
  async function answer(result: Result<Series[]>): Promise<void> {
    answers.shift()?.(result);
    await vi.advanceTimersByTimeAsync(0);
  }
  async function shown(series: Series): Promise<ScalarFeed> {
    const feed = new ScalarFeed();
    feed.show(query);
    await answer(success([series]));
    return feed;
  }
  /** The steps from which was asked: undefined is all of them. */
  const from = () => asked.map((one) => one.from);
  const last = (feed: ScalarFeed) => lastStep(feed.series[0] as Series);

  it('asks for what lies behind its last step', async () => {
    const feed = await shown(upTo(9));
    feed.follow([mark(10, 12)]);
    await vi.advanceTimersByTimeAsync(1000);
    await answer(success([upTo(12, 10)]));
    expect([from(), last(feed)]).toEqual([[undefined, 10], 12]);
  });
  it('asks for what was logged while its first answer was on the way', async () => {
    const feed = new ScalarFeed();
    feed.show(query);
    feed.follow([mark(10, 10)]);
    await answer(success([upTo(9)]));
    await vi.advanceTimersByTimeAsync(1000);
    await answer(success([upTo(10, 10)]));
    expect([from(), last(feed)]).toEqual([[undefined, 10], 10]);
  });
  it('takes a mark of what was answered already for no restart', async () => {
    const feed = await shown(upTo(9));
    feed.follow([mark(8, 9)]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(from()).toEqual([undefined, 10]);
  });
  it('loads anew where a run begins anew, also where one mark reaches beyond what is shown', async () => {
    const feed = await shown(upTo(9));
    feed.follow([mark(5, 12)]);
    await vi.advanceTimersByTimeAsync(1000);
    await answer(success([upTo(12)]));
    feed.follow([mark(13, 20)]);
    await vi.advanceTimersByTimeAsync(1000);
    await answer(success([upTo(20, 13)]));
    feed.follow([mark(15, 30)]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(from()).toEqual([undefined, undefined, 13, undefined]);
  });
  it('asks again, with the next mark of any run, for what was not answered', async () => {
    const feed = new ScalarFeed();
    feed.show({ ...query, runs: [1, 2] });
    await answer(success([upTo(9)]));
    feed.follow([mark(10, 10)]);
    await vi.advanceTimersByTimeAsync(1000);
    await answer(failure({ status: 503, title: 'Busy', detail: '', requestId: '' }));
    await vi.advanceTimersByTimeAsync(5000);
    feed.follow([mark(1, 1, 2)]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked.map((one) => one.run)).toEqual([[1, 2], [1], [1, 2]]);
  });
  it('loads anew rather than asking for more runs than a request takes', async () => {
    const runs = Array.from({ length: 1200 }, (_, i) => i + 1);
    const feed = new ScalarFeed();
    feed.show({ ...query, runs });
    for (let i = 0; i < 3; i++) await answer(success([]));
    feed.follow(runs.map((run) => mark(1, 1, run)));
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked.map((one) => one.run.length)).toEqual([500, 500, 200, 500, 500, 200]);
  });
});
