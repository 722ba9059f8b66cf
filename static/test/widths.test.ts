import { describe, expect, it } from 'vitest';
import { longestTexts } from '../src/pages/runs/widths';

describe('longestTexts', () => {
  it('keeps the longest few, the first of those that are as long', () => {
    expect(longestTexts(['a', 'ccc', 'bb', 'ddd', 'eee', 'fff', 'ccc'])).toEqual(['ccc', 'ddd', 'eee']);
  });
  it('gives each once and no empty one', () => {
    expect(longestTexts(['', 'x', 'x', ''])).toEqual(['x']);
    expect(longestTexts([])).toEqual([]);
  });
});
