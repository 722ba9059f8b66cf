// A series over the values of another metric of its run, as of epochs or tokens, instead of its steps. Pure.
import { interpolate, type Series } from './series';

/** At the last of the points that each row stands for, as its step is: of a metric that only grows that is the largest. */
function atRowEnds({ min, max, mean }: Series): Float64Array {
  const isEach = (holds: (i: number) => boolean) => mean.every((_, i) => i === 0 || holds(i));
  if (isEach((i) => !((max[i - 1] as number) > (min[i] as number)))) return max;
  if (isEach((i) => !((min[i - 1] as number) < (max[i] as number)))) return min;
  return mean;
}

function rowsOf(series: Series, at: Float64Array, rows: readonly number[]): Series {
  const doubles = (column: Float64Array) => Float64Array.from(rows, (row) => column[row] as number);
  const counts = (column: Uint32Array) => Uint32Array.from(rows, (row) => column[row] as number);
  const count = counts(series.count);
  return {
    run: series.run,
    tag: series.tag,
    points: count.reduce((sum, points) => sum + points, 0),
    step: doubles(series.step),
    wallTime: doubles(series.wallTime),
    mean: doubles(series.mean),
    min: doubles(series.min),
    max: doubles(series.max),
    count,
    nonfinite: counts(series.nonfinite),
    at: doubles(at),
  };
}

// A live card gets new rows for a few of its runs: what was made of all others is kept.
const kept = new WeakMap<Series, { metric: Series; found: Series }>();

/**
 * The rows that lie between the first and the last step of `metric`, each with its value there: between two of its
 * points on the line through them, so that neither needs to be logged at the steps of the other.
 */
export function overMetric(series: Series, metric: Series): Series {
  const old = kept.get(series);
  if (old?.metric === metric) return old.found;
  const at = interpolate({ ...metric, mean: atRowEnds(metric) }, series.step);
  const rows = Array.from(at.keys()).filter((row) => Number.isFinite(at[row]));
  const found = rows.length === at.length ? { ...series, at } : rowsOf(series, at, rows);
  kept.set(series, { metric, found });
  return found;
}

/** Of tags the one that curves are likely to be wanted over; empty where there is none. */
export function likelyMetric(tags: readonly string[]): string {
  const kLikely = [/epoch/i, /tokens?\b/i, /samples?\b|examples?\b|images?\b/i, /time|hours?\b/i];
  const found = kLikely.map((pattern) => tags.find((tag) => pattern.test(tag)));
  return found.find((tag) => tag !== undefined) ?? tags[0] ?? '';
}
