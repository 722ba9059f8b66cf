import { describe, expect, it } from 'vitest';
import { appendSeries, joinRows, mergeSeries, xColumn } from '../src/base/series';
import { pointSeries } from './testing';

describe('appendSeries', () => {
  it('adds what lies after the last step and drops what is there already', () => {
    const whole = appendSeries(pointSeries([0, 1, 2], [5, 4, 3]), pointSeries([1, 2, 3, 4], [9, 9, 2, 1]));
    expect([...whole.step]).toEqual([0, 1, 2, 3, 4]);
    expect([...whole.mean]).toEqual([5, 4, 3, 2, 1]);
    expect(whole.points).toBe(5);
  });
  it('returns the series itself for a tail that brings nothing', () => {
    const series = pointSeries([0, 1], [1, 2]);
    expect(appendSeries(series, pointSeries([1], [7]))).toBe(series);
    expect(appendSeries(series, pointSeries([], []))).toBe(series);
  });
  it('appends to an empty series', () => {
    expect([...appendSeries(pointSeries([], []), pointSeries([3], [1])).step]).toEqual([3]);
  });
});

describe('mergeSeries', () => {
  it('appends by run, keeps the others and adds a run that is new', () => {
    const one = pointSeries([0], [1], 1);
    const two = pointSeries([0], [1], 2);
    const merged = mergeSeries([one, two], [pointSeries([1], [2], 1), pointSeries([5], [3], 9)]);
    expect(merged.map((series) => [series.run, [...series.step]])).toEqual([
      [1, [0, 1]],
      [2, [0]],
      [9, [5]],
    ]);
    expect(merged[1]).toBe(two);
  });
});

describe('joinRows', () => {
  it('keeps first and last row, points, extremes and the mean', () => {
    const values = Array.from({ length: 100 }, (_, i) => Math.sin(i * 1.7) * i);
    const series = pointSeries(
      values.map((_, i) => i),
      values,
    );
    const joined = joinRows(series, 10);
    expect(joined.step.length).toBe(12);
    expect([joined.count[0], joined.count[11]]).toEqual([1, 1]);
    expect([joined.mean[0], joined.mean[11]]).toEqual([values[0], values[99]]);
    expect(joined.count.reduce((a, b) => a + b)).toBe(100);
    expect(Math.max(...joined.max)).toBe(Math.max(...values));
    expect(Math.min(...joined.min)).toBe(Math.min(...values));
    const sum = joined.mean.reduce((total, mean, i) => total + mean * joined.count[i]!, 0);
    expect(sum).toBeCloseTo(
      values.reduce((a, b) => a + b),
      9,
    );
    expect(joined.step[1]).toBe(10);
  });
  it('counts values that are not finite and leaves them out of the mean', () => {
    const joined = joinRows(pointSeries([0, 1, 2, 3, 4], [1, 2, NaN, 4, 5]), 3);
    expect([...joined.count]).toEqual([1, 3, 1]);
    expect([...joined.nonfinite]).toEqual([0, 1, 0]);
    expect([...joined.mean]).toEqual([1, 3, 5]);
  });
  it('leaves a series of single points alone', () => {
    const series = pointSeries([0, 1, 2, 3, 4], [1, 2, 3, 4, 5]);
    expect(joinRows(series, 1)).toBe(series);
  });
});

describe('xColumn', () => {
  it('is the step, the wall time, or seconds since the start', () => {
    const series = pointSeries([10, 20], [1, 2]);
    expect(xColumn(series, 'step', 5)).toBe(series.step);
    expect([...xColumn(series, 'relative', 5)]).toEqual([5, 15]);
    expect([...xColumn(series, 'relative', 0)]).toEqual([0, 10]);
  });
});
