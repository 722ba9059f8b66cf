// What a setting did to a result over many runs: how much of the result's spread it alone explains, and
// whether the one goes up with the other. Over ranks, so that one run that blew up weighs no more than
// another, and a logarithm changes nothing. Pure.

export interface EffectGroup {
  /** The settings of its runs lie between these. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Of the result. */
  readonly median: number;
}

export interface Effect {
  /** Runs that have both the setting and a finite result. */
  readonly count: number;
  /**
   * The share of the spread of the result's ranks that lies between groups of equal setting: epsilon squared
   * (Kelley, "An unbiased correlation ratio measure", 1935), which is 0 on average where a setting does
   * nothing, however many values it has. NaN where too few runs share a setting to tell.
   */
  readonly importance: number;
  /** Spearman's rank correlation; NaN where settings have no order. */
  readonly correlation: number;
  /** By setting, in ascending order. */
  readonly groups: readonly EffectGroup[];
}

/** Fewer runs than this say nothing. */
export const kEffectRunsMin = 6;
/** Of more settings than these, neighbours are one group. */
const kGroupsMax = 12;
const kBinsMax = 8;
const kRunsOfBin = 5;

/** Ranks from 1; equal values share the mean of theirs. */
export function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i).sort(
    (a, b) => (values[a] as number) - (values[b] as number),
  );
  const ranks = new Float64Array(values.length);
  for (let begin = 0; begin < order.length;) {
    let end = begin + 1;
    while (end < order.length && values[order[end] as number] === values[order[begin] as number]) end++;
    for (let i = begin; i < end; i++) ranks[order[i] as number] = (begin + end + 1) / 2;
    begin = end;
  }
  return ranks;
}

/** Pearson's correlation; NaN where one of the columns is constant. */
function correlationOf(a: Float64Array, b: Float64Array): number {
  const mean = (column: Float64Array) => column.reduce((sum, value) => sum + value, 0) / column.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [da, db] = [(a[i] as number) - meanA, (b[i] as number) - meanB];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : NaN;
}

function epsilonSquared(ranks: Float64Array, groups: readonly (readonly number[])[]): number {
  const count = ranks.length;
  if (count <= groups.length || groups.length < 2) return NaN;
  const mean = (count + 1) / 2;
  let total = 0;
  for (const rank of ranks) total += (rank - mean) ** 2;
  let within = 0;
  for (const group of groups) {
    const middle = group.reduce((sum, i) => sum + (ranks[i] as number), 0) / group.length;
    for (const i of group) within += ((ranks[i] as number) - middle) ** 2;
  }
  if (total === 0) return NaN;
  return Math.max(0, 1 - within / (count - groups.length) / (total / (count - 1)));
}

/** Runs of equal setting; where settings are many and have an order, of neighbouring ones. */
function groupsOf(settings: readonly number[], isOrdered: boolean): number[][] {
  const byValue = new Map<number, number[]>();
  settings.forEach((setting, i) => {
    const group = byValue.get(setting);
    if (group === undefined) byValue.set(setting, [i]);
    else group.push(i);
  });
  const values = [...byValue.keys()].sort((a, b) => a - b);
  const isFew = values.length <= kGroupsMax && 2 * values.length <= settings.length;
  if (!isOrdered || isFew) return values.map((value) => byValue.get(value) as number[]);
  const bins = Math.max(2, Math.min(kBinsMax, Math.floor(settings.length / kRunsOfBin)));
  const binned: number[][] = Array.from({ length: bins }, () => []);
  const ranks = ranksOf(settings);
  // In the order of the values, so that each bin's first and last are its ends.
  for (const value of values) {
    for (const i of byValue.get(value) as number[]) {
      binned[Math.min(bins - 1, Math.floor((((ranks[i] as number) - 0.5) * bins) / settings.length))]?.push(i);
    }
  }
  return binned.filter((bin) => bin.length > 0);
}

function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/**
 * The effect of `settings` on `results`, one of each per run, NaN where a run has none; null with fewer
 * runs than `kEffectRunsMin`, or where all have the same setting. `isOrdered`: settings are numbers, not
 * categories.
 */
export function effectOf(settings: ArrayLike<number>, results: ArrayLike<number>, isOrdered: boolean): Effect | null {
  const rows = Array.from({ length: settings.length }, (_, i) => i).filter(
    (i) => Number.isFinite(settings[i] as number) && Number.isFinite(results[i] as number),
  );
  const set = rows.map((i) => settings[i] as number);
  const came = rows.map((i) => results[i] as number);
  if (rows.length < kEffectRunsMin || set.every((value) => value === set[0])) return null;
  const ranks = ranksOf(came);
  const groups = groupsOf(set, isOrdered);
  return {
    count: rows.length,
    importance: epsilonSquared(ranks, groups),
    correlation: isOrdered ? correlationOf(ranksOf(set), ranks) : NaN,
    groups: groups.map((group) => ({
      from: set[group[0] as number] as number,
      to: set[group[group.length - 1] as number] as number,
      count: group.length,
      median: medianOf(group.map((i) => came[i] as number)),
    })),
  };
}
