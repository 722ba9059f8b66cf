import { describe, expect, it } from 'vitest';
import { followingRows } from '../src/pages/projector/following_rows';

const pairsOf = (name: string, texts: string[], points = texts.length) => [
  ...followingRows({ columns: ['word', name], values: [texts.map((_, i) => `w${i}`), texts] }, points),
];

describe('rows that follow each other', () => {
  it('are those that the column names', () => {
    expect(pairsOf('__next__', ['1', '2', '', '0'])).toEqual([0, 1, 1, 2, 3, 0]);
    expect(pairsOf('__seq_next__', ['2', ' 0 '])).toEqual([1, 0]);
    expect(pairsOf('next', ['1', '0'])).toEqual([]);
  });
  it('are none where the number is no other row of the map', () => {
    expect(pairsOf('__next__', ['0', '-1', '1.5', 'x', '9', 'NaN', ' '])).toEqual([]);
    expect(pairsOf('__next__', ['1', '2', '0'], 2)).toEqual([0, 1]);
  });
});
