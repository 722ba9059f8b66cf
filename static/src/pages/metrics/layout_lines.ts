// The lines of a layout's chart: series of many tags and runs, told apart by colour and dash.
import { rankColour, rankDash } from '../../base/colour';
import type { Series, XAxis } from '../../base/series';
import type { CustomChart } from '../../api/media_types';
import { lineOfSeries } from '../../charts/from_series';
import type { LineSeries } from '../../charts/lines';
import { marginBounds } from './layouts';

export interface RunLook {
  readonly name: string;
  readonly colour: string;
  readonly startTime: number;
}

export interface LineContext {
  readonly look: (run: number) => RunLook;
  readonly isDark: boolean;
  readonly x: XAxis;
  readonly smoothing: number;
}

/** Of one run, tags have the colours; of several, runs have them and tags the line styles. */
function makeLine(
  series: Series,
  tags: readonly string[],
  isOneRun: boolean,
  context: LineContext,
  smoothing: number,
): LineSeries {
  const run = context.look(series.run);
  const rank = Math.max(0, tags.indexOf(series.tag));
  const byTag = rankColour(rank);
  const look = isOneRun
    ? { colour: context.isDark ? byTag.dark : byTag.light, dash: byTag.dash, label: series.tag }
    : { colour: run.colour, dash: rankDash(rank), label: tags.length === 1 ? run.name : `${run.name} ${series.tag}` };
  return lineOfSeries(series, { ...look, startTime: run.startTime }, context.x, smoothing);
}

export function linesOfChart(
  chart: CustomChart,
  all: readonly Series[],
  context: LineContext,
): { lines: LineSeries[]; problems: string[] } {
  const series = all.filter((one) => one.step.length > 0);
  if (chart.kind === 'multiline') {
    const tags = [...new Set(series.map((one) => one.tag))].sort();
    const isOneRun = new Set(series.map((one) => one.run)).size === 1;
    return { lines: series.map((one) => makeLine(one, tags, isOneRun, context, context.smoothing)), problems: [] };
  }
  return marginLines(chart.series, series, context);
}

function marginLines(
  margins: readonly { value: string; lower: string; upper: string }[],
  series: readonly Series[],
  context: LineContext,
): { lines: LineSeries[]; problems: string[] } {
  const tags = margins.map((one) => one.value);
  const byName = new Map(series.map((one) => [`${one.run} ${one.tag}`, one]));
  const drawn = new Set(series.filter((one) => tags.includes(one.tag)).map((one) => one.run));
  const lines: LineSeries[] = [];
  const problems: string[] = [];
  for (const margin of margins) {
    for (const run of drawn) {
      const value = byName.get(`${run} ${margin.value}`);
      if (value === undefined) continue;
      const bounds = marginBounds(value, byName.get(`${run} ${margin.lower}`), byName.get(`${run} ${margin.upper}`));
      if (bounds === null) problems.push(`${context.look(run).name}: no bounds for “${margin.value}”`);
      lines.push({
        ...makeLine(value, tags, drawn.size === 1, context, 0),
        min: bounds?.min ?? null,
        max: bounds?.max ?? null,
      });
    }
  }
  return { lines, problems };
}
