// Which call on the host put which work on a GPU: what has the same correlation id. Pure.
import { lastOf } from '../../base/search';
import { kIsOnHost, type Slices } from './timeline';

export interface SliceLinks {
  /** Of each slice of the GPU, the slice of the host that launched it; -1: not known. */
  readonly cause: Int32Array;
  /** Of each slice of the host that launched any, what it launched, by start. */
  readonly effects: ReadonlyMap<number, readonly number[]>;
}

const kNothing: readonly number[] = [];

/**
 * A program that starts anew counts its correlation ids anew: of several calls with one id, that which began last before
 * the work. Work that began before all of them, as clocks that differ may have it, is the first one's.
 */
export function linksOf(slices: Slices): SliceLinks {
  const startOf = (index: number) => slices.start[index] as number;
  const byStart = (a: number, b: number) => startOf(a) - startOf(b) || a - b;
  const calls = new Map<number, number[]>();
  slices.correlation.forEach((id, index) => {
    if (id === 0 || !kIsOnHost[slices.kind[index] ?? 0]) return;
    const list = calls.get(id);
    if (list === undefined) calls.set(id, [index]);
    else list.push(index);
  });
  calls.forEach((list) => list.sort(byStart));
  const cause = new Int32Array(slices.start.length).fill(-1);
  const effects = new Map<number, number[]>();
  slices.correlation.forEach((id, index) => {
    const list = kIsOnHost[slices.kind[index] ?? 0] ? undefined : calls.get(id);
    if (list === undefined) return;
    const call = lastOf(list, (one) => startOf(one) <= startOf(index)) ?? (list[0] as number);
    cause[index] = call;
    const launched = effects.get(call);
    if (launched === undefined) effects.set(call, [index]);
    else launched.push(index);
  });
  effects.forEach((list) => list.sort(byStart));
  return { cause, effects };
}

export function effectsOf(links: SliceLinks, index: number): readonly number[] {
  return links.effects.get(index) ?? kNothing;
}

/** The slice at the other end of an arrow: what a slice launched first (1), or what launched it (-1); -1 for none. */
export function linked(links: SliceLinks, index: number, direction: 1 | -1): number {
  if (index < 0) return -1;
  return direction === 1 ? (effectsOf(links, index)[0] ?? -1) : (links.cause[index] ?? -1);
}
