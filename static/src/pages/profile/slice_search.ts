// Slices by their names, one after another in time. Pure.
import type { TextFilter } from '../../base/regex';
import type { Slices } from './timeline';

/** Indices of the slices whose name matches, by start. */
export function matchesOf(slices: Slices, filter: TextFilter): Uint32Array {
  const isMatch = slices.names.map((name) => filter.matches(name));
  const found: number[] = [];
  slices.name.forEach((name, index) => isMatch[name] === true && found.push(index));
  return Uint32Array.from(found.sort((a, b) => (slices.start[a] as number) - (slices.start[b] as number) || a - b));
}

/**
 * Place among the matches of the one after `selected`, or before it, round and round; `selected` need not match. Without
 * one (-1) the first that starts at `from` or later. -1 where nothing matches.
 */
export function nextMatch(
  matches: Uint32Array,
  slices: Slices,
  selected: number,
  direction: 1 | -1,
  from: number,
): number {
  if (matches.length === 0) return -1;
  const start = selected < 0 ? from : (slices.start[selected] as number);
  const isAfter = (index: number) => {
    const one = slices.start[index] as number;
    return one > start || (one === start && index > selected);
  };
  const after = matches.findIndex(isAfter);
  const next = after < 0 ? matches.length : after;
  if (direction === 1) return next % matches.length;
  const before = matches[next - 1] === selected ? next - 2 : next - 1;
  return (before + matches.length) % matches.length;
}
