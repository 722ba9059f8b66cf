import { describe, expect, it } from 'vitest';
import { effectOf, ranksOf } from '../src/base/effects';
import { random } from './random';

const next = random(7);
const rows = Array.from({ length: 300 }, (_, i) => i);

describe('ranksOf', () => {
  it('gives equal values the mean of their ranks', () => {
    expect([...ranksOf([30, 10, 20, 10])]).toEqual([4, 1.5, 3, 1.5]);
  });
});

describe('effectOf', () => {
  it('tells a setting that does all from one that does nothing', () => {
    const rate = rows.map((i) => 10 ** -(i % 5));
    const seed = rows.map((i) => Math.floor(i / 5) % 5);
    const loss = rows.map((_, i) => Math.log(rate[i]!) + next());
    const strong = effectOf(rate, loss, true)!;
    expect(strong.importance).toBeGreaterThan(0.9);
    expect(strong.correlation).toBeGreaterThan(0.95);
    expect(strong.count).toBe(300);
    const none = effectOf(seed, loss, true)!;
    expect(none.importance).toBeLessThan(0.05);
    expect(Math.abs(none.correlation)).toBeLessThan(0.15);
  });
  it('sees an optimum in the middle, which a correlation does not', () => {
    const rate = rows.map((i) => i % 5);
    const found = effectOf(
      rate,
      rate.map((value) => (value - 2) ** 2 + 0.1 * next()),
      true,
    )!;
    expect(Math.abs(found.correlation)).toBeLessThan(0.1);
    expect(found.importance).toBeGreaterThan(0.8);
    const best = [...found.groups].sort((a, b) => a.median - b.median)[0]!;
    expect([best.from, best.to, best.count]).toEqual([2, 2, 60]);
  });
  it('is what paper and pencil give, ties included', () => {
    // Ranks 1.5, 3, 4.5, 6, 4.5, 1.5: 3 / sqrt(17.5 * 16.5).
    expect(effectOf([1, 2, 3, 4, 5, 6], [5, 6, 7, 8, 7, 5], true)!.correlation).toBeCloseTo(
      3 / Math.sqrt(17.5 * 16.5),
      12,
    );
    // Ranks 1, 2.5, 4 | 2.5, 5, 6 | 7, 8, 9: squares of 13 within, of 59.5 in all.
    const settings = [0, 0, 0, 1, 1, 1, 2, 2, 2];
    expect(effectOf(settings, [1, 2, 3, 2, 8, 9, 10, 11, 12], false)!.importance).toBeCloseTo(
      1 - 13 / 6 / (59.5 / 8),
      12,
    );
  });
  it('groups neighbours where each run has a setting of its own', () => {
    const width = rows.map(() => next() * 100);
    const found = effectOf(
      width,
      width.map((value) => -value),
      true,
    )!;
    expect(found.groups.length).toBe(8);
    expect(found.groups.reduce((sum, group) => sum + group.count, 0)).toBe(300);
    found.groups.forEach((group, i) => expect(group.from).toBeGreaterThanOrEqual(found.groups[i - 1]?.to ?? -Infinity));
    expect(found.importance).toBeGreaterThan(0.9);
    expect(found.correlation).toBeCloseTo(-1, 12);
  });
  it('has no order of categories, and cannot tell where each is of one run alone', () => {
    const names = rows.map((i) => i);
    const found = effectOf(
      names,
      rows.map(() => next()),
      false,
    )!;
    expect([found.importance, found.correlation]).toEqual([NaN, NaN]);
  });
  it('leaves out runs without a setting or a finite result, and says nothing of too few', () => {
    const settings = [0, 0, 0, 1, 1, 1, NaN, 1];
    const results = [1, 2, 3, 7, 8, 9, 5, Infinity];
    expect(effectOf(settings, results, true)!.count).toBe(6);
    expect(effectOf(settings.slice(0, 5), results.slice(0, 5), true)).toBeNull();
    expect(effectOf([1, 1, 1, 1, 1, 1], [1, 2, 3, 4, 5, 6], true)).toBeNull();
    expect(effectOf([0, 0, 0, 1, 1, 1], [4, 4, 4, 4, 4, 4], true)!.importance).toBeNaN();
  });
});
