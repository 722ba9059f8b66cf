// A list of what was logged at steps that grows at its end. Pure.

export interface AtStep {
  readonly step: number;
}

/** Neighbours may stand a little nearer to each other than the mean of those that were spread evenly. */
const kNearest = 0.75;

export function lastStepOf(list: readonly AtStep[]): number {
  return list[list.length - 1]?.step ?? -Infinity;
}

/** Steps between neighbours of a list that was cut down to `most`; 0 where all there are is listed. */
export function gapOf(list: readonly AtStep[], most: number): number {
  return list.length < most ? 0 : (lastStepOf(list) - (list[0]?.step ?? 0)) / Math.max(1, list.length - 1);
}

/**
 * The list with `tail` in place of what lies from step `from` on. Of the tail those are kept that stand about `gap` steps
 * behind what is kept before them, and the last one.
 */
export function withTail<T extends AtStep>(list: readonly T[], tail: readonly T[], from: number, gap: number): T[] {
  const kept = list.filter((one) => one.step < from);
  tail.forEach((one, i) => {
    const isLast = i === tail.length - 1;
    if (isLast || one.step - lastStepOf(kept) >= kNearest * gap) kept.push(one);
  });
  return kept;
}
