import { describe, expect, it } from 'vitest';
import { formatView, parseView } from '../src/base/url';
import { kDefaultView } from '../src/base/view';
import {
  formatRange,
  heightOf,
  kMissingShare,
  makeAxis,
  nearestLine,
  numberAt,
  parseRanges,
  passing,
  rangeBetween,
  shareOf,
  spreadAxes,
  withRange,
} from '../src/charts/parallel';

describe('parallel axes', () => {
  it('are linear, or logarithmic where numbers lie far apart', () => {
    const linear = makeAxis('h:units', 'units', [16, 32, 64]);
    expect([linear.kind, linear.min, linear.max]).toEqual(['linear', 16, 64]);
    expect(shareOf(linear, 40)).toBe(0.5);
    const log = makeAxis('h:lr', 'lr', [1e-4, 1e-2]);
    expect(log.kind).toBe('log');
    expect(shareOf(log, 1e-3)).toBeCloseTo(0.5);
    expect(numberAt(log, 0.5)).toBeCloseTo(1e-3);
    expect(makeAxis('h:x', 'x', [0, 1000]).kind).toBe('linear');
  });
  it('are linear where one of many even numbers happens to be tiny', () => {
    expect(makeAxis('h:drop', 'drop', [1e-4, 0.2, NaN, 0.5, 0.7, 0.9]).kind).toBe('linear');
    expect(makeAxis('h:lr', 'lr', [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]).kind).toBe('log');
    // Most runs at one end tell nothing of the scale.
    expect(makeAxis('h:lr', 'lr', [0.1, 0.1, 0.1, 1e-5]).kind).toBe('log');
    expect(makeAxis('m:loss', 'loss', [0.1, 0.2, 0.3, 1e4]).kind).toBe('log');
  });
  it('hold texts and booleans in the order of their names', () => {
    const axis = makeAxis('h:optimizer', 'optimizer', ['sgd', undefined, 'adam', 'sgd']);
    expect(axis.categories).toEqual(['adam', 'sgd']);
    expect([...axis.numbers]).toEqual([1, NaN, 0, 1]);
    expect(makeAxis('h:on', 'on', [true, false]).categories).toEqual(['false', 'true']);
    // A number among texts is a text.
    expect(makeAxis('h:mixed', 'mixed', [10, 'auto', 9]).categories).toEqual(['9', '10', 'auto']);
  });
  it('have an extent where all numbers are the same, or there are none', () => {
    const flat = makeAxis('m:x', 'x', [3, 3, NaN, Infinity]);
    expect(flat.min).toBeLessThan(3);
    expect(shareOf(flat, 3)).toBe(0.5);
    const empty = makeAxis('m:x', 'x', [undefined, null]);
    expect([empty.min, empty.max]).toEqual([0, 1]);
    expect(heightOf(empty, 0)).toBe(kMissingShare);
  });
  it('leave the lines that lie in all ranges', () => {
    const axes = [makeAxis('h:lr', 'lr', [0.1, 0.2, 0.3, undefined]), makeAxis('m:loss', 'loss', [3, 2, 1, 0])];
    expect(passing(axes, [], 4)).toEqual([true, true, true, true]);
    const some = [{ key: 'h:lr', from: 0.2, to: 0.3 }];
    expect(passing(axes, some, 4)).toEqual([false, true, true, false]);
    expect(passing(axes, withRange(some, 'm:loss', { key: 'm:loss', from: 0, to: 1 }), 4)).toEqual([
      false,
      false,
      true,
      false,
    ]);
    expect(passing(axes, [{ key: 'h:gone', from: 0, to: 0 }], 4)).toEqual([true, true, true, true]);
    expect(withRange(some, 'h:lr', null)).toEqual([]);
  });
  it('take the ends of an axis exactly when dragged beyond them', () => {
    const axis = makeAxis('m:loss', 'loss', [1 / 3, 2 / 3]);
    expect(rangeBetween(axis, 1.2, -0.5)).toEqual({ key: 'm:loss', from: 1 / 3, to: 2 / 3 });
    expect(rangeBetween(axis, 0, 0.5).to).toBe(0.5);
  });
  it('find the line under the pointer among those that pass', () => {
    const axes = [makeAxis('a', 'a', [0, 1]), makeAxis('b', 'b', [1, 0]), makeAxis('c', 'c', [0, 1])];
    expect(nearestLine(axes, [true, true], 0.1, 0.1, 0.05)).toBe(0);
    expect(nearestLine(axes, [true, true], 0.1, 0.9, 0.05)).toBe(1);
    expect(nearestLine(axes, [false, true], 0.1, 0.1, 0.05)).toBe(-1);
    expect(nearestLine(axes, [true, true], 2, 1, 0.05)).toBe(1);
    expect(nearestLine([], [], 0, 0, 1)).toBe(-1);
  });
});

describe('ranges in the address', () => {
  it('come back as they went, whatever the axis is called', () => {
    for (const key of ['h:lr', 'm:a/b..c:d', 'h:naïve name']) {
      const range = { key, from: -1.5e-7, to: 2 };
      const view = { ...kDefaultView, page: 'compare' as const, ranges: [formatRange(range)] };
      const url = new URL(formatView(view), 'http://host');
      expect(parseRanges(parseView(url.pathname, url.search).ranges)).toEqual([range]);
    }
  });
  it('are left out when they are none', () => {
    expect(parseRanges(['', '1..2', '..2:h:x', '1..:h:x', 'a..b:h:x', '2..1:h:x'])).toEqual([]);
  });
});

describe('spreadAxes', () => {
  it('fits ten axes into what a page of 1440 pixels has for them', () => {
    expect(spreadAxes(1000, 10).width).toBe(1000);
  });
  it('fits fifteen axes, their names at two heights, into what the run picker leaves of such a page', () => {
    const { width, gap, isStaggered, nameLetters, letters } = spreadAxes(928, 15);
    expect([width, isStaggered]).toEqual([928, true]);
    expect(nameLetters).toBeGreaterThan(15);
    expect(nameLetters * 6).toBeLessThan(2 * gap);
    expect(letters * 6).toBeLessThan(gap);
    expect(spreadAxes(928, 10).isStaggered).toBe(false);
  });
  it('is wider than the page where the values of more would not be told apart', () => {
    const { width, gap, letters } = spreadAxes(1000, 24);
    expect(width).toBeGreaterThan(1000);
    expect(letters).toBeGreaterThan(6);
    expect(letters * 6).toBeLessThan(gap);
  });
  it('leaves one axis its whole label', () => {
    expect(spreadAxes(900, 1)).toMatchObject({ width: 900, gap: 0, nameLetters: 19, letters: 19 });
  });
});
