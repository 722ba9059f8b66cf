import { describe, expect, it } from 'vitest';
import type { RunRow } from '../src/pages/runs/rows';
import { longestTexts, textOf } from '../src/pages/runs/widths';

describe('longestTexts', () => {
  it('keeps the longest few, the first of those that are as long', () => {
    expect(longestTexts(['a', 'ccc', 'bb', 'ddd', 'eee', 'fff', 'ccc'])).toEqual(['ccc', 'ddd', 'eee']);
  });
  it('gives each once and no empty one', () => {
    expect(longestTexts(['', 'x', 'x', ''])).toEqual(['x']);
    expect(longestTexts([])).toEqual([]);
  });
});

describe('textOf', () => {
  const row = { metrics: new Map([['loss', 0.123456]]), hparams: { seed: 20240101, lr: 0.00121, opt: 'adam' } };
  it.each([
    ['m:loss', '0.1235'],
    ['m:auc', ''],
    ['h:seed', '20240101'],
    ['h:lr', '0.00121'],
    ['h:opt', 'adam'],
    ['h:none', ''],
  ])('writes what was measured in a few digits and what was set in all: %s', (key, text) =>
    expect(textOf(row as unknown as RunRow, key)).toBe(text),
  );
});
