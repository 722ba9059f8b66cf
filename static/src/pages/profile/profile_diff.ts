// Times of two runs side by side: of phases a step, of kernels a call. Pure.
import type { Kernel } from '../../api/types';
import type { PhaseShare } from './phases';

/** What one name takes in the run, and in the one that it is compared with; NaN: it is not there. */
export interface TimePair {
  readonly name: string;
  readonly ms: number;
  readonly otherMs: number;
}

export interface KernelPair extends TimePair {
  readonly kind: string;
  /** Calls. */
  readonly count: number;
  readonly otherCount: number;
}

function pairs<T>(mine: readonly T[], others: readonly T[], key: (one: T) => string): [T | undefined, T | undefined][] {
  const theirs = new Map(others.map((one) => [key(one), one]));
  const own = new Set(mine.map(key));
  return [
    ...mine.map((one): [T, T | undefined] => [one, theirs.get(key(one))]),
    ...others.filter((one) => !own.has(key(one))).map((one): [undefined, T] => [undefined, one]),
  ];
}

/** What changes a step most first. */
export function phasePairs(mine: readonly PhaseShare[], others: readonly PhaseShare[]): TimePair[] {
  const change = ({ ms, otherMs }: TimePair) => Math.abs((ms || 0) - (otherMs || 0));
  return pairs(mine, others, (one) => one.name)
    .map(([one, other]) => ({
      name: (one ?? other)?.name ?? '',
      ms: one?.meanMs ?? NaN,
      otherMs: other?.meanMs ?? NaN,
    }))
    .sort((a, b) => change(b) - change(a));
}

/** Which has the greater share of either run's GPU time first. */
export function kernelPairs(mine: readonly Kernel[], others: readonly Kernel[]): KernelPair[] {
  const share = ([one, other]: [Kernel | undefined, Kernel | undefined]) =>
    Math.max(one?.share ?? 0, other?.share ?? 0);
  return pairs(mine, others, ({ kind, name }) => `${kind} ${name}`)
    .sort((a, b) => share(b) - share(a))
    .map(([one, other]) => ({
      name: (one ?? other)?.name ?? '',
      kind: (one ?? other)?.kind ?? '',
      count: one?.count ?? 0,
      otherCount: other?.count ?? 0,
      ms: one?.mean_ms ?? NaN,
      otherMs: other?.mean_ms ?? NaN,
    }));
}

/** Less than a fiftieth says nothing of either. */
const kNoticed = 0.02;

export function verdict({ ms, otherMs }: TimePair): 'slower' | 'faster' | '' {
  if (!(Math.abs(ms - otherMs) > kNoticed * otherMs)) return '';
  return ms > otherMs ? 'slower' : 'faster';
}
