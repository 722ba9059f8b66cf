import { describe, expect, it } from 'vitest';
import { kNoBounds } from '../src/base/bounds';
import { kShares, outOfView, whyEmpty, xRange, yRange } from '../src/charts/line_options';
import type { LineSeries } from '../src/charts/lines';
import {
  barTicks,
  multiplesWithin,
  stepTicks,
  uncutLabels,
  xLabels,
  xSpace,
  xSpaceWithin,
  xTicks,
} from '../src/charts/x_axis';

function banded(values: number[], low: number[], high: number[]): LineSeries {
  const column = Float64Array.from(values);
  const x = Float64Array.from(values, (_, i) => i);
  return {
    ...{ id: '', label: '', colour: '', dash: [], x, step: x, y: column, raw: column },
    ...{ min: Float64Array.from(low), max: Float64Array.from(high), nonfinite: null },
  };
}
const thrice = (values: number[]) => [values, values, values] as [number[], number[], number[]];
const options = {
  x: 'step',
  logY: false,
  ignoreOutliers: true,
  hasBounds: true,
  include: null,
  natural: null,
  bounds: kNoBounds,
} as const;
const lines = { ...options, hasBounds: false };

describe('xLabels', () => {
  it('writes all steps of an axis in one unit', () => {
    expect(xLabels('step', [0, 500_000, 1_000_000, 1_500_000])).toEqual(['0', '0.5M', '1M', '1.5M']);
    expect(xLabels('step', [0, 500_000])).toEqual(['0', '500,000']);
    expect(xLabels('step', [5e8, 1e9])).toEqual(['0.5B', '1B']);
  });
  it('writes every digit where ticks lie closer than the unit can tell', () => {
    expect(xLabels('step', [1_000_000, 1_000_100])).toEqual(['1,000,000', '1,000,100']);
    expect(xLabels('step', [])).toEqual([]);
  });
});

describe('xSpaceWithin', () => {
  const upTo = (max: number) => ({ min: 0, max });
  it('lets ticks stand closer on few pixels, but never over each other', () => {
    expect(xSpaceWithin('step', upTo(1800), 134)).toBeLessThan(40);
    expect(xSpaceWithin('step', upTo(999_999), 134)).toBeGreaterThan(45);
    expect(xSpaceWithin('step', upTo(1800), 800)).toBeGreaterThanOrEqual(xSpace('step'));
    expect(xSpaceWithin('relative', upTo(1800), 134)).toBe(xSpace('relative'));
  });
  it('has room for steps of many digits, such as tokens or milliseconds', () => {
    // 1,500,020,000 and 1,700,000,020,000: 13 and 17 letters.
    expect(xSpaceWithin('step', { min: 1.5e9, max: 1.5e9 + 98_000 }, 390)).toBeGreaterThan(13 * 6);
    expect(xSpaceWithin('step', { min: 1.7e12, max: 1.7e12 + 49_000 }, 390)).toBeGreaterThan(17 * 6);
  });
  it('has none for times that no calendar has: microseconds that were taken for seconds', () => {
    expect(xSpaceWithin('wall', { min: 1.7e9, max: 1.7e9 + 60 }, 390)).toBe(xSpace('wall'));
    expect(xSpaceWithin('wall', { min: 1.7e15, max: 1.7e15 + 60 }, 390)).toBe(Infinity);
  });
});

describe('steps at the ends of int64', () => {
  const one = (step: number) => ({ ...banded([1], [1], [1]), x: Float64Array.of(step) });
  it.each([2 ** 60, 2 ** 63, -(2 ** 63), 5])('gives a single step %d room, and few ticks', (step) => {
    const range = xRange([one(step)]);
    expect(range.min).toBeLessThan(step);
    expect(range.max).toBeGreaterThan(step);
    expect(xTicks('step', range, 390, 20).length).toBeLessThan(10);
  });
  it('ends where two ticks are the same number, and finds ticks for all steps at once', () => {
    expect(multiplesWithin({ min: 2 ** 60, max: 2 ** 60 + 512 }, 1).length).toBe(100);
    const ticks = xTicks('step', { min: -(2 ** 63), max: 2 ** 63 }, 800, 20);
    expect(ticks.length).toBeGreaterThan(2);
    expect(ticks.length).toBeLessThan(10);
  });
});

describe('uncutLabels', () => {
  it('leaves out a step whose last digits would be cut off', () => {
    expect(uncutLabels(['0', '500', '1,500,100,000'], [420, 220, 20])).toEqual(['0', '500', '']);
    expect(uncutLabels(['500,000'], [20])).toEqual(['500,000']);
    const ticks = xTicks('step', { min: 1.5e9, max: 1.5e9 + 100_000 }, 390, 20);
    expect(ticks.map(({ label }) => label)).toEqual(['1,500,000,000', '1,500,050,000', '']);
  });
});

