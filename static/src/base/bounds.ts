// The ends of an axis that are set by hand, "MIN..MAX" in the address bar; either may be left out. Those of one
// chart are entries "MIN..MAX TAG". Pure.
import type { Range } from './stats';

export interface Bounds {
  /** null: as the values ask for. */
  readonly min: number | null;
  readonly max: number | null;
}

export const kNoBounds: Bounds = { min: null, max: null };

/** More entries than this make a link too long to pass on; the oldest are forgotten. */
const kEntriesMax = 60;

/** So that the length of every axis is a number. */
export const kEndMax = 1e300;

const kNumber = String.raw`-?\d+(?:\.\d+)?(?:e[+-]?\d+)?`;
const kBounds = new RegExp(`^(${kNumber})?\\.\\.(${kNumber})?$`);

function endOf(text: string | undefined): number | null {
  const value = text === undefined ? NaN : Number(text);
  return Math.abs(value) <= kEndMax ? value : null;
}

/** Whether an axis can be drawn between them. */
export function isOrdered({ min, max }: Bounds): boolean {
  return min === null || max === null || min < max;
}

/** Never fails: what cannot be read, or drawn, is no bounds. */
export function parseBounds(text: string): Bounds {
  const match = kBounds.exec(text);
  const bounds = match === null ? kNoBounds : { min: endOf(match[1]), max: endOf(match[2]) };
  return isOrdered(bounds) ? bounds : kNoBounds;
}

export function isSet({ min, max }: Bounds): boolean {
  return min !== null || max !== null;
}

/** Empty for no bounds. */
export function formatBounds(bounds: Bounds): string {
  return isSet(bounds) ? `${bounds.min ?? ''}..${bounds.max ?? ''}` : '';
}

const tagOf = (entry: string) => entry.slice(entry.indexOf(' ') + 1);

/** Of one tag alone. */
export function boundsOf(entries: readonly string[], tag: string): Bounds {
  const entry = entries.find((one) => tagOf(one) === tag);
  return entry === undefined ? kNoBounds : parseBounds(entry.slice(0, entry.indexOf(' ')));
}

export function withBounds(entries: readonly string[], tag: string, bounds: Bounds): string[] {
  const others = entries.filter((one) => tagOf(one) !== tag);
  const text = formatBounds(bounds);
  return text === '' ? others : [...others, `${text} ${tag}`].slice(-kEntriesMax);
}

/** Each end by its own setting, else as all have it, where an axis can be drawn between them. */
export function withDefaults(own: Bounds, all: Bounds): Bounds {
  const both = { min: own.min ?? all.min, max: own.max ?? all.max };
  return isOrdered(both) ? both : own;
}

/**
 * `found` with its ends where `bounds` set them. An automatic end that would lie beyond the one that is set goes to its
 * other side; a logarithmic axis cannot begin at 0 or below.
 */
export function boundedRange(found: Range, bounds: Bounds, isLog: boolean): Range {
  const usable = (end: number | null) => (end === null || (isLog && end <= 0) ? null : end);
  const [min, max] = [usable(bounds.min), usable(bounds.max)];
  if (min !== null && max !== null) return { min, max };
  if (min !== null) return { min, max: found.max > min ? found.max : beyond(min, 1, isLog) };
  if (max !== null) return { min: found.min < max ? found.min : beyond(max, -1, isLog), max };
  return found;
}

function beyond(end: number, direction: 1 | -1, isLog: boolean): number {
  return isLog ? end * 10 ** direction : end + direction * (end === 0 ? 1 : Math.abs(end) * 0.1);
}
