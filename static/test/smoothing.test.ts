import { describe, expect, it } from 'vitest';
import { smooth } from '../src/base/smoothing';

/** The slow twin: the debiased average written as its definition, a weighted mean of the past. */
function slowSmooth(values: readonly number[], weight: number): number[] {
  return values.map((_, i) => {
    let sum = 0;
    let total = 0;
    for (let j = 0; j <= i; j++) {
      const w = (1 - weight) * weight ** (i - j);
      sum += w * (values[j] as number);
      total += w;
    }
    return sum / total;
  });
}

describe('smooth', () => {
  it('equals the weighted mean of the past', () => {
    const values = Array.from({ length: 50 }, (_, i) => Math.sin(i) + i / 10);
    const fast = smooth(values, 0.9);
    slowSmooth(values, 0.9).forEach((want, i) => expect(fast[i]).toBeCloseTo(want, 12));
  });
  it('begins at the first value', () => expect(smooth([5, 1, 1], 0.99)[0]).toBeCloseTo(5, 12));
  it('leaves the values alone at weight 0', () => expect([...smooth([1, 9, 2], 0)]).toEqual([1, 9, 2]));
  it('keeps a constant series exactly', () => expect([...smooth([0.1, 0.1, 0.1], 0.7)]).toEqual([0.1, 0.1, 0.1]));
  it('passes NaN and infinities through without spreading them', () => {
    const out = smooth([1, NaN, 2, Infinity, 3], 0.5);
    expect(out[1]).toBeNaN();
    expect(out[3]).toBe(Infinity);
    const without = smooth([1, 2, 3], 0.5);
    expect([out[0], out[2], out[4]]).toEqual([...without]);
  });
  it('weighs values by the points that they are the mean of', () => {
    // The first point of a long series, far off, among means of 200 points.
    const values = [9, ...Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 1 : 1.1))];
    const counts = values.map((_, i) => (i === 0 ? 1 : 200));
    expect(smooth(values, 0.9)[5]).toBeGreaterThan(2);
    const out = smooth(values, 0.9, counts);
    expect(out[0]).toBeCloseTo(9, 12);
    expect(out[5]).toBeLessThan(1.2);
    expect([
      ...smooth(
        values,
        0.9,
        values.map(() => 200),
      ),
    ]).toEqual([...smooth(values, 0.9)]);
  });
  it('answers an empty column with an empty one', () => expect(smooth([], 0.6).length).toBe(0));
});
