import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StepFeed } from '../src/api/step_feed.svelte';
import type { Change } from '../src/api/types';
import { failure, success, type Result } from '../src/base/result';
import { gapOf, withTail } from '../src/base/step_list';

vi.mock('../src/api/server.svelte', () => ({ server: {} }));

interface Logged {
  step: number;
  text: string;
}
const logged = (steps: readonly number[], text = 'a'): Logged[] => steps.map((step) => ({ step, text }));
const mark = (first_step: number, last_step: number, tag = 'image', run = 1): Change => ({
  ...{ run, tag, kind: 'image' },
  ...{ first_step, last_step },
});
const query = { run: 1, tag: 'image', lastStep: 0, age: '1 0' };

describe('a feed of what a tag logged', () => {
  let asked: (number | undefined)[] = [];
  let answers: ((answer: Result<Logged[]>) => void)[] = [];
  let feed: StepFeed<Logged>;
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('window', globalThis);
    [asked, answers] = [[], []];
    feed = new StepFeed((_, from) => {
      asked.push(from);
      return new Promise((resolve) => answers.push(resolve));
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  async function answer(result: Result<Logged[]>): Promise<void> {
    answers.shift()?.(result);
    await vi.advanceTimersByTimeAsync(0);
  }
  async function shown(list: Logged[], most?: number): Promise<void> {
    feed.show(most === undefined ? query : { ...query, most });
    await answer(success(list));
  }
  async function told(...changes: Change[]): Promise<void> {
    feed.follow(changes);
    await vi.advanceTimersByTimeAsync(2000);
  }
  const steps = () => feed.value?.map((one) => one.step);

  it('asks for what lies from its last step on, of which more may have been logged', async () => {
    await shown(logged([0, 10]));
    await told(mark(20, 20));
    await answer(success(logged([10, 10, 20], 'b')));
    expect(asked).toEqual([undefined, 10]);
    expect(feed.value?.map((one) => `${one.step}${one.text}`)).toEqual(['0a', '10b', '10b', '20b']);
  });
  it("asks by marks of a mesh's other parts, and for all where one comes behind samples that are listed", async () => {
    feed.show({ ...query, parts: ['image', 'face'] });
    await answer(success(logged([0, 10])));
    await told(mark(20, 30, 'face'), mark(20, 30));
    await answer(success(logged([10, 20, 30])));
    await told(mark(30, 30, 'face'));
    await answer(success(logged([30])));
    await told(mark(20, 30, 'face'));
    expect(asked).toEqual([undefined, 10, 30, undefined]);
  });
  it('asks for nothing by marks of another tag or run', async () => {
    await shown(logged([0]));
    await told(mark(1, 1, 'other'), mark(1, 1, 'image', 2));
    expect(asked).toEqual([undefined]);
  });
  it('asks once for many marks', async () => {
    await shown(logged([0]));
    feed.follow([mark(1, 1)]);
    feed.follow([mark(2, 2)]);
    await told(mark(3, 3));
    expect(asked).toEqual([undefined, 0]);
  });
  it('loads all anew where the run began anew, or has logged at steps that came before', async () => {
    await shown(logged([0, 10, 20]));
    await told(mark(30, 30));
    await answer(success(logged([20, 30])));
    await told(mark(0, 0));
    await answer(success(logged([0], 'b')));
    expect([asked, feed.value]).toEqual([[undefined, 20, undefined], logged([0], 'b')]);
  });
  it('loads all anew where the run has another age', async () => {
    await shown(logged([0, 10]));
    feed.show({ ...query, age: '2 0' });
    expect(asked).toEqual([undefined, undefined]);
  });
  it('follows the list of tags where no mark comes', async () => {
    await shown(logged([0, 10]));
    feed.show({ ...query, lastStep: 10 });
    await vi.advanceTimersByTimeAsync(2000);
    feed.show({ ...query, lastStep: 20 });
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked).toEqual([undefined, 10]);
  });
  it('asks for nothing out of view, and for what was missed when it comes back', async () => {
    await shown(logged([0]));
    feed.pause();
    await told(mark(1, 5));
    expect(asked).toEqual([undefined]);
    feed.show(query);
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked).toEqual([undefined, 0]);
  });
  it('asks again, with the next mark, for what was not answered', async () => {
    await shown(logged([0]));
    await told(mark(1, 1));
    await answer(failure({ status: 503, title: 'Busy', detail: '', requestId: '' }));
    await told(mark(2, 2));
    await answer(success(logged([0, 1, 2])));
    expect([asked, steps(), feed.error]).toEqual([[undefined, 0, 0], [0, 1, 2], null]);
  });
  it('shows nothing of another tag', async () => {
    await shown(logged([0]));
    feed.show({ ...query, tag: 'other' });
    expect(feed.value).toBeNull();
  });
  it('keeps the distance of a list that was cut down, and cuts it down anew when it has grown', async () => {
    await shown(logged([0, 100, 200, 300]), 4);
    await told(mark(310, 330));
    await answer(success(logged([300, 310, 320, 330])));
    expect(steps()).toEqual([0, 100, 200, 300, 330]);
    await told(mark(340, 720));
    await answer(success(logged([330, 340, 400, 410, 500, 600, 700, 720])));
    expect(steps()).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 720]);
    await told(mark(730, 730));
    expect(asked).toEqual([undefined, 300, 330, undefined]);
  });
});

describe('a list with another tail', () => {
  it('is all of both where nothing was cut', () => {
    expect(gapOf(logged([0, 1, 2]), 100)).toBe(0);
    expect(withTail(logged([0, 1, 2]), logged([2, 3]), 2, 0)).toEqual(logged([0, 1, 2, 3]));
  });
  it('has no distance to keep with one step alone', () => {
    expect(gapOf(logged([5]), 1)).toBe(0);
  });
});
