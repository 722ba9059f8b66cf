// Last values of the runs of each group, put together: what a sweep over seeds is judged by. Pure.
import { betterDirection } from '../../base/metric_names';
import type { RunGroup } from './run_groups';

export interface GroupCell {
  /** Over the runs whose last value is finite; NaN where there is none. */
  readonly mean: number;
  /** Of a sample; NaN of fewer than two runs. */
  readonly deviation: number;
  readonly count: number;
  /** Runs whose last value is NaN or infinite. */
  readonly nonfinite: number;
}

export interface GroupRow {
  readonly group: RunGroup;
  readonly rank: number;
  readonly cells: readonly GroupCell[];
}

function cellOf(values: readonly number[]): GroupCell {
  const finite = values.filter(Number.isFinite);
  const count = finite.length;
  const mean = count === 0 ? NaN : finite.reduce((sum, value) => sum + value, 0) / count;
  const squares = finite.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean,
    deviation: count < 2 ? NaN : Math.sqrt(squares / (count - 1)),
    count,
    nonfinite: values.length - count,
  };
}

/** A row for each group that has runs, and a cell for each of `tags`. */
export function groupTable(
  groups: readonly RunGroup[],
  tags: readonly string[],
  last: ReadonlyMap<number, ReadonlyMap<string, number>>,
): GroupRow[] {
  return groups
    .map((group, rank) => ({
      group,
      rank,
      cells: tags.map((tag) =>
        cellOf(group.runs.map((run) => last.get(run)?.get(tag)).filter((value) => value !== undefined)),
      ),
    }))
    .filter((row) => row.group.runs.length > 0);
}

/** By the mean in a column, best first where the name of its tag tells what is better; without a mean last. */
export function sortByColumn(rows: readonly GroupRow[], column: number, isDescending: boolean): GroupRow[] {
  const mean = (row: GroupRow) => row.cells[column]?.mean ?? NaN;
  return [...rows].sort((a, b) => {
    const [x, y] = [mean(a), mean(b)];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a.rank - b.rank;
    return (isDescending ? y - x : x - y) || a.rank - b.rank;
  });
}

/** The best mean of each column; NaN where the name does not tell which way is better. */
export function bestMeans(rows: readonly GroupRow[], tags: readonly string[]): number[] {
  return tags.map((tag, column) => {
    const direction = betterDirection(tag);
    const means = rows.map((row) => row.cells[column]?.mean ?? NaN).filter(Number.isFinite);
    if (direction === 'none' || means.length === 0) return NaN;
    return means.reduce((a, b) => (direction === 'lower' ? Math.min(a, b) : Math.max(a, b)));
  });
}
