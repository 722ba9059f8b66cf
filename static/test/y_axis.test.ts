import { describe, expect, it } from 'vitest';
import { yAxisWidth, yLabels, yTicks } from '../src/charts/y_axis';

describe('yTicks', () => {
  it.each([
    [0, 1],
    [0, 3e38],
    [-1e-30, 1e-30],
    [0.99991, 0.99996],
    [1e15, 1e15 + 4],
    [-1000, -100],
  ])('marks some round numbers from %d to %d', (min, max) => {
    const ticks = yTicks({ min, max }, 170, false);
    expect(ticks.length).toBeGreaterThan(1);
    expect(ticks.length).toBeLessThan(11);
    for (const tick of ticks) expect(tick >= min && tick <= max).toBe(true);
  });
  it('marks neither too few nor too many to read', () => {
    expect(yTicks({ min: 0.472, max: 0.591 }, 170, false)).toEqual([0.48, 0.5, 0.52, 0.54, 0.56, 0.58]);
    expect(yTicks({ min: 0, max: 0.5 }, 650, false).length).toBeLessThan(20);
    expect(yTicks({ min: 0, max: 0.5 }, 30, false).length).toBeLessThan(4);
  });
  it('marks numbers on a logarithmic axis of a tenth of a decade too', () => {
    expect(yTicks({ min: 2.61, max: 2.95 }, 170, true).length).toBeGreaterThan(1);
    expect(yTicks({ min: 1e-6, max: 1 }, 170, true)).toContain(1e-3);
  });
  it('marks powers of ten over many decades, and over all that numbers have', () => {
    expect(yTicks({ min: 1.5, max: 2e34 }, 150, true)).toEqual([1e5, 1e10, 1e15, 1e20, 1e25, 1e30]);
    expect(yTicks({ min: 1e-300, max: 1e300 }, 150, true).length).toBeGreaterThan(4);
  });
  it('marks nothing where the range is no number', () => {
    expect(yTicks({ min: -1.7e308, max: 1.7e308 }, 170, false)).toEqual([]);
  });
});

describe('yLabels', () => {
  it('writes as values are written where that tells them apart', () => {
    expect(yLabels([0, 0.2, 0.4])).toEqual(['0', '0.2', '0.4']);
    expect(yLabels([1e-12, 2e-12])).toEqual(['1e-12', '2e-12']);
  });
  it('tells small ticks apart', () => {
    expect(yLabels([0.001, 0.00105, 0.0011, 0.00115])).toEqual(['0.001', '0.00105', '0.0011', '0.00115']);
  });
  it('writes powers of ten alike', () => {
    expect(yLabels([1, 1e5, 1e10])).toEqual(['1', '1e5', '1e10']);
    expect(yLabels([100, 1000, 10_000])).toEqual(['100', '1,000', '10,000']);
  });
  it('writes more digits where ticks lie close', () => {
    expect(yLabels([0.99991, 0.99992, 0.99993])).toEqual(['0.99991', '0.99992', '0.99993']);
    expect(yLabels([1234.56, 1234.58])).toEqual(['1,234.56', '1,234.58']);
    expect(yLabels([1_000_000, 1_000_000.5])).toEqual(['1,000,000', '1,000,000.5']);
    expect(yLabels([])).toEqual([]);
  });
  it('has room for them', () => {
    expect(yAxisWidth(['1'])).toBe(54);
    expect(yAxisWidth(['1,000,000.5'])).toBeGreaterThan(70);
  });
});
