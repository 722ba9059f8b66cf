import { describe, expect, it } from 'vitest';
import { walkHeat } from '../src/charts/heat';

const row = (label: string, ...step: number[]) => ({
  label,
  step: Float64Array.from(step),
  value: Float64Array.from(step),
});

describe('walkHeat', () => {
  const rows = [row('first', 0, 100, 200), row('second', 50, 150), row('empty')];
  const walk = (...keys: string[]) =>
    keys.reduce((at, key) => walkHeat(rows, at, key), null as ReturnType<typeof walkHeat>);
  it('begins at the last step of the first row, and goes along the steps of the row', () => {
    expect(walk('ArrowDown')).toEqual({ row: 0, step: 200 });
    expect(walk('End', 'ArrowLeft')).toEqual({ row: 0, step: 100 });
    expect(walk('End', 'ArrowRight')).toEqual({ row: 0, step: 200 });
    expect(walk('End', 'Home', 'ArrowLeft')).toEqual({ row: 0, step: 0 });
  });
  it('keeps the step from row to row, whose steps are others', () => {
    expect(walk('End', 'ArrowLeft', 'ArrowDown')).toEqual({ row: 1, step: 100 });
    expect(walk('End', 'ArrowLeft', 'ArrowDown', 'ArrowRight')).toEqual({ row: 1, step: 150 });
    expect(walk('End', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowLeft')).toEqual({ row: 2, step: 200 });
    expect(walk('End', 'ArrowUp')).toEqual({ row: 0, step: 200 });
  });
  it('leaves other keys to the page', () => {
    expect(walkHeat(rows, null, 'a')).toBeNull();
    expect(walkHeat([], null, 'End')).toBeNull();
  });
});
