import { describe, expect, it } from 'vitest';
import {
  endOfPath,
  formatBytes,
  formatCount,
  formatDelta,
  formatDuration,
  formatMilliseconds,
  formatSetting,
  formatSettingRange,
  formatShare,
  formatStep,
  formatTimeAmong,
  formatValue,
  formatWallTime,
  middleEllipsis,
} from '../src/base/format';

describe('formatValue', () => {
  it.each([
    [0, '0'],
    [0.12345678, '0.1235'],
    [0.00124, '0.00124'],
    [0.0123456, '0.01235'],
    [12.34567, '12.346'],
    [123.456, '123.46'],
    [2089.53, '2,089.5'],
    [45210.4, '45,210'],
    [1.5e-7, '1.5e-7'],
    [3e9, '3e9'],
    [NaN, 'NaN'],
    [Infinity, 'Inf'],
    [-Infinity, '−Inf'],
  ])('writes %d as %s', (value, text) => expect(formatValue(value)).toBe(text));
  it('writes the sign of a negative', () => expect(formatValue(-0.5)).toBe('−0.5'));
});

describe('formatSetting', () => {
  it.each([
    [20240101, '20240101'],
    [65536, '65536'],
    [0.00121, '0.00121'],
    [0.001, '0.001'],
    [Math.fround(0.1), '0.1'],
    [0.0000305, '3.05e-5'],
    [3e-5, '3e-5'],
    [-2.5, '−2.5'],
    [0, '0'],
    [2 ** 60, '1.153e18'],
    [NaN, 'NaN'],
  ])('writes %d as %s', (value, text) => expect(formatSetting(value)).toBe(text));
});

describe('formatSettingRange', () => {
  it.each([
    [0.008376776, 0.01701254, '0.008377 to 0.01701'],
    [20240101, 20240102, '20240101 to 20240102'],
    [16, 64, '16 to 64'],
    [20240101, 20240101, '20240101'],
  ])('writes %d to %d as %s', (from, to, text) => expect(formatSettingRange(from, to)).toBe(text));
});

describe('formatTimeAmong', () => {
  it.each([
    [150, 50, '150 ms'],
    [150.01, 0.01, '150.01 ms'],
    [150.012345, 0.0001, '150.0123 ms'],
    [1500.2, 0.1, '1.5002 s'],
    [1500, 500, '1.5 s'],
    [75_000.5, 0.5, '75.0005 s'],
    [75_000, 5000, '1 min 15 s'],
    [0.0015, 0.0001, '1.5 µs'],
    [0, 0.001, '0 ms'],
    [NaN, 1, '–'],
  ])('writes %d ms among others %d ms away as %s', (ms, gap, text) => expect(formatTimeAmong(ms, gap)).toBe(text));
});

describe('other numbers', () => {
  it.each([
    [0, '0 B'],
    [1023, '1,023 B'],
    [1536, '1.5 KiB'],
    [52e6, '49.6 MiB'],
    [2 ** 40, '1 TiB'],
  ])('writes %d bytes as %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
  it.each([
    [0.4, '0.4 s'],
    [42, '42 s'],
    [59.7, '1 min 00 s'],
    [200, '3 min 20 s'],
    [3900, '1 h 05 min'],
    [183600, '2 d 3 h'],
    [NaN, '–'],
    [-1, '–'],
  ])('writes %d s as %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));
  it.each([
    [0, '0 ms'],
    [0.00085, '850 ns'],
    [0.0123, '12.3 µs'],
    [4.56, '4.56 ms'],
    [1200, '1.2 s'],
  ])('writes %d ms as %s', (ms, text) => expect(formatMilliseconds(ms)).toBe(text));
  it('writes counts, steps and shares', () => {
    expect([formatCount(950), formatCount(12345), formatCount(4.56e6), formatCount(7.1e9)]).toEqual([
      '950',
      '12.3k',
      '4.56M',
      '7.1B',
    ]);
    expect(formatStep(1234567)).toBe('1,234,567');
    expect([0.613, 0.0123, 0.001, 0].map(formatShare)).toEqual(['61.3 %', '1.23 %', '0.1 %', '0 %']);
    expect([0.000999, 1e-9].map(formatShare)).toEqual(['<0.1 %', '<0.1 %']);
  });
});

describe('formatWallTime', () => {
  it('writes local times, and none that no calendar has', () => {
    expect(formatWallTime(new Date(2026, 0, 31, 12).getTime() / 1000)).toBe('2026-01-31 12:00:00');
    // Microseconds that were taken for seconds.
    for (const seconds of [0, -1, NaN, Infinity, 1.7e15]) expect(formatWallTime(seconds)).toBe('–');
  });
});

describe('formatDelta', () => {
  it('has a sign and a share of the base', () => {
    expect(formatDelta(1.1, 1)).toBe('+0.1 (+10 %)');
    expect(formatDelta(0.5, 1)).toBe('−0.5 (−50 %)');
    expect(formatDelta(-1, -2)).toBe('+1 (+50 %)');
    expect(formatDelta(7.3731234e30, 0.1468)).toBe('+7.373e30 (+5.023e33 %)');
  });
  it('leaves out what has no meaning', () => {
    expect([formatDelta(2, 0), formatDelta(1, 1), formatDelta(NaN, 1)]).toEqual(['+2', '±0', '–']);
  });
});

describe('middleEllipsis', () => {
  it('cuts in the middle and never inside a letter', () => {
    expect(middleEllipsis('abcdefghij', 5)).toBe('ab…ij');
    expect(middleEllipsis('😀😀😀😀', 3)).toBe('😀…😀');
    expect(middleEllipsis('short', 5)).toBe('short');
  });
});

describe('endOfPath', () => {
  it('keeps the last two parts', () => {
    expect(endOfPath('/home/ada/mnist/runs/')).toBe('mnist/runs');
    expect(endOfPath('/runs')).toBe('runs');
    expect(endOfPath('')).toBe('');
  });
});