describe('stepTicks', () => {
  const labels = (min: number, max: number, width = 600) => stepTicks({ min, max }, width).map(({ label }) => label);
  it('writes no label twice, however few the steps', () => {
    expect(labels(0, 1)).toEqual(['0', '1']);
    expect(labels(0, 3)).toEqual(['0', '1', '2', '3']);
    expect(labels(6.5, 7.5)).toEqual(['7']);
    expect(labels(7, 7)).toEqual(['7']);
  });
  it('leaves room for the label of each', () => {
    expect(labels(0, 2_000_000, 300)).toEqual(['0', '0.5M', '1M', '1.5M', '2M']);
  });
});

describe('barTicks', () => {
  const every = (length: number, by = 1, from = 1) => Float64Array.from({ length }, (_, i) => from + i * by);
  it('stand at the same distance in steps, each below the middle of its bar', () => {
    expect(barTicks(every(80), 10).map(({ at, label }) => `${label} ${at}`)).toEqual(
      [10, 20, 30, 40, 50, 60, 70, 80].map((step) => `${step} ${step - 1}`),
    );
    expect(barTicks(every(3), 72).map(({ label }) => label)).toEqual(['1', '2', '3']);
    expect(barTicks(every(1), 72)).toEqual([{ at: 0, label: '1' }]);
  });
  it('stand between bars that are the means of several steps', () => {
    expect(barTicks(every(200, 8, 0), 4).map(({ at }) => at)[1]).toBe(25); // step 200
    expect(barTicks(every(201, 30, 0), 4).map(({ at }) => at)[1]).toBeCloseTo(500 / 30);
  });
  it('do not lie on each other where steps are missing', () => {
    const steps = [...every(10), ...every(10, 1, 1000)];
    const places = barTicks(steps, 20).map(({ at }) => at);
    expect(places.every((at, i) => i === 0 || at - (places[i - 1] as number) > 1)).toBe(true);
    expect(barTicks([], 20)).toEqual([]);
  });
});

describe('xTicks', () => {
  it('marks whole steps and round times as far apart as labels need', () => {
    expect(xTicks('step', { min: 0, max: 3 }, 400, 20).map(({ label }) => label)).toEqual(['0', '1', '2', '3']);
    expect(xTicks('step', { min: 0, max: 3e6 }, 300, 20).map(({ label }) => label)).toEqual(['0', '1M', '2M', '3M']);
    expect(xTicks('relative', { min: 0, max: 7200 }, 400, 20).map(({ label }) => label)).toEqual([
      '0 s',
      '30 min',
      '1 h',
      '1 h 30 min',
      '2 h',
    ]);
  });
  it('names the day of the first wall time and of each new one', () => {
    const noon = new Date(2026, 0, 31, 12).getTime() / 1000;
    const labels = xTicks('wall', { min: noon, max: noon + 86_400 }, 400, 20).map(({ label }) => label);
    expect(labels).toEqual(['12:00\n01-31', '18:00', '00:00\n02-01', '06:00', '12:00']);
  });
});

