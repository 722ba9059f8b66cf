import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { getScalars } from '../src/api/client';
import { FinalValues } from '../src/api/final_values.svelte';
import { kAtOnce } from '../src/base/ask_each';
import { failure, success, type Result } from '../src/base/result';
import type { Series } from '../src/base/series';
import { pointSeries } from './testing';

vi.mock('../src/api/client', () => ({ getScalars: vi.fn(), kRunsPerRequest: 1000 }));

describe('the last values of runs', () => {
  let answers: ((answer: Result<Series[]>) => void)[] = [];
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('window', globalThis);
    answers = [];
    vi.mocked(getScalars).mockImplementation(() => new Promise((resolve) => answers.push(resolve)));
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  const kTag = 'loss/train';
  const value = (last: number) => success([pointSeries([1], [last])]);
  async function ask(finals: FinalValues): Promise<void> {
    finals.show([1], [kTag], 0);
    await vi.advanceTimersByTimeAsync(5000);
  }
  async function answer(place: number, result: Result<Series[]>): Promise<void> {
    answers[place]?.(result);
    await vi.advanceTimersByTimeAsync(0);
  }

  it('stay where the server does not answer', async () => {
    const finals = new FinalValues();
    await ask(finals);
    await answer(0, value(3));
    await ask(finals);
    await answer(1, failure({ status: 0, title: 'The server does not answer', detail: '', requestId: '' }));
    expect(finals.of(1, [], kTag)).toBe(3);
  });
  it('are the best ones where those are asked for, by the better end that a tag has', async () => {
    const finals = new FinalValues();
    const rows = { min: Float64Array.of(3, 0.5, 2), max: Float64Array.of(3, NaN, 2) };
    const answerOf = (tag: string) => success([{ ...pointSeries([1, 8, 9], [3, 1, 2]), ...rows, tag }]);
    finals.show([1], [kTag, 'accuracy', 'epoch', 'lost/error'], 0, true);
    await vi.advanceTimersByTimeAsync(5000);
    for (const [place, tag] of [kTag, 'accuracy', 'epoch'].entries()) await answer(place, answerOf(tag));
    await answer(3, success([{ ...pointSeries([1], [NaN]), tag: 'lost/error' }]));
    expect([kTag, 'accuracy', 'epoch', 'lost/error'].map((tag) => finals.of(1, [], tag))).toEqual([0.5, 3, 2, NaN]);
    finals.show([1], [kTag], 0, false);
    await vi.advanceTimersByTimeAsync(0);
    await answer(4, answerOf(kTag));
    expect(finals.of(1, [], kTag)).toBe(2);
  });
  it('are asked for once at a time of a server that is slow', async () => {
    const finals = new FinalValues();
    await ask(finals);
    await ask(finals);
    await ask(finals);
    expect(answers.length).toBe(1);
    await answer(0, value(2));
    expect(answers.length).toBe(2);
    await answer(1, value(3));
    expect([answers.length, finals.of(1, [], kTag)]).toEqual([2, 3]);
  });
  it('are asked for a few requests at a time', async () => {
    const finals = new FinalValues();
    const runs = Array.from({ length: 2500 }, (_, i) => i + 1);
    finals.show(runs, ['loss/train', 'loss/eval', 'accuracy'], 0);
    await vi.advanceTimersByTimeAsync(5000);
    expect(answers.length).toBe(kAtOnce);
    for (let i = 0; i < 9; i++) await answer(i, value(i));
    expect(answers.length).toBe(9);
  });
  it('are not held up by those that nobody looks at any more', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    vi.mocked(getScalars).mockImplementation(({ run }, signal) => {
      signals.push(signal);
      const cancelled = failure<Series[]>({ status: 0, title: 'Cancelled', detail: '', requestId: '' });
      return new Promise((resolve) => {
        signal?.addEventListener('abort', () => resolve(cancelled));
        if (run[0] === 2) resolve(success([pointSeries([1], [5], 2)]));
      });
    });
    const finals = new FinalValues();
    await ask(finals);
    finals.show([2], [kTag], 0);
    await vi.advanceTimersByTimeAsync(5000);
    expect([signals.map((one) => one?.aborted), finals.of(2, [], kTag)]).toEqual([[true, false], 5]);
  });
});
