import { describe, expect, it } from 'vitest';
import { likelyMetric, overMetric } from '../src/base/metric_axis';
import { xColumn, type Series } from '../src/base/series';
import { xTicks } from '../src/charts/x_axis';
import { pointSeries } from './testing';

describe('overMetric', () => {
  it('gives each row the value that the metric has at its step, on the line between two points', () => {
    const found = overMetric(pointSeries([0, 5, 10, 20], [4, 3, 2, 1]), pointSeries([0, 10, 20], [0, 1, 3]));
    expect([...xColumn(found, 'metric', 0)]).toEqual([0, 0.5, 1, 3]);
    expect([...found.mean]).toEqual([4, 3, 2, 1]);
  });
  it('leaves out what the metric was not logged around, and points at which it is no number', () => {
    const found = overMetric(pointSeries([0, 1, 2, 3, 9], [5, 4, 3, 2, 1]), pointSeries([1, 2, 3], [10, NaN, 30]));
    expect([...found.step]).toEqual([1, 3]);
    expect([...xColumn(found, 'metric', 0)]).toEqual([10, 30]);
    expect([...found.mean]).toEqual([4, 2]);
    expect(found.points).toBe(2);
  });
  it('reads a summary at the last points of its rows, where their steps are', () => {
    const summary = (sign: number): Series => ({
      ...pointSeries([9, 19], [sign * 4.5, sign * 14.5]),
      min: Float64Array.from(sign > 0 ? [0, 10] : [-9, -19]),
      max: Float64Array.from(sign > 0 ? [9, 19] : [0, -10]),
      count: Uint32Array.of(10, 10),
    });
    const at = (metric: Series) => [...xColumn(overMetric(pointSeries([9, 14, 19], [1, 2, 3]), metric), 'metric', 0)];
    expect(at(summary(1))).toEqual([9, 14, 19]);
    expect(at(summary(-1))).toEqual([-9, -14, -19]);
  });
  it('makes nothing anew while neither series has changed', () => {
    const [loss, epoch] = [pointSeries([0, 1], [2, 1]), pointSeries([0, 1], [0, 1])];
    expect(overMetric(loss, epoch)).toBe(overMetric(loss, epoch));
    expect(overMetric(loss, pointSeries([0, 1], [0, 2])).at).toEqual(Float64Array.of(0, 2));
  });
});

describe('likelyMetric', () => {
  it('is an epoch, tokens or samples before any other', () => {
    expect(likelyMetric(['acc', 'n_tokens', 'train/Epoch'])).toBe('train/Epoch');
    expect(likelyMetric(['acc', 'images_seen', 'n_tokens'])).toBe('n_tokens');
    expect(likelyMetric(['acc', 'loss'])).toBe('acc');
    expect(likelyMetric([])).toBe('');
  });
});

describe('xTicks of values', () => {
  it('are round numbers, of tenths as of billions', () => {
    const labels = (min: number, max: number) => xTicks('metric', { min, max }, 400, 20).map(({ label }) => label);
    expect(labels(0, 1)).toEqual(['0', '0.2', '0.4', '0.6', '0.8', '1']);
    expect(labels(-2, 2)).toEqual(['−2', '−1', '0', '1', '2']);
    expect(labels(0, 2e9)).toEqual(['0', '5e8', '1e9', '1.5e9', '2e9']);
  });
});
