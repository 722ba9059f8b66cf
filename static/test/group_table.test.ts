import { describe, expect, it } from 'vitest';
import { bestMeans, groupTable, sortByColumn } from '../src/pages/metrics/group_table';

const groups = [
  { label: 'a', runs: [1, 2] },
  { label: 'empty', runs: [] },
  { label: 'b', runs: [3, 4] },
  { label: 'c', runs: [5] },
];
const last = new Map(
  [
    [1, 2],
    [2, 4],
    [3, 1],
    [4, NaN],
  ].map(([run, loss]) => [
    run!,
    new Map([
      ['loss', loss!],
      ['queue', 7],
    ]),
  ]),
);
const rows = groupTable(groups, ['loss', 'queue'], last);

describe('groupTable', () => {
  it('gives mean, deviation and count of each group that has runs', () => {
    expect(rows.map((row) => [row.rank, row.group.label])).toEqual([
      [0, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
    expect(rows[0]!.cells[0]).toEqual({ mean: 3, deviation: Math.SQRT2, count: 2, nonfinite: 0 });
  });
  it('counts what is not finite, and keeps it out of the mean', () => {
    expect(rows[1]!.cells[0]).toEqual({ mean: 1, deviation: NaN, count: 1, nonfinite: 1 });
    expect(rows[2]!.cells[0]).toEqual({ mean: NaN, deviation: NaN, count: 0, nonfinite: 0 });
  });
  it('sorts by a column, without a mean last either way', () => {
    const labels = (isDescending: boolean) =>
      sortByColumn(rows, 0, isDescending)
        .map((row) => row.group.label)
        .join('');
    expect([labels(false), labels(true)]).toEqual(['bac', 'abc']);
  });
  it('knows the best only where the name tells which way is better', () => {
    expect(bestMeans(rows, ['loss', 'queue'])).toEqual([1, NaN]);
  });
});
