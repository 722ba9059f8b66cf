// A stored series as a line on a chart.
import { isAscending } from '../base/search';
import { xColumn, type Series, type XAxis } from '../base/series';
import { smooth } from '../base/smoothing';
import type { LineSeries } from './lines';

export interface LineLook {
  label: string;
  colour: string;
  dash: readonly number[];
  startTime: number;
}

// A live chart gets new rows for a few of its runs: the lines of all others are kept.
const kept = new WeakMap<Series, { key: string; line: LineSeries }>();

export function lineOfSeries(series: Series, look: LineLook, x: XAxis, smoothing: number): LineSeries {
  const key = `${look.label}|${look.colour}|${look.dash.join()}|${look.startTime}|${x}|${smoothing}`;
  const old = kept.get(series);
  if (old?.key === key) return old.line;
  const line = makeLine(series, look, x, smoothing);
  kept.set(series, { key, line });
  return line;
}

function makeLine(series: Series, look: LineLook, x: XAxis, smoothing: number): LineSeries {
  const at = xColumn(series, x, look.startTime);
  const isSummary = series.count.some((count) => count > 1);
  return {
    id: `${series.run}/${series.tag}`,
    owner: `${series.run}`,
    label: look.label,
    colour: look.colour,
    dash: look.dash,
    x: at,
    goesBack: !isAscending(at),
    step: series.step,
    y: smoothing > 0 ? smooth(series.mean, smoothing, series.count) : series.mean,
    raw: series.mean,
    min: isSummary ? series.min : null,
    max: isSummary ? series.max : null,
    nonfinite: series.nonfinite.some((count) => count > 0) ? series.nonfinite : null,
  };
}
