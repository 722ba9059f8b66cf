// Small statistics over columns.
import { scaleLinear } from 'd3-scale';

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Quantile by linear interpolation of an ascending column; NaN if empty. */
export function quantileSorted(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) return NaN;
  const at = (sorted.length - 1) * q;
  const below = Math.floor(at);
  const a = sorted[below] ?? NaN;
  const b = sorted[Math.min(below + 1, sorted.length - 1)] ?? NaN;
  return a + (b - a) * (at - below);
}

/** Extent of the finite values; null where there is none. `positiveOnly` serves logarithmic axes. */
export function extent(columns: readonly ArrayLike<number>[], positiveOnly = false): Range | null {
  let min = Infinity;
  let max = -Infinity;
  for (const column of columns) {
    for (let i = 0; i < column.length; i++) {
      const value = column[i] as number;
      if (!Number.isFinite(value) || (positiveOnly && value <= 0)) continue;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return min <= max ? { min, max } : null;
}

/** Row by row; what is not finite counts as 0. */
export function sumsOf(columns: readonly Float64Array[], rows: number): Float64Array {
  const sums = new Float64Array(rows);
  for (const column of columns) column.forEach((value, i) => (sums[i]! += Number.isFinite(value) ? value : 0));
  return sums;
}

const kQuantileSamples = 20_000;

/**
 * The extent of one run without outliers: the 5th to 95th percentile and as much again on both sides, as far as
 * there are values. A curve that falls from its start keeps its start; a spike does not set the scale.
 */
export function robustExtent(columns: readonly ArrayLike<number>[], positiveOnly = false): Range | null {
  const whole = extent(columns, positiveOnly);
  if (whole === null) return null;
  // Percentiles of many values do not need all of them: every k-th of each column serves.
  const total = columns.reduce((sum, column) => sum + column.length, 0);
  const stride = Math.max(1, Math.floor(total / kQuantileSamples));
  const finite: number[] = [];
  for (const column of columns) {
    for (let i = 0; i < column.length; i += stride) {
      const value = column[i] as number;
      if (Number.isFinite(value) && !(positiveOnly && value <= 0)) finite.push(value);
    }
  }
  if (finite.length === 0) return whole;
  const sorted = Float64Array.from(finite).sort();
  const scale = positiveOnly ? Math.log10 : (value: number) => value;
  const unscale = positiveOnly ? (value: number) => 10 ** value : (value: number) => value;
  const low = scale(quantileSorted(sorted, 0.05));
  const high = scale(quantileSorted(sorted, 0.95));
  if (low === high) return whole;
  return {
    min: Math.max(whole.min, unscale(low - (high - low))),
    max: Math.min(whole.max, unscale(high + (high - low))),
  };
}

/**
 * How far from what most runs show, in heights of that, a run may set the scale: as for the points of one run once more,
 * and further the fewer runs there are to say what is usual. And how far in distances between runs.
 */
const heightsAway = (runs: number) => 1 + 4 / runs;
const kDistancesAway = 5;
/**
 * What leaves the picture must be worth it: the others are to stand at least so many times as high without it. More than
 * a third of all runs are seldom outliers, as of learning rates of which one is ten times the other; decades show both.
 */
const kWorthLeaving = { few: 2, many: 6 };

/** Of an even number the lower one: of two runs, one that is out of bounds is not half of the measure. */
function lowerMedian(values: readonly number[]): number {
  return Float64Array.from(values).sort()[(values.length - 1) >> 1] as number;
}

/**
 * The extent of several runs without outliers. Each run counts once, however many points it has: first its own
 * outliers are left out, then the axis ends at a distance from where most runs are, so that one which diverges leaves
 * the picture instead of flattening the others.
 */
export function robustExtentOfRuns(
  runs: readonly (readonly ArrayLike<number>[])[],
  positiveOnly = false,
): Range | null {
  const found = runs.map((columns) => robustExtent(columns, positiveOnly)).filter((one) => one !== null);
  const whole = extent([found.map(({ min }) => min), found.map(({ max }) => max)], positiveOnly);
  if (whole === null || found.length === 1) return whole;
  const scale = positiveOnly ? Math.log10 : (value: number) => value;
  const unscale = positiveOnly ? (value: number) => 10 ** value : (value: number) => value;
  const ranges = found.map(({ min, max }) => ({ min: scale(min), max: scale(max) }));
  const middles = ranges.map(({ min, max }) => min + (max - min) / 2);
  const middle = lowerMedian(middles);
  const distance = lowerMedian(middles.map((one) => Math.abs(one - middle)));
  const height = lowerMedian(ranges.map(({ min, max }) => max - min));
  // Ranges that do not meet, as of two runs, have their edges the other way round.
  const edges = [lowerMedian(ranges.map(({ max }) => max)), -lowerMedian(ranges.map(({ min }) => -min))] as const;
  const [low, high] = [Math.min(...edges), Math.max(...edges)];
  // Most runs are one value each, as a result is: there is no measure of what is far, and a point that is cut is gone.
  if (!(height > 0)) return whole;
  const air = Math.max(heightsAway(ranges.length) * Math.max(height, high - low), kDistancesAway * distance);
  const [min, max] = [Math.max(scale(whole.min), low - air), Math.min(scale(whole.max), high + air)];
  const leaving = ranges.filter((one) => one.min < min || one.max > max).length;
  const worth = 3 * leaving > ranges.length && !positiveOnly ? kWorthLeaving.many : kWorthLeaving.few;
  if (scale(whole.max) - scale(whole.min) < worth * (max - min)) return whole;
  return { min: unscale(min), max: unscale(max) };
}

/** What spans many ranges, and how many of them reach beyond it. */
export interface CommonRange {
  readonly range: Range;
  readonly beyond: number;
}

/** One in twenty may be left out, where it is further away than twenty times what the others span; of few none. */
const kFarShare = 0.05;
const kFarTimes = 20;
const kFewest = 4;

/** Of ranges that follow each other, as of a tag's steps: all of them, but for the few that would flatten the others. */
export function commonRange(ranges: readonly Range[]): CommonRange | null {
  const middle = lowerMedian(ranges.map(({ min, max }) => min / 2 + max / 2));
  const reach = ({ min, max }: Range) => Math.max(middle - min, max - middle);
  const spanned = (of: readonly Range[]) => extent([of.map(({ min }) => min), of.map(({ max }) => max)]);
  const sorted = [...ranges].sort((a, b) => reach(a) - reach(b));
  const few = ranges.length < kFewest ? 0 : Math.max(1, Math.floor(ranges.length * kFarShare));
  const others = spanned(sorted.slice(0, ranges.length - few));
  if (others === null) return null;
  const farthest = kFarTimes * (others.max - others.min);
  // Of others that are all the same there is no measure of what is far.
  const kept = farthest > 0 ? sorted.filter((one) => reach(one) <= farthest) : sorted;
  return { range: spanned(kept) as Range, beyond: ranges.length - kept.length };
}

/** What an axis shows of values that are all the same: a tenth to both sides; of zeros 0 to 1. */
export function flatRange(value: number): Range {
  if (value === 0) return { min: 0, max: 1 };
  const air = Math.abs(value) * 0.1;
  return { min: value - air, max: value + air };
}

/** A range with air on both sides, and never empty. */
export function padRange(range: Range, share = 0.05, isLog = false): Range {
  if (isLog) {
    const low = Math.log10(range.min);
    const high = Math.log10(range.max);
    const air = Math.max((high - low) * share, 0.05);
    return { min: 10 ** (low - air), max: 10 ** (high + air) };
  }
  if (range.min === range.max && range.max !== 0) return flatRange(range.max);
  const { min, max } = range.min === range.max ? flatRange(0) : range;
  const air = (max - min) * share;
  return { min: min - air, max: max + air };
}

/** Round tick positions inside a range, about as many as asked for; none of a range that is wider than any number. */
export function niceTicks(range: Range, about: number): number[] {
  if (!Number.isFinite(range.max - range.min)) return [];
  return scaleLinear([range.min, range.max], [0, 1]).ticks(Math.max(1, Math.floor(about)));
}

/**
 * A bucket as it can be drawn: the outermost one of values that held an infinity or a NaN reaches there, and stands at
 * its other end.
 */
function bucketOf(edges: ArrayLike<number>, i: number): [low: number, high: number] {
  const [low, high] = [edges[i] as number, edges[i + 1] as number];
  if (Number.isFinite(low) && Number.isFinite(high)) return [low, high];
  const end = Number.isFinite(low) ? low : Number.isFinite(high) ? high : NaN;
  return [end, end];
}

/**
 * The value below which a share `q` of a histogram's mass lies, mass spread evenly in a bucket.
 * `edges` has one element more than `counts`. NaN for an empty histogram.
 */
export function histogramQuantile(edges: ArrayLike<number>, counts: ArrayLike<number>, q: number): number {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i] as number;
  if (!(total > 0)) return NaN;
  let left = q * total;
  for (let i = 0; i < counts.length; i++) {
    const mass = counts[i] as number;
    if (mass > 0 && left <= mass) {
      const [low, high] = bucketOf(edges, i);
      return low + (high - low) * Math.max(0, left / mass);
    }
    left -= mass;
  }
  return bucketOf(edges, counts.length - 1)[1];
}

/**
 * Spreads a histogram over `bins` equal bins of `range`: what a ridge needs, since every step has
 * edges of its own. Mass is shared by overlap; a bucket without width goes whole into its bin.
 */
export function rebin(edges: ArrayLike<number>, counts: ArrayLike<number>, range: Range, bins: number): Float64Array {
  const out = new Float64Array(bins);
  const width = (range.max - range.min) / bins;
  if (!(width > 0)) return out;
  for (let i = 0; i < counts.length; i++) {
    const mass = counts[i] as number;
    if (!(mass > 0)) continue;
    const [low, high] = bucketOf(edges, i);
    if (!(high > low)) {
      const bin = Math.floor((low - range.min) / width);
      if (bin >= 0 && bin <= bins) out[Math.min(bin, bins - 1)]! += mass;
      continue;
    }
    const first = Math.max(0, Math.floor((low - range.min) / width));
    const last = Math.min(bins - 1, Math.floor((high - range.min) / width));
    for (let bin = first; bin <= last; bin++) {
      const from = Math.max(low, range.min + bin * width);
      const to = Math.min(high, range.min + (bin + 1) * width);
      if (to > from) out[bin]! += (mass * (to - from)) / (high - low);
    }
  }
  return out;
}
