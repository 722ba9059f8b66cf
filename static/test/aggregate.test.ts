import { describe, expect, it } from 'vitest';
import { aggregate, type Curve } from '../src/base/aggregate';

function curve(x: number[], y: number[]): Curve {
  return {
    x: Float64Array.from(x),
    y: Float64Array.from(y),
    nonfinite: Uint32Array.from(y, (value) => Number(!Number.isFinite(value))),
  };
}

describe('aggregate', () => {
  it('gives mean, extremes and count at each x', () => {
    const found = aggregate([curve([0, 1], [1, 4]), curve([0, 1], [3, 4]), curve([0, 1], [8, 4])], 'range');
    expect([...found.x]).toEqual([0, 1]);
    expect([...found.mean]).toEqual([4, 4]);
    expect([...found.low]).toEqual([1, 4]);
    expect([...found.high]).toEqual([8, 4]);
    expect([...found.count]).toEqual([3, 3]);
  });
  it('puts the deviation of a sample around the mean, and none around one curve alone', () => {
    const found = aggregate([curve([0, 1], [2, 5]), curve([0], [4]), curve([0], [6])], 'deviation');
    expect([...found.mean]).toEqual([4, 5]);
    expect([...found.low]).toEqual([2, 5]);
    expect([...found.high]).toEqual([6, 5]);
    expect([...found.count]).toEqual([3, 1]);
  });
  it('reads a curve between its points on the line, and nowhere beyond its ends', () => {
    const found = aggregate([curve([0, 10], [0, 10]), curve([4, 6], [4, 4])], 'range');
    expect([...found.x]).toEqual([0, 4, 6, 10]);
    expect([...found.mean]).toEqual([0, 4, 5, 10]);
    expect([...found.count]).toEqual([1, 2, 2, 1]);
  });
  it('leaves values that are not finite out of the mean, and counts them', () => {
    const found = aggregate([curve([0, 1, 2], [1, NaN, 3]), curve([0, 1, 2], [1, 2, Infinity])], 'range');
    expect([...found.mean]).toEqual([1, 2, 3]);
    expect([...found.count]).toEqual([2, 1, 1]);
    expect([...found.nonfinite]).toEqual([0, 1, 1]);
    const none = aggregate([curve([0], [NaN])], 'deviation');
    expect([none.mean[0], none.low[0], none.high[0], none.count[0]]).toEqual([NaN, NaN, NaN, 0]);
  });
  it('keeps both ends and every value that is not finite where rows are too many', () => {
    const x = Array.from({ length: 1000 }, (_, i) => i);
    const found = aggregate([curve(x, x.map((i) => (i % 100 === 50 ? NaN : i)))], 'range', 50);
    expect(found.x.length).toBe(50);
    expect([found.x[0], found.x[49]]).toEqual([0, 999]);
    expect(found.nonfinite.reduce((sum, count) => sum + count)).toBe(10);
  });
  it('is exact far from zero', () => {
    const found = aggregate([1, 2, 3].map((i) => curve([0], [1e9 + i])), 'deviation');
    expect([found.mean[0], found.low[0], found.high[0]]).toEqual([1e9 + 2, 1e9 + 1, 1e9 + 3]);
  });
  it('of nothing is nothing', () => {
    expect(aggregate([], 'range').x.length).toBe(0);
  });
});
