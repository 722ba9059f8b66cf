import { afterEach, describe, expect, it, vi } from 'vitest';
import { findLargestEmbedding } from '../src/api/client';
import { askEach, kAtOnce } from '../src/base/ask_each';

const later = () => new Promise((resolve) => setTimeout(resolve));

describe('askEach', () => {
  it('answers in the order of the items, whichever answer comes first', async () => {
    const ask = async (wait: number) => {
      for (let i = 0; i < wait; i++) await later();
      return 10 * wait;
    };
    expect(await askEach([5, 1, 4, 0, 2, 3], ask)).toEqual([50, 10, 40, 0, 20, 30]);
    expect(await askEach([], ask)).toEqual([]);
  });
  it('asks nothing more once it is aborted', async () => {
    const controller = new AbortController();
    const asked: number[] = [];
    const ask = async (item: number) => {
      asked.push(item);
      if (item === 5) controller.abort();
      await later();
      return item;
    };
    const items = Array.from({ length: 100 }, (_, i) => i);
    await askEach(items, ask, controller.signal);
    expect(asked.length).toBeLessThan(5 + 2 * kAtOnce);
  });
});

describe('findLargestEmbedding', () => {
  afterEach(() => void vi.unstubAllGlobals());
  it('asks for a few of many tables at a time', async () => {
    let [pending, most] = [0, 0];
    vi.stubGlobal('fetch', async (url: string) => {
      most = Math.max(most, ++pending);
      await later();
      pending--;
      const rows = Number(/table_(\d+)/.exec(url)?.[1]) === 77 ? 1000 : 10;
      return new Response(JSON.stringify({ checkpoints: [{ step: 0, rows }] }));
    });
    const names = Array.from({ length: 200 }, (_, i) => `table_${i}`);
    expect(await findLargestEmbedding(1, names)).toMatchObject({ ok: true, value: 'table_77' });
    expect(most).toBe(kAtOnce);
  });
});
