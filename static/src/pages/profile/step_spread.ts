// How long steps take: a mean hides the few that everyone waits for. Pure.
import { quantileSorted } from '../../base/stats';

export interface StepSpread {
  readonly medianMs: number;
  /** Of 100 steps 95 take no longer. */
  readonly mostMs: number;
  readonly longestMs: number;
  readonly longestStep: number;
}

const kStepsMin = 20;

/** `totals`: milliseconds of each step, all phases together. null of fewer steps than a share of them means something. */
export function spreadOf(step: Float64Array, totals: Float64Array): StepSpread | null {
  if (totals.length < kStepsMin) return null;
  const sorted = totals.slice().sort();
  const longest = totals.indexOf(sorted[sorted.length - 1] as number);
  return {
    medianMs: quantileSorted(sorted, 0.5),
    mostMs: quantileSorted(sorted, 0.95),
    longestMs: totals[longest] as number,
    longestStep: step[longest] as number,
  };
}
