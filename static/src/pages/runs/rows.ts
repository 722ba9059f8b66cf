// The runs table as data: which columns there are, and how rows are ordered.
import type { HparamValue, Run, RunFindings } from '../../api/types';
import { compareNames } from '../../base/natural_order';

export type Cell = number | string | boolean | null;

export interface RunRow {
  readonly run: Run;
  /** Of the sub-runs that hold its hyperparameters, which count as one with it. */
  readonly subRows: readonly RunRow[];
  readonly isSubRun: boolean;
  readonly critical: number;
  readonly warning: number;
  readonly hparams: Readonly<Record<string, HparamValue>>;
  readonly metrics: ReadonlyMap<string, number>;
  // Of the run and its sub-runs together.
  readonly points: number;
  readonly diskBytes: number;
  /** In the database; null until they are known. */
  readonly databaseBytes: number | null;
}

/** The rows with those of the sub-runs below each run of `opened`. */
export function listRows(rows: readonly RunRow[], opened: readonly number[]): RunRow[] {
  const isOpened = new Set(opened);
  return rows.flatMap((row) => (isOpened.has(row.run.id) ? [row, ...row.subRows] : [row]));
}

export interface Sort {
  readonly key: string;
  readonly isDescending: boolean;
}

export function parseSort(text: string): Sort {
  if (text === '') return { key: 'start', isDescending: true };
  return text.startsWith('-') ? { key: text.slice(1), isDescending: true } : { key: text, isDescending: false };
}

export function openCounts(findings: RunFindings | undefined): { critical: number; warning: number } {
  let critical = 0;
  let warning = 0;
  for (const finding of findings?.findings ?? []) {
    if (!finding.is_open) continue;
    if (finding.severity === 'critical') critical++;
    if (finding.severity === 'warning') warning++;
  }
  return { critical, warning };
}

export type HealthWord = 'healthy' | 'warming up' | 'losses ok' | 'not checked';

/**
 * Silence is not health: only a check of a layer or table that ran can say so. Losses that are in order, which is all
 * that can be told of most programs, are that and no more.
 */
export function healthWord(findings: RunFindings | undefined): HealthWord {
  const checks = findings?.checks ?? [];
  const states = new Set(checks.filter((check) => check.entity !== '').map((check) => check.state));
  if (states.has('ok') || states.has('fired')) return 'healthy';
  if (states.has('warming')) return 'warming up';
  return checks.some((check) => check.rule === 'non_finite' && check.state === 'ok') ? 'losses ok' : 'not checked';
}

/** Whether a program goes on logging to a deleted run, which does not bring it back. */
export function isStillWritten(run: Run): boolean {
  const { deleted_time, last_wall_time, purge, status } = run;
  return purge === 'none' && status === 'running' && deleted_time !== null && last_wall_time > deleted_time;
}

/** A deleted run, and the sub-runs that left with it: together they come back, or go. */
export interface DeletedLine {
  readonly run: Run;
  readonly all: readonly Run[];
}

/** As the server names and dates sub-runs of hyperparameters (docs/formats.md); what they hold is out of reach. */
const kNameSeconds = 60;

function parentPath({ path, start_time }: Run): string | null {
  const match = /^(?:(.*)\/)?(\d+\.\d+)$/.exec(path);
  return match === null || Math.abs(Number(match[2]) - start_time) > kNameSeconds ? null : (match[1] ?? '.');
}

/** In the order of the runs; a sub-run that was deleted at another time than its run stands for itself. */
export function deletedLines(runs: readonly Run[]): DeletedLine[] {
  const byPath = new Map(runs.map((run) => [run.path, run]));
  const lines = new Map<number, Run[]>(runs.map((run) => [run.id, [run]]));
  for (const run of runs) {
    const parent = byPath.get(parentPath(run) ?? '');
    if (parent === undefined || parent.deleted_time !== run.deleted_time || parent.purge !== run.purge) continue;
    lines.get(parent.id)?.push(run);
    lines.delete(run.id);
  }
  return runs.flatMap((run) => {
    const all = lines.get(run.id);
    return all === undefined ? [] : [{ run, all }];
  });
}

export function cellOf(row: RunRow, key: string): Cell {
  const { run } = row;
  if (key.startsWith('h:')) return row.hparams[key.slice(2)] ?? null;
  if (key.startsWith('m:')) return row.metrics.get(key.slice(2)) ?? null;
  switch (key) {
    case 'name':
      return run.name;
    case 'status':
      return run.status;
    case 'duration':
      return run.last_wall_time - run.start_time;
    case 'step':
      return run.last_step;
    case 'points':
      return row.points;
    case 'tags':
      return run.tags.length === 0 ? null : run.tags.join('\n');
    case 'disk':
      return row.diskBytes;
    case 'database':
      return row.databaseBytes;
    case 'findings':
      return row.critical * 1000 + row.warning;
    default:
      return run.start_time;
  }
}

/** Numbers before texts, what is missing always last. */
function compareCells(a: Cell, b: Cell, isDescending: boolean): number {
  const isMissingA = a === null || (typeof a === 'number' && Number.isNaN(a));
  const isMissingB = b === null || (typeof b === 'number' && Number.isNaN(b));
  if (isMissingA || isMissingB) return Number(isMissingA) - Number(isMissingB);
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : compareNames(String(a), String(b));
  return isDescending ? -order : order;
}

/** Pinned runs stay on top, whatever the order below them. */
export function sortRows(rows: readonly RunRow[], sort: Sort): RunRow[] {
  return [...rows].sort(
    (a, b) =>
      Number(b.run.is_pinned) - Number(a.run.is_pinned) ||
      compareCells(cellOf(a, sort.key), cellOf(b, sort.key), sort.isDescending) ||
      a.run.id - b.run.id,
  );
}

/** Runs that carry every one of `labels` and whose name, path or note matches. */
export function filterRuns(
  runs: readonly Run[],
  matches: (text: string) => boolean,
  labels: readonly string[],
): readonly Run[] {
  return runs.filter(
    (run) =>
      labels.every((label) => run.tags.includes(label)) &&
      (matches(run.name) || matches(run.path) || (run.note !== '' && matches(run.note))),
  );
}

/** What the field for new tags means: parts between commas, trimmed, those that are there already left out. */
export function parseTags(text: string, known: readonly string[]): string[] {
  const parts = text.split(',').map((part) => part.trim());
  return [...new Set(parts)].filter((part) => part !== '' && !known.includes(part));
}
