// Groups of runs as lines of a chart: the mean of each, its band, and how many runs it is of.
import { aggregate, type Band } from '../../base/aggregate';
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

/**
 * One line for each group that has points. Mean and band are smoothed alike, which keeps the one
 * inside the other.
 */
export function linesOfGroups(groups: readonly RunGroup[], all: readonly Series[], context: GroupContext): LineSeries[] {
  const byRun = new Map(all.map((series) => [series.run, series]));
  const lines: LineSeries[] = [];
  groups.forEach((group, rank) => {
    const members = group.runs.map((run) => byRun.get(run)).filter((series) => series !== undefined && series.step.length > 0) as Series[];
    if (members.length === 0) return;
    const curves = members.map((series) => ({
      x: xColumn(series, context.x, context.startTime(series.run)),
      y: series.mean,
      nonfinite: series.nonfinite,
    }));
    const found = aggregate(curves, context.band);
    const drawn = (column: Float64Array) => (context.smoothing > 0 ? smooth(column, context.smoothing) : column);
    const mean = drawn(found.mean);
    // Where the axis shows times, a zoom still needs steps: those that the runs had reached by then.
    const step =
      context.x === 'step' ? found.x : aggregate(members.map((series, i) => ({ ...curves[i]!, y: series.step })), 'none').mean.map(Math.round);
    lines.push({
      id: `group ${rank}`,
      label: group.label,
      ...context.colour(rank),
      x: found.x,
      step,
      y: mean,
      raw: mean,
      min: context.band === 'none' ? null : drawn(found.low),
      max: context.band === 'none' ? null : drawn(found.high),
      nonfinite: found.nonfinite.some((count) => count > 0) ? found.nonfinite : null,
      members: found.count,
    });
  });
  return lines;
}
