// The uPlot options of our line charts: scales, axes and gestures. What is drawn inside the axes is
// lines.ts.
import type uPlot from 'uplot';
import { boundedRange, type Bounds } from '../base/bounds';
import type { XAxis } from '../base/series';
import { extent, padRange, robustExtentOfRuns, type Range } from '../base/stats';
import type { Ink } from './ink';
import type { LineSeries } from './lines';
import { incrementsOf, multiplesWithin, uncutLabels, wallLabels, xLabels, xSpaceWithin } from './x_axis';
import { yAxisWidth, yLabels, yTicks } from './y_axis';

export interface LineOptions {
  x: XAxis;
  logY: boolean;
  ignoreOutliers: boolean;
  /** Bands are data of their own, such as those of a mean. */
  hasBounds: boolean;
  /** A value that has to be in view, such as a threshold. */
  include: number | null;
  /** What the values cannot leave, such as 0 to 1 of a share; null: nothing is known. */
  natural: Range | null;
  /** Ends of the y axis that were set by hand: they hold whatever the values are. */
  bounds: Bounds;
}

export const kShares: Range = { min: 0, max: 1 };

export function xRange(series: readonly LineSeries[]): Range {
  const range = extent(series.map((one) => one.x)) ?? { min: 0, max: 1 };
  // Half a step is nothing beside 2^60: an axis needs room that its numbers can tell.
  const half = Math.max(0.5, Math.abs(range.min) * 2 ** -50);
  return range.min < range.max ? range : { min: range.min - half, max: range.max + half };
}

export function yRange(series: readonly LineSeries[], options: LineOptions): Range {
  return boundedRange(automaticRange(series, options), options.bounds, options.logY);
}

function automaticRange(series: readonly LineSeries[], options: LineOptions): Range {
  const { ignoreOutliers, hasBounds, logY, include, natural } = options;
  const columns = series.map((one) => (one.raw === one.y ? [one.y] : [one.y, one.raw]));
  const bands = series.flatMap((one) => (one.min === null || one.max === null ? [] : [one.min, one.max]));
  // The band of a summary counts only without the outlier rule: its spikes are what that rule hides.
  let found = ignoreOutliers ? robustExtentOfRuns(columns, logY) : extent([...columns.flat(), ...bands], logY);
  if (ignoreOutliers && hasBounds) found = withBands(found, extent(bands, logY), logY);
  let { min, max } = found ?? (logY ? { min: 0.1, max: 1 } : { min: 0, max: 1 });
  if (include !== null && Number.isFinite(include) && !(logY && include <= 0)) {
    min = Math.min(min, include);
    max = Math.max(max, include);
  }
  if (natural !== null && !logY && min >= natural.min && max <= natural.max)
    return withinNatural({ min, max }, natural);
  return padRange({ min, max }, 0.05, logY);
}

/** Why a chart of points shows no line; empty where it shows one. */
export function whyEmpty(series: readonly LineSeries[], logY: boolean, y: Range): string {
  const columns = series.map((one) => one.raw);
  const shown = extent(columns, logY);
  if (series.length === 0 || (shown !== null && shown.min <= y.max && shown.max >= y.min)) return '';
  if (shown !== null) return 'Every value lies outside the range of the y axis';
  return extent(columns) === null ? 'Every value is NaN or Inf' : 'No value above 0, so none on a logarithmic axis';
}

/** How many lines lie wholly above and below the y axis; those without a value that could be drawn are in neither. */
export function outOfView(series: readonly LineSeries[], logY: boolean, y: Range): { above: number; below: number } {
  let [above, below] = [0, 0];
  for (const one of series) {
    const shown = extent([one.y], logY);
    if (shown === null) continue;
    if (shown.min > y.max) above++;
    else if (shown.max < y.min) below++;
  }
  return { above, below };
}

/** As much air as shows a line that runs along the edge; of values that are all the same the whole range. */
function withinNatural(found: Range, natural: Range): Range {
  const { min, max } = padRange(found.min < found.max ? found : natural);
  const hair = (max - min) * 0.02;
  return { min: Math.max(min, natural.min - hair), max: Math.min(max, natural.max + hair) };
}

