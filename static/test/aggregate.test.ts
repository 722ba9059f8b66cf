import { describe, expect, it } from 'vitest';
import { aggregate, edgesOf, partsOf, type Curve } from '../src/base/aggregate';

function curve(x: number[], y: number[], count: number[] = x.map(() => 1)): Curve {
  return {
    x: Float64Array.from(x),
    y: Float64Array.from(y),
    count: Uint32Array.from(count),
    nonfinite: Uint32Array.from(y, (value) => Number(!Number.isFinite(value))),
  };
}

describe('aggregate', () => {
  it('gives mean, extremes and count at each x', () => {
    const found = aggregate([curve([0, 1], [1, 4]), curve([0, 1], [3, 4]), curve([0, 1], [8, 4])]);
    expect([...found.x]).toEqual([0, 1]);
    expect([...found.mean]).toEqual([4, 4]);
    expect([...found.min]).toEqual([1, 4]);
    expect([...found.max]).toEqual([8, 4]);
    expect(edgesOf(found, 'range')).toEqual([found.min, found.max]);
    expect([...found.count]).toEqual([3, 3]);
  });
  it('puts the deviation of a sample around the mean, and none around one curve alone', () => {
    const found = aggregate([curve([0, 1], [2, 5]), curve([0], [4]), curve([0], [6])]);
    const [low, high] = edgesOf(found, 'deviation');
    expect([...found.mean]).toEqual([4, 5]);
    expect([...low]).toEqual([2, 5]);
    expect([...high]).toEqual([6, 5]);
    expect([...found.count]).toEqual([3, 1]);
  });
  it('reads a curve between its points on the line, and nowhere beyond its ends', () => {
    const found = aggregate([curve([0, 10], [0, 10]), curve([4, 6], [4, 4])]);
    expect([...found.x]).toEqual([0, 4, 6, 10]);
    expect([...found.mean]).toEqual([0, 4, 5, 10]);
    expect([...found.count]).toEqual([1, 2, 2, 1]);
  });
  it('leaves values that are not finite out of the mean, and counts them', () => {
    const found = aggregate([curve([0, 1, 2], [1, NaN, 3]), curve([0, 1, 2], [1, 2, Infinity])]);
    expect([...found.mean]).toEqual([1, 2, 3]);
    expect([...found.count]).toEqual([2, 1, 1]);
    expect([...found.nonfinite]).toEqual([0, 1, 1]);
    const none = aggregate([curve([0], [NaN])]);
    expect([none.mean[0], none.deviation[0], none.min[0], none.max[0], none.count[0]]).toEqual([NaN, NaN, NaN, NaN, 0]);
  });
  it('keeps both ends and every value that is not finite where rows are too many', () => {
    const x = Array.from({ length: 1000 }, (_, i) => i);
    const found = aggregate(
      [
        curve(
          x,
          x.map((i) => (i % 100 === 50 ? NaN : i)),
        ),
      ],
      50,
    );
    expect(found.x.length).toBe(50);
    expect([found.x[0], found.x[49]]).toEqual([0, 999]);
    expect(found.nonfinite.reduce((sum, count) => sum + count)).toBe(10);
  });
  it('is exact far from zero', () => {
    const found = aggregate([1, 2, 3].map((i) => curve([0], [1e9 + i])));
    expect([found.mean[0], found.deviation[0]]).toEqual([1e9 + 2, 1]);
  });
  it('of nothing is nothing', () => {
    expect(aggregate([]).x.length).toBe(0);
    expect(partsOf(new Uint32Array(0))).toEqual([]);
  });

  it('counts a point by the values that it stands for, and a curve once', () => {
    // As a slow twin: every value by itself, in two curves of which one was summarised.
    const x = Array.from({ length: 101 }, (_, i) => i);
    const summary = curve([0, 50, 99, 100], [0, 10, 20, 1000], [1, 98, 1, 1]);
    const found = aggregate(
      [
        summary,
        curve(
          x,
          x.map(() => 4),
        ),
      ],
      2,
    );
    expect([...found.x]).toEqual([0, 100]);
    expect(found.mean[0]).toBe(2);
    expect(found.mean[1]).toBeCloseTo(((98 * 10 + 20 + 1000) / 100 + 4) / 2);
    expect([...found.values]).toEqual([2, 200]);
  });
  it('does not count what is not finite among the values of a point', () => {
    const partly: Curve = { ...curve([0, 1, 2], [0, 6, 2], [1, 4, 1]), nonfinite: Uint32Array.of(0, 3, 0) };
    const found = aggregate([partly], 2);
    expect(found.mean[1]).toBe(4);
    expect(found.nonfinite[1]).toBe(3);
  });
  it('leaves a curve out where all of its values are lost, without bridging them', () => {
    const found = aggregate([curve([0, 1, 2], [0, NaN, 0]), curve([0, 1, 2], [6, 6, 6])]);
    expect([...found.mean]).toEqual([3, 6, 3]);
    expect([...found.count]).toEqual([2, 1, 2]);
  });
});

describe('partsOf', () => {
  it('begins a part where the number of curves changes', () => {
    expect(partsOf(Uint32Array.of(3, 3, 2, 2, 1))).toEqual([
      { from: 0, to: 2, count: 3 },
      { from: 2, to: 4, count: 2 },
      { from: 4, to: 5, count: 1 },
    ]);
  });
  it('goes on where of many curves a few end', () => {
    expect(partsOf(Uint32Array.of(100, 99, 97, 96, 50))).toEqual([
      { from: 0, to: 4, count: 100 },
      { from: 4, to: 5, count: 50 },
    ]);
  });
});
