// Which columns the runs table has: some by themselves, all others for the asking. Pure.
import type { HparamValue, Tag } from '../../api/types';
import { mostCommon, withoutRare } from '../../base/common_names';
import { isSummaryMetric } from '../../base/metric_names';
import { compareNames } from '../../base/natural_order';

export interface Column {
  readonly key: string;
  readonly label: string;
}

/** As the table's head has it. */
export interface TableColumn extends Column {
  readonly isNumber: boolean;
  readonly startsDescending: boolean;
}

/** Of the run itself: before and after its metrics and hyperparameters. */
export const kRunColumns: readonly TableColumn[] = [
  { key: 'status', label: 'Status', isNumber: false, startsDescending: false },
  { key: 'tags', label: 'Tags', isNumber: false, startsDescending: false },
  { key: 'findings', label: 'Health', isNumber: false, startsDescending: true },
  { key: 'step', label: 'Last step', isNumber: true, startsDescending: true },
  { key: 'duration', label: 'Duration', isNumber: true, startsDescending: true },
];
export const kLastColumns: readonly TableColumn[] = [
  { key: 'points', label: 'Points', isNumber: true, startsDescending: true },
  { key: 'disk', label: 'On disk', isNumber: true, startsDescending: true },
  { key: 'database', label: 'In database', isNumber: true, startsDescending: true },
  { key: 'start', label: 'Started', isNumber: false, startsDescending: true },
];

/** Shown by themselves; a table that is too wide is read by nobody. */
const kMetricsShown = 5;
const kHparamsShown = 8;
/** Each is a request. */
export const kMetricsMax = 40;

/** Results of the whole model first. */
export function metricNames(tags: readonly Tag[]): string[] {
  const names = new Set<string>();
  for (const tag of tags) if (tag.kind === 'scalar') names.add(tag.name);
  const rank = (name: string) => (isSummaryMetric(name) ? 0 : 1);
  return [...names].sort((a, b) => rank(a) - rank(b) || compareNames(a, b));
}

/** Those that differ first: that is what the runs are about. */
export function hparamNames(all: Iterable<Readonly<Record<string, HparamValue>>>): string[] {
  const seen = new Map<string, Set<string>>();
  for (const hparams of all) {
    for (const [name, value] of Object.entries(hparams)) {
      seen.set(name, (seen.get(name) ?? new Set()).add(String(value)));
    }
  }
  const rank = (name: string) => ((seen.get(name)?.size ?? 0) > 1 ? 0 : 1);
  return [...seen.keys()].sort((a, b) => rank(a) - rank(b) || compareNames(a, b));
}

/** The columns of these names that are shown without being asked for; `counts` says how many runs have each. */
export function columnsByDefault(
  metrics: readonly string[],
  hparams: readonly string[],
  counts: { metrics: ReadonlyMap<string, number>; hparams: ReadonlyMap<string, number> },
): Set<string> {
  return new Set([
    ...mostCommon(metrics.filter(isSummaryMetric), counts.metrics, kMetricsShown).map((name) => `m:${name}`),
    ...withoutRare(hparams, counts.hparams)
      .slice(0, kHparamsShown)
      .map((name) => `h:${name}`),
  ]);
}