describe('yRange', () => {
  it('shows the band of a mean whole where it is not far from the lines', () => {
    const { min, max } = yRange([banded([1, 2], [0.5, 1.5], [1.5, 2.5])], options);
    expect(min).toBeLessThan(0.5);
    expect(max).toBeGreaterThan(2.5);
  });
  it('lets a band that runs away be cut, not flatten the lines', () => {
    const { min, max } = yRange([banded([1, 2], [1, 2], [1e6, 2])], options);
    expect(max).toBeLessThan(3.2);
    expect(min).toBeGreaterThan(0.8);
    expect(yRange([banded([1, 2], [1, 2], [1e6, 2])], { ...options, logY: true }).max).toBeLessThan(6);
  });
  it('shows all of it without the outlier rule, and leaves the band of a summary to that rule', () => {
    const series = [banded([1, 2], [1, 2], [100, 2])];
    expect(yRange(series, { ...options, ignoreOutliers: false }).max).toBeGreaterThan(100);
    expect(yRange(series, { ...options, hasBounds: false }).max).toBeLessThan(2.2);
  });
  it('lets a run that diverges leave the picture, however many points it has and however few runs there are', () => {
    const healthy = (start: number) => banded(...thrice(Array.from({ length: 100 }, (_, i) => start / (1 + i / 10))));
    const diverging = (length: number) =>
      banded(...thrice(Array.from({ length }, (_, i) => 2 * 1.2 ** Math.min(60, i))));
    for (const runs of [1, 2, 5, 40]) {
      const family = Array.from({ length: runs }, (_, i) => healthy(2 + i / 40));
      const without = yRange(family, lines);
      for (const length of [20, 100, 5000]) {
        const { min, max } = yRange([...family, diverging(length)], lines);
        expect(max).toBeGreaterThan(without.max - 0.01);
        expect(max).toBeLessThan(5 * without.max);
        expect(min).toBeLessThan(0.3);
      }
      expect(yRange([...family, diverging(100)], { ...lines, ignoreOutliers: false }).max).toBeGreaterThan(1e5);
      // Downwards, too.
      const fallen = diverging(100);
      const below = banded(...thrice(Array.from(fallen.y, (value) => -value)));
      expect(yRange([...family, below], lines).min).toBeGreaterThan(-5 * without.max);
    }
  });
  it('shows healthy runs whole, whatever their levels and their numbers of points', () => {
    const level = (at: number, length: number) =>
      banded(...thrice(Array.from({ length }, (_, i) => at + 0.02 * (i / length))));
    const family = [0.5, 0.6, 0.7, 0.8, 0.9].map((at, i) => level(at, 10 ** (i % 4) + 10));
    const { min, max } = yRange(family, lines);
    expect(min).toBeLessThan(0.5);
    expect(max).toBeGreaterThan(0.91);
    const two = yRange([level(0.1, 5000), level(8, 20)], lines);
    expect(two.min).toBeLessThan(0.1);
    expect(two.max).toBeGreaterThan(8.01);
    const points = yRange(
      [1, 2, 100].map((value) => banded([value], [value], [value])),
      lines,
    );
    expect(points.max).toBeGreaterThan(100);
  });
  it('leaves out runs that are not finite, and counts decades on a logarithmic axis', () => {
    const nothing = banded(...thrice([NaN, NaN]));
    expect(yRange([nothing, banded(...thrice([1, 2]))], lines)).toEqual(yRange([banded(...thrice([1, 2]))], lines));
    const diverging = banded(...thrice(Array.from({ length: 50 }, (_, i) => 10 ** (i / 4))));
    const healthy = banded(...thrice([1, 0.5, 0.1]));
    // Three times the decade of the healthy run, and air.
    const { min, max } = yRange([healthy, diverging], { ...lines, logY: true });
    expect(min).toBeGreaterThan(0.05);
    expect(max).toBeGreaterThan(1000);
    expect(max).toBeLessThan(2000);
  });
  it('begins and ends where it is told to, whatever the values and the outliers are', () => {
    const series = [banded([1, 2], [0.5, 1.5], [1.5, 2.5])];
    expect(yRange(series, { ...options, bounds: { min: -3, max: 7 } })).toEqual({ min: -3, max: 7 });
    const above = yRange(series, { ...options, bounds: { min: 0, max: null } });
    expect(above).toEqual({ min: 0, max: yRange(series, options).max });
    expect(yRange(series, { ...options, natural: kShares, bounds: { min: null, max: 1 } }).max).toBe(1);
    expect(yRange([], { ...options, bounds: { min: 5, max: null } })).toEqual({ min: 5, max: 5.5 });
  });
  it('shows a share that never changes between 0 and 1', () => {
    for (const share of [0, 0.5, 1]) {
      const { min, max } = yRange([banded([share, share], [share, share], [share, share])], {
        ...options,
        natural: kShares,
      });
      expect(min).toBeGreaterThan(-0.05);
      expect(min).toBeLessThan(0.001);
      expect(max).toBeGreaterThan(0.999);
      expect(max).toBeLessThan(1.05);
    }
  });
  it('shows a share that changes as it is, but for places where no share can be', () => {
    const { min, max } = yRange([banded([0.9, 1], [0.9, 1], [0.9, 1])], { ...options, natural: kShares });
    expect(min).toBeCloseTo(0.895);
    expect(max).toBeLessThan(1.003);
    const percent = yRange([banded([90, 100], [90, 100], [90, 100])], { ...options, natural: kShares });
    expect(percent.max).toBeGreaterThan(100);
  });
  it('shows zeros on an axis that does not reach below them for long', () => {
    const { min, max } = yRange([banded([0, 0], [0, 0], [0, 0])], options);
    expect([min, max]).toEqual([-0.05, 1.05]);
  });
  it('of a flat mean shows the band', () => {
    expect(yRange([banded([1, 1], [0, 0], [9, 9])], options).max).toBeGreaterThan(9);
  });
});

describe('outOfView', () => {
  it('counts the lines that lie wholly above or below the axis', () => {
    const series = [
      [1, 2],
      [9, 8],
      [NaN, 7],
      [-5, -4],
      [5, 9],
      [NaN, NaN],
    ].map((values) => banded(...thrice(values)));
    expect(outOfView(series, false, { min: 0, max: 6 })).toEqual({ above: 2, below: 1 });
    // Of negative values nothing could be drawn on a logarithmic axis.
    expect(outOfView(series, true, { min: 0.5, max: 6 })).toEqual({ above: 2, below: 0 });
    expect(outOfView([], false, { min: 0, max: 6 })).toEqual({ above: 0, below: 0 });
  });
});

describe('whyEmpty', () => {
  const of = (...values: number[]) => [banded(values, values, values)];
  it('tells why no line is seen, and is silent where one is', () => {
    const all = { min: -Infinity, max: Infinity };
    expect(whyEmpty(of(NaN, Infinity), false, all)).toMatch(/NaN or Inf/);
    expect(whyEmpty(of(0, -5), true, all)).toMatch(/No value above 0/);
    for (const [series, isLog] of [
      [of(0, -5), false],
      [of(-1, 2), true],
      [[], true],
    ] as const)
      expect(whyEmpty(series, isLog, all)).toBe('');
    expect(whyEmpty(of(1, 2), false, { min: 3, max: 4 })).toMatch(/outside the range/);
    expect(whyEmpty(of(1, 3), false, { min: 3, max: 4 })).toBe('');
  });
});
