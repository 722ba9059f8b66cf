import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { getScalars } from '../src/api/client';
import { FinalValues } from '../src/api/final_values.svelte';
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
  it('are those that were asked for last, whatever answer comes last', async () => {
    const finals = new FinalValues();
    await ask(finals);
    await ask(finals);
    await answer(1, value(2));
    await answer(0, value(3));
    expect(finals.of(1, [], kTag)).toBe(2);
  });
});
