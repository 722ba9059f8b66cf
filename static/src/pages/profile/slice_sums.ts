// Where the time of a range goes, by name. Pure.
import { endOf, kKindNames, type Slices } from './timeline';

export interface NameSum {
  /** Index into the names, and the kind: a phase and a kernel may share a name. */
  readonly name: number;
  readonly kind: number;
  /** Slices that lie in the range, wholly or in part. */
  count: number;
  /** Milliseconds within the range. */
  totalMs: number;
  /** Of whole slices. */
  durationMs: number;
  longest: number;
}

/** The greatest first; only names that `isShown`. Slices that reach over an end of the range count up to it. */
export function sumByName(slices: Slices, from: number, to: number, isShown: (name: number) => boolean): NameSum[] {
  const sums = new Map<number, NameSum>();
  for (let i = 0; i < slices.start.length; i++) {
    const start = slices.start[i] as number;
    const end = endOf(slices, i);
    const name = slices.name[i] as number;
    const isWithin = start < to && end > from;
    if (!(isWithin || (start === end && start >= from && start <= to)) || !isShown(name)) continue;
    const kind = slices.kind[i] as number;
    const key = name * kKindNames.length + kind;
    let sum = sums.get(key);
    if (sum === undefined) sums.set(key, (sum = { name, kind, count: 0, totalMs: 0, durationMs: 0, longest: i }));
    sum.count++;
    sum.totalMs += Math.min(end, to) - Math.max(start, from);
    sum.durationMs += slices.duration[i] as number;
    if ((slices.duration[i] as number) > (slices.duration[sum.longest] as number)) sum.longest = i;
  }
  return [...sums.values()].sort((a, b) => b.totalMs - a.totalMs || a.name - b.name || a.kind - b.kind);
}
