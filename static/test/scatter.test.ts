import { describe, expect, it } from 'vitest';
import { makeAxis, passing } from '../src/charts/parallel';
import { cellAt, countBins, frameOf, nearestPoint, placeOf, withBox, type Grid } from '../src/charts/scatter';

const lr = makeAxis('h:lr', 'lr', [1e-4, 1e-3, 1e-2, undefined]);
const optimizer = makeAxis('h:optimizer', 'optimizer', ['adam', 'sgd', 'adam', 'sgd']);
const loss = makeAxis('m:loss', 'loss', [3, 1, 2, 0]);
const grid: Grid = {
  columns: [lr, optimizer, loss],
  rows: [loss],
  left: 100,
  top: 20,
  cellWidth: 130,
  cellHeight: 120,
};
const all = [true, true, true, true];

describe('a matrix of scatter plots', () => {
  it('finds the cell under the pointer, and none beside the cells', () => {
    expect(cellAt(grid, { x: 101, y: 21 })).toEqual({ column: 0, row: 0 });
    expect(cellAt(grid, { x: 235, y: 60 })).toEqual({ column: 1, row: 0 });
    for (const place of [
      { x: 99, y: 60 },
      { x: 225, y: 60 },
      { x: 101, y: 135 },
      { x: 500, y: 60 },
      { x: 101, y: 10 },
    ]) {
      expect(cellAt(grid, place)).toBeNull();
    }
  });
  it('puts points by the scales of their axes, and none where a number is missing', () => {
    const cell = { column: 0, row: 0 };
    const frame = frameOf(grid, cell);
    expect(placeOf(grid, cell, 1)?.x).toBeCloseTo(frame.x + frame.width / 2);
    expect(placeOf(grid, cell, 0)!.y).toBeLessThan(placeOf(grid, cell, 2)!.y);
    expect(placeOf(grid, cell, 3)).toBeNull();
    expect(placeOf(grid, { column: 1, row: 0 }, 3)).not.toBeNull();
  });
  it('finds the nearest of the points that pass', () => {
    const cell = { column: 0, row: 0 };
    const at = placeOf(grid, cell, 1)!;
    expect(nearestPoint(grid, cell, all, { x: at.x + 3, y: at.y - 2 }, 10)).toBe(1);
    expect(nearestPoint(grid, cell, [true, false, true, true], at, 10)).toBe(-1);
  });
  it('leaves the points of a box on both axes, whichever corner it began at', () => {
    const cell = { column: 0, row: 0 };
    const at = placeOf(grid, cell, 1)!;
    const ranges = withBox(grid, cell, [], { x: at.x + 9, y: at.y + 9 }, { x: at.x - 9, y: at.y - 9 });
    expect(passing(grid.columns, ranges, 4)).toEqual([false, true, false, false]);
    const other = { key: 'h:optimizer', from: 0, to: 0 };
    expect(withBox(grid, cell, [...ranges, other], at, null)).toEqual([other]);
  });
  it('counts an axis over itself, its ends and the missing too', () => {
    expect(countBins(loss, all, 3)).toEqual([1, 1, 2]);
    expect(countBins(lr, all, 2)).toEqual([1, 2]);
    expect(countBins(lr, [true, false, false, true], 2)).toEqual([1, 0]);
  });
});
