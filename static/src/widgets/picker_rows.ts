// The run picker's list as rows: a head for each folder, and below it the folder's runs. Pure.
import type { Run } from '../api/types';
import { compareNames } from '../base/natural_order';

export interface PickerGroup {
  /** The folder's path; empty: the logdir itself; `kPinned`: the pinned runs. */
  readonly prefix: string;
  readonly runs: readonly Run[];
}

/** The group of pinned runs; no folder can have this name. */
export const kPinned = '\0';

export interface PickerRow {
  readonly group: PickerGroup;
  /** Null: the group's head. */
  readonly run: Run | null;
  /** The run's id, or a number below 0. */
  readonly key: number;
}

const folderOf = ({ path }: Run) => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** Each folder where its first run is: the order of the runs is what counts. */
export function foldersInOrder(runs: readonly Run[]): PickerGroup[] {
  const byFolder = new Map<string, Run[]>();
  for (const run of runs) {
    const folder = folderOf(run);
    const group = byFolder.get(folder);
    if (group === undefined) byFolder.set(folder, [run]);
    else group.push(run);
  }
  return [...byFolder].map(([prefix, members]) => ({ prefix, runs: members }));
}

/** Folders by name, the pinned runs before all. */
export function groupByFolder(runs: readonly Run[]): PickerGroup[] {
  const byPrefix = new Map<string, Run[]>();
  for (const run of runs) {
    const prefix = run.is_pinned ? kPinned : folderOf(run);
    const group = byPrefix.get(prefix);
    if (group === undefined) byPrefix.set(prefix, [run]);
    else group.push(run);
  }
  const groups = [...byPrefix].map(([prefix, members]) => ({ prefix, runs: members }));
  const rank = (prefix: string) => (prefix === kPinned ? 0 : 1);
  return groups.sort((a, b) => rank(a.prefix) - rank(b.prefix) || compareNames(a.prefix, b.prefix));
}

export function rowsOf(groups: readonly PickerGroup[]): PickerRow[] {
  return groups.flatMap((group, i) => {
    const head: PickerRow[] = group.prefix === '' ? [] : [{ group, run: null, key: -1 - i }];
    return [...head, ...group.runs.map((run) => ({ group, run, key: run.id }))];
  });
}

/** Below the head of its folder a run that nobody named goes without it. */
export function shortName(run: Run, prefix: string): string {
  const isPlain = run.name === run.path && prefix !== '' && prefix !== kPinned;
  return isPlain ? run.path.slice(prefix.length + 1) : run.name;
}
