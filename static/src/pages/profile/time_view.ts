// The milliseconds that a timeline shows, and what moving and zooming make of them. `whole` is the length of all. Pure.

export interface TimeView {
  readonly from: number;
  readonly to: number;
}

/** Nearer than this, in milliseconds, there is nothing to see: clocks tell nanoseconds. */
const kSpanMin = 1e-5;
/** An end this near to that of the whole is that end: zooming in and out again leaves the last digits of a double. */
const kSnap = 1e-6;

/** The same span, as far as there is one, within 0 and `whole`. */
export function clamped({ from, to }: TimeView, whole: number): TimeView {
  const span = Math.min(whole, Math.max(kSpanMin, to - from));
  const begin = Math.min(Math.max(0, from), whole - span);
  return { from: begin < kSnap ? 0 : begin, to: begin + span > whole - kSnap ? whole : begin + span };
}

/** `at` stays where it is; a factor below 1 shows less. */
export function zoomed({ from, to }: TimeView, at: number, factor: number, whole: number): TimeView {
  const span = Math.min(whole, Math.max(kSpanMin, (to - from) * factor));
  const begin = at - ((at - from) / (to - from)) * span;
  return clamped({ from: begin, to: begin + span }, whole);
}

/** By a share of what is shown. */
export function moved({ from, to }: TimeView, share: number, whole: number): TimeView {
  const by = (to - from) * share;
  return clamped({ from: from + by, to: to + by }, whole);
}

/** A time with as much air around it as lets its surroundings be seen. */
export function around(from: number, to: number, whole: number): TimeView {
  const span = Math.max(kSpanMin, to - from);
  return clamped({ from: from - span, to: to + span }, whole);
}

/** As it is where the time is seen in it, and at least `least` of it wide; else moved there, and zoomed in if need be. */
export function revealing(view: TimeView, from: number, to: number, least: number, whole: number): TimeView {
  const span = view.to - view.from;
  if (to - from < span * least) return around(from, to, whole);
  if (from >= view.from && to <= view.to) return view;
  const wide = Math.max(span, (to - from) * 1.2);
  const middle = (from + to) / 2;
  return clamped({ from: middle - wide / 2, to: middle + wide / 2 }, whole);
}

export function isWhole({ from, to }: TimeView, whole: number): boolean {
  return from <= 0 && to >= whole;
}

const kUnits: Readonly<Record<string, number>> = { s: 1e3, ms: 1, '': 1, us: 1e-3, µs: 1e-3, μs: 1e-3, ns: 1e-6 };

function parseTime(text: string): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*(s|ms|[uµμ]s|ns|)$/.exec(text.trim());
  return match === null ? NaN : Number(match[1]) * (kUnits[match[2] as string] as number);
}

/**
 * Where a user wants to go: "12.5", "3 ms" or "1.2 s" into the middle of what is shown, "3..4 ms" and "3 - 4" so that they
 * are all of it. null for what is no time, or none of the whole.
 */
export function viewAt(text: string, view: TimeView, whole: number): TimeView | null {
  const ends = text.split(/\.\.|-|–/);
  const unit = /[a-zµμ]*\s*$/.exec(text)?.[0] ?? '';
  const [from = NaN, to = from] = ends.map((end) => parseTime(/[a-zµμ]\s*$/.test(end) ? end : end + unit));
  if (ends.length > 2 || !(from >= 0 && from <= to && from <= whole)) return null;
  const span = from < to ? to - from : view.to - view.from;
  const begin = from < to ? from : from - span / 2;
  return clamped({ from: begin, to: begin + span }, whole);
}
