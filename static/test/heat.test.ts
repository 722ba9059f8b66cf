import { describe, expect, it } from 'vitest';
import { partInView, walkHeat } from '../src/charts/heat';

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

describe('partInView', () => {
  it('is the whole of a map that is not much higher than the window', () => {
    for (const above of [-2000, 0, 700, 1400]) expect(partInView(above, 2100, 800)).toEqual({ top: 0, height: 2100 });
  });
  it('holds what is in view of a high one, wherever it is scrolled to, and is never much higher than the window', () => {
    const [height, screen] = [100_000, 800];
    for (let above = -3000; above < height; above += 333) {
      const part = partInView(above, height, screen);
      expect(part.height).toBeLessThanOrEqual(3 * screen);
      expect(part.top).toBeGreaterThanOrEqual(0);
      expect(part.top + part.height).toBeLessThanOrEqual(height);
      if (above <= -screen) continue;
      expect(part.top).toBeLessThanOrEqual(Math.max(0, above));
      expect(part.top + part.height).toBeGreaterThanOrEqual(Math.min(height, above + screen));
    }
  });
});
