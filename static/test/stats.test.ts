import { describe, expect, it } from 'vitest';
import { logTicks } from '../src/charts/y_axis';
import { coarseStep } from '../src/base/coarse';
import { lowerBound, nearestIndex } from '../src/base/search';
import {
  extent,
  histogramQuantile,
  padRange,
  quantileSorted,
  rebin,
  robustExtent,
  robustExtentOfRuns,
} from '../src/base/stats';
import { ridgeScale } from '../src/charts/distribution';

describe('search', () => {
  it('finds the same place as a walk', () => {
    const values = [1, 3, 3, 7];
    for (let x = 0; x <= 8; x++) {
      const walk = values.findIndex((value) => value >= x);
      expect(lowerBound(values, x)).toBe(walk < 0 ? 4 : walk);
    }
  });
  it('finds the nearest, the lower of two', () => {
    expect([0, 2, 2.1, 9].map((x) => nearestIndex([1, 3, 7], x))).toEqual([0, 0, 1, 2]);
    expect(nearestIndex([], 1)).toBe(-1);
  });
});

describe('extents', () => {
  it('leaves out what is not finite', () => expect(extent([[NaN, 2, Infinity, -1]])).toEqual({ min: -1, max: 2 }));
  it('is null without values', () => expect(extent([[NaN], []])).toBeNull());
  it('keeps a spike from setting the scale and a falling start in view', () => {
    const falling = Array.from({ length: 200 }, (_, i) => 2 * Math.exp(-i / 40));
    expect(robustExtent([falling])!.max).toBe(2);
    expect(robustExtent([[...falling, 500]])!.max).toBeLessThan(5);
  });
  it('lets a run leave the picture only where the others gain much by it', () => {
    const at = (level: number) => [[level, level + 0.1]];
    expect(robustExtentOfRuns([at(0.45), at(0.5), at(50)])!.max).toBeLessThan(2);
    expect(robustExtentOfRuns([at(0.45), at(0.5), at(0.06)])).toEqual({ min: 0.06, max: 0.6 });
  });
  it('takes many of the runs for outliers only where the others would be flat', () => {
    const falling = (from: number) => [Array.from({ length: 100 }, (_, i) => (from * (1 + Math.cos(i / 32))) / 2)];
    const rates = (high: number) => [high, high, 0.01, 0.01].map(falling);
    expect(robustExtentOfRuns(rates(0.1))!.max).toBe(0.1);
    expect(robustExtentOfRuns(rates(0.1).slice(1, 3))!.max).toBe(0.1);
    expect(robustExtentOfRuns(rates(1))!.max).toBeLessThan(0.1);
  });
  it('never gives an empty range', () => {
    const range = padRange({ min: 3, max: 3 });
    expect(range.min).toBeLessThan(3);
    expect(range.max).toBeGreaterThan(3);
  });
});

describe('histograms', () => {
  it('interpolates quantiles inside a bucket', () => {
    expect(histogramQuantile([0, 10, 20], [10, 10], 0.25)).toBe(5);
    expect(histogramQuantile([0, 10, 20], [10, 10], 1)).toBe(20);
    expect(histogramQuantile([0, 1], [0], 0.5)).toBeNaN();
  });
  it('stays finite where values held an infinity or a NaN', () => {
    const edges = [-Infinity, 0, 10, NaN];
    expect([0, 0.25, 0.5, 1].map((q) => histogramQuantile(edges, [1, 2, 1], q))).toEqual([0, 0, 5, 10]);
    expect(histogramQuantile([-Infinity, Infinity], [1], 0.5)).toBeNaN();
    const step = { step: 0, wallTime: 0, edges: Float64Array.from(edges), counts: Float64Array.of(1, 2, 1) };
    expect(ridgeScale([step])).toEqual({ range: { min: -0.3, max: 10.3 }, beyond: 0 });
    expect([...rebin(edges, [1, 2, 1], { min: 0, max: 10 }, 2)]).toEqual([2, 2]);
    expect(quantileSorted([1, 2, 4], 0.75)).toBe(3);
  });
  it('keeps its mass when its bins change', () => {
    const out = rebin([0, 1, 3, 3, 6], [4, 2, 5, 1], { min: 0, max: 6 }, 7);
    expect(out.reduce((a, b) => a + b)).toBeCloseTo(12, 9);
  });
  it('drops what lies outside the range', () => {
    expect([...rebin([-10, 10], [20], { min: 0, max: 2 }, 2)]).toEqual([1, 1]);
  });
});

describe('logTicks', () => {
  it('stays inside the range and is rising', () => {
    for (const range of [
      { min: 0.27, max: 3.4 },
      { min: 0.3, max: 0.9 },
      { min: 1e-9, max: 1e4 },
    ]) {
      const ticks = logTicks(range);
      expect(ticks.length).toBeGreaterThan(2);
      expect(ticks.length).toBeLessThan(12);
      expect(ticks.every((tick, i) => tick >= range.min && tick <= range.max && tick > (ticks[i - 1] ?? 0))).toBe(true);
    }
  });
});

describe('coarseStep', () => {
  it('stays the same for small growth and moves within two percent', () => {
    expect(coarseStep(10_000)).toBe(coarseStep(10_010));
    for (const step of [100, 999, 12_345, 7_777_777])
      expect(coarseStep(Math.ceil(step * 1.02))).not.toBe(coarseStep(step));
  });
});
