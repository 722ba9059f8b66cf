// Runs that belong together: equal in the chosen hyperparameters, in their folder, or in the part of
// their path that an expression finds. Pure.
import type { HparamValue, Run } from '../../api/types';
import { formatSetting } from '../../base/format';
import { compareNames } from '../../base/natural_order';
import { textFilter } from '../../base/regex';

export interface RunGroup {
  readonly label: string;
  readonly runs: readonly number[];
}

/** What runs can be grouped by, as the address has it: `folder`, `h:` and a hyperparameter, `path:` and an expression. */
export const kFolder = 'folder';
export const hparamKey = (name: string) => `h:${name}`;
export const pathKey = (pattern: string) => `path:${pattern}`;

export function patternOf(by: readonly string[]): string {
  return by.find((key) => key.startsWith('path:'))?.slice(5) ?? '';
}

type Part = HparamValue | undefined;

function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** What the expression finds: its groups, or without any the whole match. */
function found(path: string, pattern: string): Part {
  try {
    const match = new RegExp(pattern, 'i').exec(path);
    if (match === null) return undefined;
    return match.length > 1
      ? match
          .slice(1)
          .map((part) => part ?? '')
          .join(' ')
      : match[0];
  } catch {
    return textFilter(pattern).matches(path) ? pattern : undefined;
  }
}

function partOf(run: Run, hparams: Readonly<Record<string, HparamValue>>, key: string): Part {
  if (key === kFolder) return folderOf(run.path);
  if (key.startsWith('h:')) return hparams[key.slice(2)];
  return key.startsWith('path:') ? found(run.path, key.slice(5)) : undefined;
}

function textOf(key: string, part: Part, isNamed: boolean): string {
  if (key === kFolder) return part === '' ? 'no folder' : String(part);
  if (!key.startsWith('h:')) return part === undefined ? 'no match' : String(part);
  const value = typeof part === 'number' ? formatSetting(part) : part === undefined ? '–' : String(part);
  return isNamed ? `${key.slice(2)} ${value}` : value;
}

/** Numbers by size and before texts; what is missing last. */
function compareParts(a: Part, b: Part): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return Number(typeof b === 'number') - Number(typeof a === 'number') || compareNames(String(a), String(b));
}

/** What the labels of groups list where they do not name it themselves: of many, names would hide the values. */
const kNamedMax = 2;
export function headingOf(by: readonly string[]): string {
  return by.length <= kNamedMax
    ? ''
    : by.map((key) => (key === kFolder ? key : key.startsWith('h:') ? key.slice(2) : 'path')).join(', ');
}

/** The groups of `runs`, ordered by what they are grouped by. */
export function groupRuns(
  runs: readonly Run[],
  hparams: ReadonlyMap<number, Readonly<Record<string, HparamValue>>>,
  by: readonly string[],
): RunGroup[] {
  const groups = new Map<string, { parts: Part[]; runs: number[] }>();
  for (const run of runs) {
    const parts = by.map((key) => partOf(run, hparams.get(run.id) ?? {}, key));
    // Of two values that are written alike, such as 1 and "1", each has its own group.
    const key = JSON.stringify(parts.map((part) => [typeof part, String(part)]));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { parts, runs: [run.id] });
    else group.runs.push(run.id);
  }
  const sorted = [...groups.values()].sort((a, b) => {
    for (let i = 0; i < by.length; i++) {
      const order = compareParts(a.parts[i], b.parts[i]);
      if (order !== 0) return order;
    }
    return 0;
  });
  return sorted.map((group) => ({
    label: by.map((key, i) => textOf(key, group.parts[i], by.length <= kNamedMax)).join(', '),
    runs: group.runs,
  }));
}

export interface HparamChoice {
  readonly name: string;
  /** Different values among the runs. */
  readonly values: number;
}

/** The hyperparameters in which the runs differ. */
export function hparamChoices(
  runs: readonly Run[],
  hparams: ReadonlyMap<number, Readonly<Record<string, HparamValue>>>,
): HparamChoice[] {
  const values = new Map<string, Set<HparamValue>>();
  const counts = new Map<string, number>();
  for (const run of runs) {
    for (const [name, value] of Object.entries(hparams.get(run.id) ?? {})) {
      values.set(name, (values.get(name) ?? new Set()).add(value));
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return [...values]
    .map(([name, set]) => ({ name, values: set.size + Number((counts.get(name) ?? 0) < runs.length) }))
    .filter((choice) => choice.values > 1)
    .sort((a, b) => compareNames(a.name, b.name));
}

/** All of them but those whose name says that they are a seed: what an average over seeds is grouped by. */
export function withoutSeeds(choices: readonly HparamChoice[]): string[] {
  return choices
    .filter((choice) => !/(^|[/_.-])(random_?)?seed$/i.test(choice.name))
    .map((choice) => hparamKey(choice.name));
}
