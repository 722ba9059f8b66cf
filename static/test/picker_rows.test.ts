import { describe, expect, it } from 'vitest';
import { foldersInOrder, groupByFolder, kPinned, rowsOf, shortName } from '../src/widgets/picker_rows';
import { run } from './testing';

const named = (id: number, path: string, extra = {}) => run(id, { path, name: path, ...extra });

describe('the run picker', () => {
  it('groups runs by folder in the order of names, those of the logdir without a head', () => {
    const groups = groupByFolder([named(1, 'b10/x'), named(2, 'b9/x'), named(3, 'alone'), named(4, 'b9/y')]);
    expect(groups.map((group) => group.prefix)).toEqual(['', 'b9', 'b10']);
    expect(rowsOf(groups).map((row) => row.run?.id ?? `head of ${row.group.prefix}`)).toEqual([
      3,
      'head of b9',
      2,
      4,
      'head of b10',
      1,
    ]);
  });
  it('has pinned runs in a group of their own before all others', () => {
    const groups = groupByFolder([named(1, 'a/x'), named(2, 'a/y', { is_pinned: true }), named(3, 'z')]);
    expect(groups.map((group) => group.prefix)).toEqual([kPinned, '', 'a']);
  });
  it('can keep the order of the runs, each folder where its first run is', () => {
    const groups = foldersInOrder([
      named(1, 'z/x'),
      named(2, 'alone'),
      named(3, 'a/b/x'),
      named(4, 'z/y', { is_pinned: true }),
    ]);
    expect(groups.map(({ prefix, runs }) => [prefix, runs.map((one) => one.id)])).toEqual([
      ['z', [1, 4]],
      ['', [2]],
      ['a/b', [3]],
    ]);
  });
  it('gives every row a key of its own', () => {
    const rows = rowsOf(groupByFolder(Array.from({ length: 50 }, (_, i) => named(i + 1, `${i % 7}/run_${i}`))));
    expect(new Set(rows.map((row) => row.key)).size).toBe(57);
  });
  it('leaves the folder out of a name below its head, unless a user named the run', () => {
    expect(shortName(named(1, 'a/b/x'), 'a/b')).toBe('x');
    expect(shortName(run(1, { path: 'a/b/x', name: 'best' }), 'a/b')).toBe('best');
    expect(shortName(named(1, 'a/b/x'), kPinned)).toBe('a/b/x');
  });
});
