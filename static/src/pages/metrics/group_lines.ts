// Groups of runs as lines of a chart: the mean of each, its band, and how many runs it is of.
import { aggregate, edgesOf, partsOf, type Aggregate, type Band, type Curve, type Part } from '../../base/aggregate';
import { isAscending } from '../../base/search';
import { xColumn, type Series, type XAxis } from '../../base/series';
import { smooth } from '../../base/smoothing';
import type { LineSeries } from '../../charts/lines';
import type { RunGroup } from './run_groups';

export interface GroupContext {
  readonly colour: (group: number) => { colour: string; dash: readonly number[] };
  readonly startTime: (run: number) => number;
  readonly x: XAxis;
  readonly smoothing: number;
  readonly band: Band;
}

export interface GroupCurve {
  /** Of the group among all, which is its colour. */
  readonly rank: number;
  readonly group: RunGroup;
  /** Its runs that have points. */
  readonly members: readonly Series[];
  readonly found: Aggregate;
  /** The step of each x. */
  readonly step: Float64Array;
}

type MemberCurve = Curve & { readonly step: Float64Array };

/** A mean goes along its x: points that a clock which was set back laid before earlier ones come in their place. */
function sortedByX(curve: MemberCurve): MemberCurve {
  const { x, y, step, count, nonfinite } = curve;
  if (isAscending(x)) return curve;
  const order = Array.from(x.keys()).sort((a, b) => (x[a] as number) - (x[b] as number));
  const doubles = (column: Float64Array) => Float64Array.from(order, (i) => column[i] as number);
  const counts = (column: Uint32Array) => Uint32Array.from(order, (i) => column[i] as number);
  return { x: doubles(x), y: doubles(y), step: doubles(step), count: counts(count), nonfinite: counts(nonfinite) };
}

/** The mean of each group that has points. */
export function curvesOfGroups(
  groups: readonly RunGroup[],
  all: readonly Series[],
  context: Pick<GroupContext, 'startTime' | 'x'>,
): GroupCurve[] {
  const byRun = new Map(all.map((series) => [series.run, series]));
  return groups.flatMap((group, rank) => {
    const members = group.runs
      .map((run) => byRun.get(run))
      .filter((series) => series !== undefined && series.step.length > 0) as Series[];
    if (members.length === 0) return [];
    const curves = members.map((series) =>
      sortedByX({
        x: xColumn(series, context.x, context.startTime(series.run)),
        y: series.mean,
        step: series.step,
        count: series.count,
        nonfinite: series.nonfinite,
      }),
    );
    const found = aggregate(curves);
    // Where the axis shows times, a zoom still needs steps: those that the runs had reached by then.
    const reached = () => aggregate(curves.map((curve) => ({ ...curve, y: curve.step }))).mean.map(Math.round);
    return [{ rank, group, members, found, step: context.x === 'step' ? found.x : reached() }];
  });
}

/** Each part by itself: a run that ended has no say in what comes after it. */
function smoothParts(column: Float64Array, found: Aggregate, parts: readonly Part[], smoothing: number): Float64Array {
  if (!(smoothing > 0)) return column;
  const out = new Float64Array(column.length);
  const weight = found.values.map((values) => Math.max(1, values));
  for (const { from, to } of parts)
    out.set(smooth(column.subarray(from, to), smoothing, weight.subarray(from, to)), from);
  return out;
}

/**
 * One line for each group that has points. Mean and band are smoothed alike, which keeps the one
 * inside the other.
 */
export function linesOfGroups(
  groups: readonly RunGroup[],
  all: readonly Series[],
  context: GroupContext,
): LineSeries[] {
  return curvesOfGroups(groups, all, context).map(({ rank, group, found, step }) => {
    const parts = partsOf(found.count);
    const drawn = (column: Float64Array) => smoothParts(column, found, parts, context.smoothing);
    const mean = drawn(found.mean);
    const [low, high] = context.band === 'none' ? [null, null] : edgesOf(found, context.band).map(drawn);
    return {
      id: `group ${rank}`,
      label: group.label,
      ...context.colour(rank),
      x: found.x,
      step,
      y: mean,
      raw: mean,
      min: low ?? null,
      max: high ?? null,
      nonfinite: found.nonfinite.some((count) => count > 0) ? found.nonfinite : null,
      members: found.count,
      parts,
    };
  });
}