/** Bands are shown as far as they leave the lines a third of the height. */
function withBands(lines: Range | null, bands: Range | null, isLog: boolean): Range | null {
  if (lines === null || bands === null) return lines ?? bands;
  const { min, max } = lines;
  if (min === max) return { min: Math.min(min, bands.min), max: Math.max(max, bands.max) };
  const [below, above] = isLog ? [(min * min) / max, (max * max) / min] : [min - (max - min), max + (max - min)];
  return { min: Math.min(min, Math.max(bands.min, below)), max: Math.max(max, Math.min(bands.max, above)) };
}

/** The pixels above and below the lines, and right of them. */
const kAround = 40;
const kRight = 20;

export interface LineHooks {
  range: () => { x: Range; y: Range };
  draw: (plot: uPlot) => void;
  cursor: (plot: uPlot) => void;
  select: (from: number, to: number) => void;
  reset: () => void;
}

export function lineChartOptions(
  size: { width: number; height: number },
  options: Pick<LineOptions, 'x' | 'logY'>,
  ink: Ink,
  hooks: LineHooks,
): uPlot.Options {
  const splits = (_plot: uPlot, _axis: number, min: number, max: number, increment: number) =>
    multiplesWithin({ min, max }, increment);
  const axis = { stroke: ink.muted, font: ink.font, ticks: { show: false }, grid: { stroke: ink.grid, width: 1 } };
  return {
    ...size,
    padding: [10, kRight, 0, 4],
    legend: { show: false },
    scales: {
      x: { time: options.x === 'wall', range: () => pair(hooks.range().x) },
      y: { distr: options.logY ? 3 : 1, range: () => pair(hooks.range().y) },
    },
    series: [{}, { show: true, stroke: 'transparent', points: { show: false } }],
    axes: [
      {
        ...axis,
        size: options.x === 'wall' ? 38 : 26,
        gap: 4,
        space: (_plot: uPlot, _axis: number, min: number, max: number, width: number) =>
          xSpaceWithin(options.x, { min, max }, width),
        ...(options.x === 'wall' ? {} : { incrs: [...incrementsOf(options.x)], splits }),
        values: (_plot: uPlot, ticks: number[], _axis: number, space: number, increment: number) => {
          if (options.x === 'wall') return wallLabels(ticks, increment);
          const { max } = hooks.range().x;
          return uncutLabels(
            xLabels(options.x, ticks),
            ticks.map((tick) => ((max - tick) / increment) * space + kRight),
          );
        },
      },
      {
        ...axis,
        size: (_plot: uPlot, labels: readonly string[] | null) => yAxisWidth(labels ?? []),
        gap: 4,
        // Any distance that uPlot takes: its own know neither 1e38 nor 1e-30, where it draws no axis at all.
        incrs: (_plot: uPlot, _axis: number, min: number, max: number) => [Math.max(5, max - min)],
        splits: (_plot: uPlot, _axis: number, min: number, max: number) =>
          yTicks({ min, max }, size.height - kAround, options.logY),
        filter: (_plot: uPlot, ticks: number[]) => ticks,
        values: (_plot: uPlot, ticks: readonly number[]) => yLabels(ticks),
      },
    ],
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false },
      sync: { key: `spirogram-${options.x}`, scales: ['x', null], setSeries: false },
      bind: {
        dblclick: () => () => {
          hooks.reset();
          return null;
        },
      },
    },
    hooks: {
      drawSeries: [(plot, index) => index === 1 && hooks.draw(plot)],
      setCursor: [hooks.cursor],
      setSelect: [
        (plot) => {
          if (plot.select.width < 4) return;
          const from = plot.posToVal(plot.select.left, 'x');
          const to = plot.posToVal(plot.select.left + plot.select.width, 'x');
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          hooks.select(from, to);
        },
      ],
    },
  };
}

function pair(range: Range): uPlot.Range.MinMax {
  return [range.min, range.max];
}
