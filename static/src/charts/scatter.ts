// A matrix of scatter plots as data: each column's axis against each row's, a point per line of the axes
// (charts/parallel.ts). Pure: no DOM.
import { rangeBetween, shareOf, withRange, type Axis, type AxisRange } from './parallel';

export interface Grid {
  readonly columns: readonly Axis[];
  readonly rows: readonly Axis[];
  /** CSS pixels to the first cell, and from one cell to the next. */
  readonly left: number;
  readonly top: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
}

export interface Cell {
  readonly column: number;
  readonly row: number;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Between cells, and between a cell's frame and the ends of its axes. */
export const kCellGap = 10;
const kCellPad = 7;

/** The frame of a cell in CSS pixels. */
export function frameOf(grid: Grid, { column, row }: Cell): { x: number; y: number; width: number; height: number } {
  const [x, y] = [grid.left + column * grid.cellWidth, grid.top + row * grid.cellHeight];
  return { x, y, width: grid.cellWidth - kCellGap, height: grid.cellHeight - kCellGap };
}

/** The cell at a place; null beside the cells. */
export function cellAt(grid: Grid, { x, y }: Place): Cell | null {
  const cell = {
    column: Math.floor((x - grid.left) / grid.cellWidth),
    row: Math.floor((y - grid.top) / grid.cellHeight),
  };
  if (grid.columns[cell.column] === undefined || grid.rows[cell.row] === undefined) return null;
  const frame = frameOf(grid, cell);
  return x <= frame.x + frame.width && y <= frame.y + frame.height ? cell : null;
}

function axesOf(grid: Grid, cell: Cell): readonly [Axis, Axis] {
  return [grid.columns[cell.column] as Axis, grid.rows[cell.row] as Axis];
}

/** Where these shares of a cell's axes lie. */
export function placeOfShares(grid: Grid, cell: Cell, right: number, up: number): Place {
  const { x, y, width, height } = frameOf(grid, cell);
  return { x: x + kCellPad + right * (width - 2 * kCellPad), y: y + height - kCellPad - up * (height - 2 * kCellPad) };
}

function sharesOfPlace(grid: Grid, cell: Cell, place: Place): readonly [number, number] {
  const { x, y, width, height } = frameOf(grid, cell);
  return [
    (place.x - x - kCellPad) / (width - 2 * kCellPad),
    (y + height - kCellPad - place.y) / (height - 2 * kCellPad),
  ];
}

/** Where a line's point is in a cell; null where it lacks one of the numbers. */
export function placeOf(grid: Grid, cell: Cell, line: number): Place | null {
  const [right, up] = axesOf(grid, cell).map((axis) => shareOf(axis, axis.numbers[line] as number)) as [number, number];
  return Number.isNaN(right + up) ? null : placeOfShares(grid, cell, right, up);
}

/** The line whose point is nearest; -1 when none of those that pass comes within `reach`. */
export function nearestPoint(
  grid: Grid,
  cell: Cell,
  passes: readonly boolean[],
  { x, y }: Place,
  reach: number,
): number {
  let best = -1;
  let distance = reach;
  passes.forEach((isShown, line) => {
    const place = isShown ? placeOf(grid, cell, line) : null;
    const away = place === null ? Infinity : Math.hypot(place.x - x, place.y - y);
    if (away > distance) return;
    distance = away;
    best = line;
  });
  return best;
}

/** The ranges with those of a cell's two axes set to a box between two places; `to` null takes them out. */
export function withBox(
  grid: Grid,
  cell: Cell,
  ranges: readonly AxisRange[],
  from: Place,
  to: Place | null,
): AxisRange[] {
  const [a, b] = [sharesOfPlace(grid, cell, from), sharesOfPlace(grid, cell, to ?? from)];
  return axesOf(grid, cell).reduce<AxisRange[]>(
    (kept, axis, side) =>
      withRange(kept, axis.key, to === null ? null : rangeBetween(axis, a[side] as number, b[side] as number)),
    [...ranges],
  );
}

/** How many of the lines that pass lie in each of `bins` equal parts of an axis. */
export function countBins(axis: Axis, passes: readonly boolean[], bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  passes.forEach((isShown, line) => {
    const share = shareOf(axis, axis.numbers[line] as number);
    if (isShown && !Number.isNaN(share)) counts[Math.min(bins - 1, Math.floor(share * bins))]!++;
  });
  return counts;
}
