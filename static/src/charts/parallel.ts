// Parallel coordinates (Inselberg, "The plane with parallel coordinates", 1985) as data: where each
// line crosses each axis, and which lines pass the ranges that were chosen on them. Pure: no DOM.
import { compareNames } from '../base/natural_order';
import { flatRange } from '../base/stats';

export type AxisValue = number | string | boolean | null | undefined;

export interface Axis {
  readonly key: string;
  readonly label: string;
  readonly kind: 'linear' | 'log' | 'category';
  /** Of a category axis, from the bottom up; their numbers are 0, 1, ... */
  readonly categories: readonly string[];
  /** The numbers at its ends. */
  readonly min: number;
  readonly max: number;
  /** The number of each line; NaN where it has none. */
  readonly numbers: Float64Array;
}

/** What lies between two numbers of an axis, both included. */
export interface AxisRange {
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

/** From here on a scale of ratios tells more than one of differences. */
const kLogRatio = 50;

function isMissing(value: AxisValue): value is null | undefined {
  return value === null || value === undefined;
}

/**
 * Whether numbers lie far apart, and not only because one of many that are spread evenly, such as a dropout between 0
 * and 1, happens to be tiny: on the better scale their median is nearer to the middle.
 */
function areRatios(numbers: Float64Array, min: number, max: number): boolean {
  if (min <= 0 || max / min < kLogRatio) return false;
  const sorted = numbers.filter((number) => !Number.isNaN(number)).sort();
  const median = sorted[(sorted.length - 1) >> 1] as number;
  const fromMiddle = (share: number) => Math.abs(share - 0.5);
  return fromMiddle(Math.log(median / min) / Math.log(max / min)) <= fromMiddle((median - min) / (max - min));
}

/** An axis over one value per line: numbers, or else categories in the order of their names. */
export function makeAxis(key: string, label: string, values: readonly AxisValue[]): Axis {
  const isNumeric = values.every((value) => isMissing(value) || typeof value === 'number');
  if (!isNumeric) {
    const categories = [...new Set(values.filter((value) => !isMissing(value)).map(String))].sort(compareNames);
    const index = new Map(categories.map((name, i) => [name, i]));
    const numbers = Float64Array.from(values, (value) => (isMissing(value) ? NaN : (index.get(String(value)) ?? NaN)));
    return { key, label, kind: 'category', categories, min: 0, max: Math.max(1, categories.length - 1), numbers };
  }
  const numbers = Float64Array.from(values, (value) =>
    typeof value === 'number' && Number.isFinite(value) ? value : NaN,
  );
  let min = Infinity;
  let max = -Infinity;
  for (const number of numbers) {
    if (number < min) min = number;
    if (number > max) max = number;
  }
  if (min > max) [min, max] = [0, 1];
  if (min === max) ({ min, max } = flatRange(min));
  const kind = areRatios(numbers, min, max) ? 'log' : 'linear';
  return { key, label, kind, categories: [], min, max, numbers };
}

/** 0 at the lower end, 1 at the upper; NaN for NaN. */
export function shareOf(axis: Axis, number: number): number {
  if (axis.kind === 'log') return Math.log(number / axis.min) / Math.log(axis.max / axis.min);
  return (number - axis.min) / (axis.max - axis.min);
}

export function numberAt(axis: Axis, share: number): number {
  if (axis.kind === 'log') return axis.min * (axis.max / axis.min) ** share;
  return axis.min + share * (axis.max - axis.min);
}

/** The range between two places of an axis, in whichever order; about as exact as a pixel. */
export function rangeBetween(axis: Axis, a: number, b: number): AxisRange {
  const clamp = (share: number) => Math.min(1, Math.max(0, share));
  const round = (number: number) => Number(number.toPrecision(4));
  const low = Math.min(a, b);
  const high = Math.max(a, b);
  // An end of the axis is meant exactly.
  const from = low <= 0 ? axis.min : round(numberAt(axis, clamp(low)));
  const to = high >= 1 ? axis.max : round(numberAt(axis, clamp(high)));
  return { key: axis.key, from, to };
}

export function formatRange(range: AxisRange): string {
  return `${range.from}..${range.to}:${range.key}`;
}

/** What is no range is left out. */
export function parseRanges(texts: readonly string[]): AxisRange[] {
  const ranges: AxisRange[] = [];
  for (const text of texts) {
    const dots = text.indexOf('..');
    const colon = text.indexOf(':', dots);
    if (dots < 1 || colon < dots + 3) continue;
    const from = Number(text.slice(0, dots));
    const to = Number(text.slice(dots + 2, colon));
    if (from <= to) ranges.push({ key: text.slice(colon + 1), from, to });
  }
  return ranges;
}

/** The ranges with the one of an axis put in, or taken out. */
export function withRange(ranges: readonly AxisRange[], key: string, range: AxisRange | null): AxisRange[] {
  const others = ranges.filter((one) => one.key !== key);
  return range === null ? others : [...others, range];
}

/** Whether each of `count` lines passes all ranges. A line without a number passes none of its axis. */
export function passing(axes: readonly Axis[], ranges: readonly AxisRange[], count: number): boolean[] {
  const passes = new Array<boolean>(count).fill(true);
  for (const range of ranges) {
    const axis = axes.find((one) => one.key === range.key);
    if (axis === undefined) continue;
    for (let i = 0; i < count; i++) {
      const number = axis.numbers[i] as number;
      if (!(number >= range.from && number <= range.to)) passes[i] = false;
    }
  }
  return passes;
}

/**
 * The line that passes nearest above or below a point, in shares of the height: `x` is counted in
 * axes, `y` from the bottom. -1 when none comes within `reach`.
 */
export function nearestLine(
  axes: readonly Axis[],
  passes: readonly boolean[],
  x: number,
  y: number,
  reach: number,
): number {
  const left = Math.min(axes.length - 2, Math.max(0, Math.floor(x)));
  const a = axes[left];
  const b = axes[left + 1];
  if (a === undefined || b === undefined) return -1;
  const along = x - left;
  let best = -1;
  let distance = reach;
  passes.forEach((isShown, i) => {
    if (!isShown) return;
    const at = heightOf(a, i) * (1 - along) + heightOf(b, i) * along;
    if (Math.abs(at - y) <= distance) {
      distance = Math.abs(at - y);
      best = i;
    }
  });
  return best;
}

/** Where lines without a number cross, below the axis. */
export const kMissingShare = -0.08;

export function heightOf(axis: Axis, line: number): number {
  const share = shareOf(axis, axis.numbers[line] as number);
  return Number.isNaN(share) ? kMissingShare : share;
}

/** Pixels beside the first and the last axis, between neighbours at least, and of a letter. */
export const kSide = 60;
const kGapMin = 54;
const kLetter = 6.2;
const kLettersMax = 20;
/** Nearer to each other than this, axes have their names at two heights in turn: each has the room of two then. */
const kGapOfNames = 84;

export interface AxesLayout {
  readonly width: number;
  readonly gap: number;
  readonly isStaggered: boolean;
  /** Of names, and of values. */
  readonly nameLetters: number;
  readonly letters: number;
}

/** Where a picture of `outer` pixels has its axes; it is wider where they need it. */
export function spreadAxes(outer: number, axes: number): AxesLayout {
  const gaps = Math.max(1, axes - 1);
  const width = Math.max(outer, 2 * kSide + gaps * kGapMin);
  const gap = axes > 1 ? (width - 2 * kSide) / gaps : 0;
  const isStaggered = axes > 1 && gap < kGapOfNames;
  const lettersIn = (room: number) =>
    Math.min(kLettersMax, Math.floor(Math.min(axes > 1 ? room : width, 2 * kSide) / kLetter));
  const nameLetters = lettersIn((isStaggered ? 2 * gap : gap) - 8);
  return { width, gap, isStaggered, nameLetters, letters: lettersIn(gap - 8) };
}
