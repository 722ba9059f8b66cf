// Draws many series, each with x values of its own, into a uPlot canvas. uPlot's own paths want one
// shared x column; joining 300 runs into one would cost rows times runs.
import type uPlot from 'uplot';
import type { Part } from '../base/aggregate';
import { lowerBound } from '../base/search';

export interface LineSeries {
  readonly id: string;
  /** Whose line it is, where others are of the same (base/pointed.svelte.ts); left out: its own. */
  readonly owner?: string;
  readonly label: string;
  readonly colour: string;
  readonly dash: readonly number[];
  /** Ascending within the series, unless it goes back. */
  readonly x: Float64Array;
  /** The clock was set back while it was logged: in the order of its steps, its x are not sorted. */
  readonly goesBack?: boolean;
  /** The step of each x, which names a point whatever the axis shows. */
  readonly step: Float64Array;
  /** Drawn: smoothed where smoothing is on. */
  readonly y: Float64Array;
  /** As measured; the same column as `y` without smoothing. */
  readonly raw: Float64Array;
  readonly min: Float64Array | null;
  readonly max: Float64Array | null;
  readonly nonfinite: Uint32Array | null;
  /** Of a line that is the mean of several: of how many at each x, and its parts, between which it may jump. */
  readonly members?: Uint32Array;
  readonly parts?: readonly Part[];
}

export function ownerOf(series: LineSeries): string {
  return series.owner ?? series.id;
}

interface Pixels {
  x: (value: number) => number;
  y: (value: number) => number;
  from: number;
  to: number;
}

/** The rows in view and one more on each side, so that lines reach the edges; of a line that goes back, all. */
function visibleRows(series: LineSeries, pixels: Pixels): [number, number] {
  if (series.goesBack === true) return [0, series.x.length - 1];
  const first = Math.max(0, lowerBound(series.x, pixels.from) - 1);
  const last = Math.min(series.x.length - 1, lowerBound(series.x, pixels.to));
  return [first, last];
}

/** A gap is left where a value is not finite; a point between two gaps becomes a dot. */
function strokeColumn(
  context: CanvasRenderingContext2D,
  series: LineSeries,
  column: Float64Array,
  pixels: Pixels,
  radius: number,
  [first, last]: readonly [number, number] = visibleRows(series, pixels),
): void {
  const dots: [number, number][] = [];
  let isPenDown = false;
  context.beginPath();
  for (let i = first; i <= last; i++) {
    const py = pixels.y(column[i] as number);
    if (!Number.isFinite(py)) {
      isPenDown = false;
      continue;
    }
    const px = pixels.x(series.x[i] as number);
    if (isPenDown) context.lineTo(px, py);
    else {
      context.moveTo(px, py);
      const isAlone = i === last || !Number.isFinite(pixels.y(column[i + 1] as number));
      if (isAlone) dots.push([px, py]);
    }
    isPenDown = true;
  }
  context.stroke();
  context.beginPath();
  for (const [px, py] of dots) {
    context.moveTo(px + radius, py);
    context.arc(px, py, radius, 0, 2 * Math.PI);
  }
  context.fill();
}

/** The parts of a line that are in view, as first and last rows; a line without parts is one. */
function visibleParts(series: LineSeries, pixels: Pixels): { rows: [number, number]; count: number }[] {
  const [first, last] = visibleRows(series, pixels);
  const parts = series.parts ?? [{ from: 0, to: series.x.length, count: 0 }];
  return parts
    .filter((part) => part.to > first && part.from <= last)
    .map((part) => ({ rows: [Math.max(first, part.from), Math.min(last, part.to - 1)], count: part.count }));
}

/** A mean of fewer curves is a thinner line; no line leads from one part to the next, and a ring ends what goes on with fewer. */
function strokeParts(context: CanvasRenderingContext2D, series: LineSeries, pixels: Pixels, width: number): void {
  const parts = visibleParts(series, pixels);
  const most = (series.parts ?? []).reduce((a, part) => Math.max(a, part.count), 0);
  parts.forEach(({ rows, count }, i) => {
    context.lineWidth = count === most ? width : width * (0.4 + 0.4 * (count / most));
    strokeColumn(context, series, series.y, pixels, 1.6 * width, rows);
    const next = parts[i + 1];
    if (next === undefined || next.count >= count) return;
    const [x, y] = [pixels.x(series.x[rows[1]] as number), pixels.y(series.y[rows[1]] as number)];
    if (!Number.isFinite(y)) return;
    context.setLineDash([]);
    context.lineWidth = 0.8 * width;
    context.beginPath();
    context.arc(x, y, 2 * width, 0, 2 * Math.PI);
    context.stroke();
  });
}

/** Between the smallest and the largest point that a row stands for. */
function fillBand(
  context: CanvasRenderingContext2D,
  series: LineSeries,
  pixels: Pixels,
  [first, last]: readonly [number, number],
): void {
  const { min, max } = series;
  if (min === null || max === null) return;
  let begin = first;
  while (begin <= last) {
    while (begin <= last && !Number.isFinite(pixels.y(min[begin] as number))) begin++;
    let end = begin;
    context.beginPath();
    while (end <= last && Number.isFinite(pixels.y(min[end] as number))) {
      context.lineTo(pixels.x(series.x[end] as number), pixels.y(max[end] as number));
      end++;
    }
    for (let i = end - 1; i >= begin; i--) {
      context.lineTo(pixels.x(series.x[i] as number), pixels.y(min[i] as number));
    }
    context.closePath();
    context.fill();
    begin = end + 1;
  }
}

