import { describe, expect, it } from 'vitest';
import {
  boundedRange,
  boundsOf,
  formatBounds,
  kNoBounds,
  parseBounds,
  withBounds,
  withDefaults,
} from '../src/base/bounds';

describe('bounds as text', () => {
  it('come back as they were', () => {
    for (const bounds of [
      { min: 0, max: 1 },
      { min: -1.5e-7, max: null },
      { min: null, max: 1e21 },
      { min: 0.5, max: 0.75 },
      kNoBounds,
    ]) {
      expect(parseBounds(formatBounds(bounds))).toEqual(bounds);
    }
  });
  it('are none where no axis can be drawn', () => {
    for (const text of ['', '..', '1..1', '2..1', 'NaN..1', '1', '0x1..2', '1e999..', '..-1e301', '1..2..3'])
      expect(parseBounds(text)).toEqual(kNoBounds);
  });
});

describe('bounds of single tags', () => {
  it('are kept by tag, whatever letters it has, and dropped when both ends are automatic', () => {
    const once = withBounds([], 'a b..c', { min: 0, max: null });
    const twice = withBounds(once, 'loss', { min: null, max: 2 });
    expect(boundsOf(twice, 'a b..c')).toEqual({ min: 0, max: null });
    expect(boundsOf(twice, 'loss')).toEqual({ min: null, max: 2 });
    expect(boundsOf(twice, 'b..c')).toEqual(kNoBounds);
    expect(withBounds(twice, 'a b..c', kNoBounds)).toEqual(['..2 loss']);
    expect(withBounds(twice, 'loss', { min: 1, max: 2 })).toEqual(['0.. a b..c', '1..2 loss']);
  });
  it('read nothing from an entry that is none', () => {
    expect(boundsOf(['x'], 'x')).toEqual(kNoBounds);
    expect(boundsOf(['5..1 x'], 'x')).toEqual(kNoBounds);
  });
  it('stay as many as a link can hold', () => {
    let entries: string[] = [];
    for (let i = 0; i < 100; i++) entries = withBounds(entries, `${i}`, { min: i, max: null });
    expect(entries.length).toBe(60);
    expect(boundsOf(entries, '99')).toEqual({ min: 99, max: null });
  });
  it('take the other end of all cards, but where that lies on the wrong side', () => {
    expect(withDefaults({ min: 1, max: null }, { min: 0, max: 4 })).toEqual({ min: 1, max: 4 });
    expect(withDefaults({ min: 5, max: null }, { min: 0, max: 4 })).toEqual({ min: 5, max: null });
    expect(withDefaults(kNoBounds, { min: 0, max: null })).toEqual({ min: 0, max: null });
  });
});

describe('boundedRange', () => {
  it('keeps an automatic end that lies beyond the one that is set, and moves one that does not', () => {
    expect(boundedRange({ min: 1, max: 9 }, { min: 0, max: null }, false)).toEqual({ min: 0, max: 9 });
    expect(boundedRange({ min: 1, max: 9 }, { min: 10, max: null }, false)).toEqual({ min: 10, max: 11 });
    expect(boundedRange({ min: 1, max: 9 }, { min: null, max: 0 }, false)).toEqual({ min: -1, max: 0 });
    expect(boundedRange({ min: 1, max: 9 }, { min: null, max: -10 }, false)).toEqual({ min: -11, max: -10 });
    expect(boundedRange({ min: 1, max: 9 }, { min: 100, max: null }, true)).toEqual({ min: 100, max: 1000 });
  });
  it('ignores ends at or below 0 on a logarithmic axis', () => {
    expect(boundedRange({ min: 1, max: 9 }, { min: 0, max: 20 }, true)).toEqual({ min: 1, max: 20 });
    expect(boundedRange({ min: 1, max: 9 }, { min: null, max: -1 }, true)).toEqual({ min: 1, max: 9 });
  });
});
