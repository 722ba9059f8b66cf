// A scalar series as columns, and what the live page does with it: append the tail, never redo the
// whole. A row stands for `count` consecutive points; with count 1 it is the point itself.

export interface Series {
  readonly run: number;
  readonly tag: string;
  /** Points that the rows stand for. */
  readonly points: number;
  readonly step: Float64Array;
  readonly wallTime: Float64Array;
  readonly mean: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly count: Uint32Array;
  readonly nonfinite: Uint32Array;
  /** What another metric is at each row, where curves are drawn over that (base/metric_axis.ts). */
  readonly at?: Float64Array;
}

export function lastStep(series: Series): number {
  return series.step.length === 0 ? -Infinity : (series.step[series.step.length - 1] as number);
}

function concat64(a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(a.length + b.length);
  out.set(a, 0);
  out.set(b, a.length);
  return out;
}

function concat32(a: Uint32Array, b: Uint32Array): Uint32Array {
  const out = new Uint32Array(a.length + b.length);
  out.set(a, 0);
  out.set(b, a.length);
  return out;
}

/**
 * `series` followed by the rows of `tail` that lie after its last step. Rows at or before it are
 * dropped: they are there already. A tail that is empty or older returns `series` itself.
 */
export function appendSeries(series: Series, tail: Series): Series {
  const after = lastStep(series);
  let from = 0;
  while (from < tail.step.length && (tail.step[from] as number) <= after) from++;
  if (from === tail.step.length) return series;
  const count = tail.count.subarray(from);
  let points = series.points;
  for (const rowCount of count) points += rowCount;
  return {
    run: series.run,
    tag: series.tag,
    points,
    step: concat64(series.step, tail.step.subarray(from)),
    wallTime: concat64(series.wallTime, tail.wallTime.subarray(from)),
    mean: concat64(series.mean, tail.mean.subarray(from)),
    min: concat64(series.min, tail.min.subarray(from)),
    max: concat64(series.max, tail.max.subarray(from)),
    count: concat32(series.count, count),
    nonfinite: concat32(series.nonfinite, tail.nonfinite.subarray(from)),
  };
}

/** The largest number of points that a row of the series stands for. */
function pointsPerRow(series: Series): number {
  let most = 1;
  for (const count of series.count) if (count > most) most = count;
  return most;
}

/**
 * Joins neighbouring rows while they stand for at most `pointsMax` points together. A live tail comes
 * point by point; joined, it looks like the summary before it and does not grow for ever. The first
 * and the last row stay rows of their own.
 */
export function joinRows(series: Series, pointsMax: number): Series {
  const rows = series.step.length;
  if (pointsMax < 2 || rows < 4) return series;
  // Row numbers at which a joined row begins.
  const begins: number[] = [0];
  let points = Infinity;
  for (let i = 1; i < rows - 1; i++) {
    points += series.count[i] as number;
    if (points > pointsMax) {
      begins.push(i);
      points = series.count[i] as number;
    }
  }
  begins.push(rows - 1);
  if (begins.length === rows) return series;
  const size = begins.length;
  const out = {
    step: new Float64Array(size),
    wallTime: new Float64Array(size),
    mean: new Float64Array(size),
    min: new Float64Array(size),
    max: new Float64Array(size),
    count: new Uint32Array(size),
    nonfinite: new Uint32Array(size),
  };
  for (let k = 0; k < size; k++) joinInto(out, k, series, begins[k] as number, begins[k + 1] ?? rows);
  return { run: series.run, tag: series.tag, points: series.points, ...out };
}

type Columns = Pick<Series, 'step' | 'wallTime' | 'mean' | 'min' | 'max' | 'count' | 'nonfinite'>;

/** Rows [from, to) of `series` as row `at` of `out`; the step is that of the last point. */
function joinInto(out: Columns, at: number, series: Series, from: number, to: number): void {
  out.step[at] = series.step[to - 1] as number;
  out.wallTime[at] = series.wallTime[to - 1] as number;
  if (to - from === 1) {
    for (const name of ['mean', 'min', 'max', 'count', 'nonfinite'] as const) {
      out[name][at] = series[name][from] as number;
    }
    return;
  }
  let sum = 0;
  let finite = 0;
  let min = Infinity;
  let max = -Infinity;
  for (let i = from; i < to; i++) {
    const count = series.count[i] as number;
    const nonfinite = series.nonfinite[i] as number;
    out.count[at]! += count;
    out.nonfinite[at]! += nonfinite;
    if (count === nonfinite) continue;
    sum += (series.mean[i] as number) * (count - nonfinite);
    finite += count - nonfinite;
    min = Math.min(min, series.min[i] as number);
    max = Math.max(max, series.max[i] as number);
  }
  out.mean[at] = finite > 0 ? sum / finite : NaN;
  out.min[at] = finite > 0 ? min : NaN;
  out.max[at] = finite > 0 ? max : NaN;
}

/** Merges tails into a set of series by run; a run that is new is added at the end. */
export function mergeSeries(all: readonly Series[], tails: readonly Series[]): Series[] {
  const byRun = new Map(tails.map((tail) => [tail.run, tail]));
  const merged = all.map((series) => {
    const tail = byRun.get(series.run);
    byRun.delete(series.run);
    return tail === undefined ? series : joinRows(appendSeries(series, tail), pointsPerRow(series));
  });
  return [...merged, ...byRun.values()];
}

export type XAxis = 'step' | 'relative' | 'wall' | 'metric';

/** The x column: steps, seconds since the run began, seconds since the epoch, or values of another metric. */
export function xColumn(series: Series, axis: XAxis, startTime: number): Float64Array {
  if (axis === 'step') return series.step;
  if (axis === 'wall') return series.wallTime;
  if (axis === 'metric') return series.at ?? new Float64Array(series.step.length).fill(NaN);
  const start = startTime > 0 ? startTime : (series.wallTime[0] ?? 0);
  return series.wallTime.map((time) => Math.max(0, time - start));
}

/**
 * The means of a series at other steps: between two of its rows on the line through them, NaN before
 * the first and behind the last. `steps` ascend.
 */
export function interpolate(series: Series, steps: Float64Array): Float64Array {
  const { step, mean } = series;
  const out = new Float64Array(steps.length).fill(NaN);
  let right = 0;
  for (let i = 0; i < steps.length; i++) {
    const at = steps[i] as number;
    while (right < step.length && (step[right] as number) < at) right++;
    if (right === step.length) break;
    const after = step[right] as number;
    if (after === at) out[i] = mean[right] as number;
    else if (right > 0) {
      const before = step[right - 1] as number;
      const share = (at - before) / (after - before);
      out[i] = (mean[right - 1] as number) * (1 - share) + (mean[right] as number) * share;
    }
  }
  return out;
}
