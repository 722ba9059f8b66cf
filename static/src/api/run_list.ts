// Lists of runs as pages show them. Pure.
import { compareNames } from '../base/natural_order';
import type { Run } from './types';

/** Without archived runs, pinned ones first; otherwise in the given order. */
export function arrangeRuns(runs: readonly Run[]): readonly Run[] {
  const shown = runs.filter((run) => !run.is_archived);
  return [...shown.filter((run) => run.is_pinned), ...shown.filter((run) => !run.is_pinned)];
}

/**
 * Ids tell nothing of age: the runs of a log directory have them in the order of their names. What has not logged
 * anything yet has no start, and comes last.
 */
export function oldestFirst(runs: readonly Run[]): Run[] {
  const start = (run: Run) => (run.start_time > 0 ? run.start_time : Number.MAX_VALUE);
  return [...runs].sort((a, b) => start(a) - start(b) || a.id - b.id);
}

/** Items of runs, by what they are called and then as their runs are listed. */
export function inOrder<T extends { run: number }>(
  items: readonly T[],
  runs: readonly Run[],
  nameOf: (item: T) => string,
): T[] {
  const places = new Map(runs.map((run, place) => [run.id, place]));
  const placeOf = (item: T) => places.get(item.run) ?? runs.length;
  return [...items].sort((a, b) => compareNames(nameOf(a), nameOf(b)) || placeOf(a) - placeOf(b));
}

/** The list with those of its runs that are among `newer` as they are there. */
export function replaceRuns(runs: readonly Run[], newer: readonly Run[]): readonly Run[] {
  const byId = new Map(newer.map((run) => [run.id, run]));
  return runs.map((run) => byId.get(run.id) ?? run);
}

/** Each run's name; with its path where another run has the same one. */
export function distinctNames(runs: readonly Run[]): ReadonlyMap<number, string> {
  const count = new Map<string, number>();
  for (const run of runs) count.set(run.name, (count.get(run.name) ?? 0) + 1);
  return new Map(
    runs.map((run) => {
      const isAlone = count.get(run.name) === 1 || run.name === run.path;
      return [run.id, isAlone ? run.name : `${run.name} (${run.path})`];
    }),
  );
}

/** All tags of the runs, each once, in order. */
export function tagsOf(runs: readonly Run[]): string[] {
  return [...new Set(runs.flatMap((run) => run.tags))].sort((a, b) => a.localeCompare(b));
}

/** The runs without those that only hold what another one of them set and measured. */
export function withoutSubRuns<T extends { id: number }>(
  runs: readonly T[],
  subRuns: ReadonlyMap<number, readonly number[]>,
): T[] {
  const joined = new Set(runs.flatMap((run) => subRuns.get(run.id) ?? []));
  return runs.filter((run) => !joined.has(run.id));
}

/** Of each joined sub-run the run that it is joined with. */
export function runsOfSubRuns(subRuns: ReadonlyMap<number, readonly number[]>): ReadonlyMap<number, number> {
  return new Map([...subRuns].flatMap(([run, joined]) => joined.map((subRun) => [subRun, run] as const)));
}

/** The runs that are chosen, or joined with one that is. */
export function chosenRuns(
  runs: readonly Run[],
  isChosen: (run: Run) => boolean,
  runOf: ReadonlyMap<number, number>,
): readonly Run[] {
  const chosen = new Set(runs.filter(isChosen).map((run) => run.id));
  return runs.filter((run) => chosen.has(run.id) || chosen.has(runOf.get(run.id) ?? 0));
}

/** What to know of deleted runs that programs still log to; empty where there are none. */
export function stillLogging(deleted: readonly Run[]): string {
  if (!deleted.some((run) => run.status === 'running')) return '';
  const what = deleted.length === 1 ? 'It is' : 'Some are';
  return ` ${what} still written to: what comes is kept, but shows only after Undo or Restore, or once a program begins to log anew.`;
}
