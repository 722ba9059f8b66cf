// The uPlot options of our line charts: scales, axes and gestures. What is drawn inside the axes is
// lines.ts.
import uPlot from 'uplot';
import { formatDuration, formatStep, formatValue } from '../base/format';
import type { XAxis } from '../base/series';
import { extent, padRange, robustExtent, type Range } from '../base/stats';
import type { Ink } from './ink';
import type { LineSeries } from './lines';

export interface LineOptions {
  x: XAxis;
  logY: boolean;
  ignoreOutliers: boolean;
  /** A value that has to be in view, such as a threshold. */
  include: number | null;
}

export function xRange(series: readonly LineSeries[]): Range {
  const range = extent(series.map((one) => one.x)) ?? { min: 0, max: 1 };
  return range.min < range.max ? range : { min: range.min - 0.5, max: range.max + 0.5 };
}

export function yRange(series: readonly LineSeries[], options: LineOptions): Range {
  // The band counts only without the outlier rule: its spikes are what that rule hides.
  const columns = series.map((one) => one.y);
  if (!options.ignoreOutliers) {
    for (const one of series) {
      columns.push(one.raw);
      if (one.min !== null && one.max !== null) columns.push(one.min, one.max);
    }
  }
  const measure = options.ignoreOutliers ? robustExtent : extent;
  const found = measure(columns, options.logY);
  let { min, max } = found ?? (options.logY ? { min: 0.1, max: 1 } : { min: 0, max: 1 });
  const include = options.include;
  if (include !== null && Number.isFinite(include) && !(options.logY && include <= 0)) {
    min = Math.min(min, include);
    max = Math.max(max, include);
  }
  return padRange({ min, max }, 0.05, options.logY);
}

function xLabel(x: XAxis, value: number): string {
  if (x === 'relative') return formatDuration(value).replace(/ 00 (s|min)$/, '');
  return value >= 1e6 ? uPlotCompact(value) : formatStep(value);
}

function uPlotCompact(value: number): string {
  return value >= 1e9 ? `${+(value / 1e9).toFixed(2)}B` : `${+(value / 1e6).toFixed(2)}M`;
}

export interface LineHooks {
  range: () => { x: Range; y: Range };
  draw: (plot: uPlot) => void;
  cursor: (plot: uPlot) => void;
  select: (from: number, to: number) => void;
  reset: () => void;
}

export function lineChartOptions(
  size: { width: number; height: number },
  options: LineOptions,
  ink: Ink,
  hooks: LineHooks,
): uPlot.Options {
  const axis = { stroke: ink.muted, font: ink.font, ticks: { show: false }, grid: { stroke: ink.grid, width: 1 } };
  return {
    ...size,
    padding: [10, 20, 0, 4],
    legend: { show: false },
    scales: {
      x: { time: options.x === 'wall', range: () => pair(hooks.range().x) },
      y: { distr: options.logY ? 3 : 1, range: () => pair(hooks.range().y) },
    },
    series: [{}, { show: true, stroke: 'transparent', points: { show: false } }],
    axes: [
      {
        ...axis,
        size: 26,
        gap: 4,
        space: 64,
        ...(options.x === 'wall'
          ? {}
          : { values: (_plot: uPlot, ticks: number[]) => ticks.map((tick) => xLabel(options.x, tick)) }),
      },
      {
        ...axis,
        size: 54,
        gap: 4,
        space: 30,
        values: (_plot: uPlot, ticks: (number | null)[]) =>
          ticks.map((tick) => (tick === null ? '' : formatValue(tick))),
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