/** Crosses at the lower edge where rows hold a NaN or an infinity: never hidden, never a smear. */
function markNonfinite(
  context: CanvasRenderingContext2D,
  series: LineSeries,
  pixels: Pixels,
  bottom: number,
  ratio: number,
): void {
  if (series.nonfinite === null) return;
  const [first, last] = visibleRows(series, pixels);
  const arm = 3 * ratio;
  const y = bottom - 6 * ratio;
  let marked = -Infinity;
  context.beginPath();
  for (let i = first; i <= last; i++) {
    if (series.nonfinite[i] === 0) continue;
    const x = pixels.x(series.x[i] as number);
    if (Math.abs(x - marked) < 2.6 * arm) continue;
    marked = x;
    context.moveTo(x - arm, y - arm);
    context.lineTo(x + arm, y + arm);
    context.moveTo(x - arm, y + arm);
    context.lineTo(x + arm, y - arm);
  }
  context.stroke();
}

/** Bands and raw lines of more series than this only hide each other, and their dashes tell nothing apart. */
export const kBackgroundsMax = 40;

/** How much of the other lines is left while one is pointed at, and how much wider that one is. */
const kPale = 0.35;
const kLift = 1.6;

/** The lines of `lit` lie on top of the others, which are pale; empty: all are alike. */
export function drawLines(plot: uPlot, all: readonly LineSeries[], isSmoothed: boolean, lit = ''): void {
  const { ctx: context, bbox } = plot;
  const ratio = window.devicePixelRatio || 1;
  const isLog = plot.scales['y']?.distr === 3;
  const pixels: Pixels = {
    x: (value) => plot.valToPos(value, 'x', true),
    // On a logarithmic axis uPlot lays what is not above 0, NaN included, on a place below its lower end.
    y: (value) => (isLog && !(value > 0) ? NaN : plot.valToPos(value, 'y', true)),
    from: plot.scales['x']?.min ?? -Infinity,
    to: plot.scales['x']?.max ?? Infinity,
  };
  context.save();
  context.beginPath();
  context.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  context.clip();
  const isLit = (one: LineSeries) => lit !== '' && ownerOf(one) === lit;
  const series = lit === '' ? all : [...all.filter((one) => !isLit(one)), ...all.filter(isLit)];
  const strength = (one: LineSeries) => (lit === '' || isLit(one) ? 1 : kPale);
  const isCrowded = series.length > kBackgroundsMax;
  // Round corners of so many lines cost more than all else, and are not seen.
  context.lineJoin = isCrowded ? 'bevel' : 'round';
  // Bands lie on each other: of many each is paler, so that lines stay above them.
  const bandAlpha = Math.max(0.03, Math.min(0.13, 0.4 / series.length));
  for (const one of isCrowded ? [] : series) {
    context.strokeStyle = context.fillStyle = one.colour;
    context.globalAlpha = bandAlpha * strength(one);
    for (const part of visibleParts(one, pixels)) fillBand(context, one, pixels, part.rows);
    if (isSmoothed) {
      context.globalAlpha = 0.28 * strength(one);
      context.lineWidth = ratio;
      strokeColumn(context, one, one.raw, pixels, 1.5 * ratio);
    }
  }
  for (const one of series) {
    context.strokeStyle = context.fillStyle = one.colour;
    context.globalAlpha = strength(one);
    context.lineWidth = (isCrowded ? 1 : 1.6) * (isLit(one) ? kLift : 1) * ratio;
    if (!isCrowded || isLit(one)) context.setLineDash(one.dash.map((length) => length * ratio));
    if (one.parts === undefined) strokeColumn(context, one, one.y, pixels, 2.5 * ratio);
    else strokeParts(context, one, pixels, context.lineWidth);
    context.setLineDash([]);
    context.lineWidth = 1.3 * ratio;
    markNonfinite(context, one, pixels, bbox.top + bbox.height, ratio);
  }
  context.restore();
}

export interface Marker {
  readonly x: number;
  readonly label: string;
}

/** A dashed horizontal line for a threshold, vertical ones for onset and the like. */
export function drawRules(
  plot: uPlot,
  threshold: number | null,
  markers: readonly Marker[],
  ink: { critical: string; muted: string; text: string },
): void {
  const { ctx: context, bbox } = plot;
  const ratio = window.devicePixelRatio || 1;
  context.save();
  context.lineWidth = ratio;
  context.font = `${10.5 * ratio}px system-ui, sans-serif`;
  context.textBaseline = 'alphabetic';
  if (threshold !== null && Number.isFinite(threshold)) {
    const y = plot.valToPos(threshold, 'y', true);
    if (y >= bbox.top && y <= bbox.top + bbox.height) {
      context.strokeStyle = ink.critical;
      context.setLineDash([5 * ratio, 4 * ratio]);
      context.beginPath();
      context.moveTo(bbox.left, y);
      context.lineTo(bbox.left + bbox.width, y);
      context.stroke();
      context.fillStyle = ink.critical;
      context.textAlign = 'right';
      context.fillText('threshold', bbox.left + bbox.width - 4 * ratio, y - 4 * ratio);
    }
  }
  context.setLineDash([2 * ratio, 3 * ratio]);
  context.strokeStyle = context.fillStyle = ink.muted;
  for (const marker of markers) {
    const x = plot.valToPos(marker.x, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    context.beginPath();
    context.moveTo(x, bbox.top);
    context.lineTo(x, bbox.top + bbox.height);
    context.stroke();
    const isLeft = x < bbox.left + bbox.width / 2;
    context.textAlign = isLeft ? 'left' : 'right';
    context.fillText(marker.label, x + (isLeft ? 4 : -4) * ratio, bbox.top + 11 * ratio);
  }
  context.restore();
}
