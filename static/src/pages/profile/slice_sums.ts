// Where the time of a range goes, by name. Pure.
import { endOf, kIsOnHost, kKindNames, type Slices } from './timeline';

export interface NameSum {
  /** Index into the names, and the kind: a phase and a kernel may share a name. */
  readonly name: number;
  readonly kind: number;
  /** Slices that lie in the range, wholly or in part. */
  count: number;
  /** Milliseconds within the range: all of them, and those of no slice of the host within these. */
  totalMs: number;
  selfMs: number;
  /** Of whole slices. */
  durationMs: number;
  longest: number;
}

/** What is left of times of which others are taken: times are rounded to doubles of milliseconds. */
const kRounding = 1e-6;

/**
 * The greatest first; only names, and slices of them, that are shown. Slices that reach over an end of the range count up to it. `parent`: of
 * each slice the one around it (slice_tree.ts).
 */
export function sumByName(
  slices: Slices,
  parent: Int32Array,
  from: number,
  to: number,
  isShown: (name: number, index: number) => boolean,
): NameSum[] {
  const sums = new Map<number, NameSum>();
  /** Of names that are around others, what is within them. */
  const within = new Map<number, number>();
  const keyOf = (index: number) => (slices.name[index] as number) * kKindNames.length + (slices.kind[index] as number);
  for (let i = 0; i < slices.start.length; i++) {
    const start = slices.start[i] as number;
    const end = endOf(slices, i);
    const isWithin = start < to && end > from;
    if (!isWithin && !(start === end && start >= from && start <= to)) continue;
    const ms = Math.min(end, to) - Math.max(start, from);
    const [name, kind, around] = [slices.name[i] as number, slices.kind[i] as number, parent[i] as number];
    if (around >= 0 && kIsOnHost[kind]) within.set(keyOf(around), (within.get(keyOf(around)) ?? 0) + ms);
    if (!isShown(name, i)) continue;
    let sum = sums.get(keyOf(i));
    if (sum === undefined)
      sums.set(keyOf(i), (sum = { name, kind, count: 0, totalMs: 0, selfMs: 0, durationMs: 0, longest: i }));
    sum.count++;
    sum.totalMs += ms;
    sum.durationMs += slices.duration[i] as number;
    if ((slices.duration[i] as number) > (slices.duration[sum.longest] as number)) sum.longest = i;
  }
  for (const [key, sum] of sums) {
    const left = sum.totalMs - (within.get(key) ?? 0);
    sum.selfMs = left < kRounding ? 0 : left;
  }
  return [...sums.values()].sort((a, b) => b.totalMs - a.totalMs || a.name - b.name || a.kind - b.kind);
}

/** What the table of sums can be sorted by. */
export const kSumOrders = ['count', 'total', 'self', 'mean', 'longest'] as const;
export type SumOrder = (typeof kSumOrders)[number];

/** The greatest first. */
export function sortSums(sums: readonly NameSum[], order: SumOrder, slices: Slices): NameSum[] {
  const valueOf = (sum: NameSum): number => {
    switch (order) {
      case 'count':
        return sum.count;
      case 'total':
        return sum.totalMs;
      case 'self':
        return kIsOnHost[sum.kind] ? sum.selfMs : -1;
      case 'mean':
        return sum.durationMs / sum.count;
      case 'longest':
        return slices.duration[sum.longest] as number;
    }
  };
  return [...sums].sort((a, b) => valueOf(b) - valueOf(a));
}

/** Milliseconds of a slice of the host in which none within it ran. */
export function selfTimeOf(slices: Slices, parent: Int32Array, index: number): number {
  let left = slices.duration[index] as number;
  parent.forEach((around, i) => {
    if (around === index && kIsOnHost[slices.kind[i] as number]) left -= slices.duration[i] as number;
  });
  return left < kRounding ? 0 : left;
}
