// A run of histograms as pictures: ridges, one behind the other, or bands between percentiles.
import { interpolateViridis } from 'd3-scale-chromatic';
import { textOn } from '../base/colour';
import { stepLabels } from '../base/format';
import {
  commonRange,
  extent,
  flatRange,
  histogramQuantile,
  niceTicks,
  rebin,
  type CommonRange,
  type Range,
} from '../base/stats';
import type { Ink } from './ink';
import { stepTicks } from './x_axis';
import { yLabels } from './y_axis';

export interface HistogramStep {
  readonly step: number;
  readonly wallTime: number;
  readonly edges: Float64Array;
  readonly counts: Float64Array;
}

/** The dark end of the scale is no colour on a dark page, nor its light end on a light one. */
const kScaleOnLight = { from: 0.15, to: 0.85 };
const kScaleOnDark = { from: 0.45, to: 1 };

export const kMargin = { left: 52, right: 52, top: 14, bottom: 24 };
const kBins = 90;

/** TensorBoard's bands: half sigmas of a normal distribution from -3 to 3, without the extremes. */
const kQuantiles = [0, 0.0668, 0.1587, 0.3085, 0.5, 0.6915, 0.8413, 0.9332, 1];

/** Of values that are all the same, which stand in the middle: a distribution has two sides, of zeros too. */
function aroundValue(value: number): Range {
  return value === 0 ? { min: -0.5, max: 0.5 } : flatRange(value);
}

/** The values between these quantiles of the steps, without the few steps that would flatten all others. */
function scaleBetween(steps: readonly HistogramStep[], quantiles: readonly number[]): CommonRange {
  const ranges = steps.map((one) => extent([quantiles.map((q) => histogramQuantile(one.edges, one.counts, q))]));
  const { range, beyond } = commonRange(ranges.filter((one) => one !== null)) ?? {
    range: { min: 0, max: 0 },
    beyond: 0,
  };
  return { range: range.min < range.max ? range : aroundValue(range.min), beyond };
}

/** The values that the ridges span: without the outermost thousandth, which is often one outlier. */
export function ridgeScale(steps: readonly HistogramStep[]): CommonRange {
  const { range, beyond } = scaleBetween(steps, [0.001, 0.999]);
  const air = (range.max - range.min) * 0.03;
  return { range: { min: range.min - air, max: range.max + air }, beyond };
}

/** The values that the bands span. */
export function bandScale(steps: readonly HistogramStep[]): CommonRange {
  return scaleBetween(steps, kQuantiles);
}

export interface Size {
  width: number;
  height: number;
}

function drawValueAxis(context: CanvasRenderingContext2D, range: Range, size: Size, ink: Ink): void {
  const inner = size.width - kMargin.left - kMargin.right;
  context.fillStyle = ink.muted;
  context.strokeStyle = ink.grid;
  context.textAlign = 'center';
  const ticks = niceTicks(range, Math.max(3, inner / 80));
  const labels = yLabels(ticks);
  ticks.forEach((tick, i) => {
    const x = kMargin.left + ((tick - range.min) / (range.max - range.min)) * inner;
    context.beginPath();
    context.moveTo(x, kMargin.top);
    context.lineTo(x, size.height - kMargin.bottom);
    context.stroke();
    context.fillText(labels[i] ?? '', x, size.height - 8);
  });
}

/** The y of a ridge's foot: the first step at the back, the last in front. */
export function ridgeFoot(index: number, count: number, height: number): number {
  const depth = (height - kMargin.top - kMargin.bottom) * 0.68;
  const back = height - kMargin.bottom - depth;
  return count < 2 ? height - kMargin.bottom : back + (depth * index) / (count - 1);
}

export function drawRidges(
  context: CanvasRenderingContext2D,
  steps: readonly HistogramStep[],
  size: Size,
  ink: Ink,
  hovered: number,
): void {
  const { range } = ridgeScale(steps);
  const inner = size.width - kMargin.left - kMargin.right;
  context.font = ink.font;
  drawValueAxis(context, range, size, ink);
  const ridges = steps.map((one) => rebin(one.edges, one.counts, range, kBins));
  let peak = 0;
  for (const ridge of ridges) for (const mass of ridge) peak = Math.max(peak, mass);
  const scale = textOn(ink.surface) === '#ffffff' ? kScaleOnDark : kScaleOnLight;
  const rise = (size.height - kMargin.top - kMargin.bottom) * 0.3;
  ridges.forEach((ridge, index) => {
    const foot = ridgeFoot(index, steps.length, size.height);
    const isHovered = index === hovered;
    context.beginPath();
    context.moveTo(kMargin.left, foot);
    ridge.forEach((mass, bin) => {
      const x = kMargin.left + ((bin + 0.5) / kBins) * inner;
      context.lineTo(x, foot - (peak > 0 ? (mass / peak) * rise : 0));
    });
    context.lineTo(kMargin.left + inner, foot);
    context.closePath();
    context.globalAlpha = isHovered ? 1 : 0.86;
    const share = index / Math.max(1, steps.length - 1);
    context.fillStyle = interpolateViridis(scale.from + share * (scale.to - scale.from));
    context.fill();
    context.globalAlpha = 1;
    context.lineWidth = isHovered ? 1.8 : 0.7;
    context.strokeStyle = isHovered ? ink.text : ink.surface;
    context.stroke();
  });
  drawStepLabels(context, steps, size, ink);
}

function drawStepLabels(
  context: CanvasRenderingContext2D,
  steps: readonly HistogramStep[],
  size: Size,
  ink: Ink,
): void {
  context.fillStyle = ink.muted;
  context.textAlign = 'left';
  const count = Math.min(6, steps.length);
  const labelled = Array.from({ length: count }, (_, i) =>
    count < 2 ? 0 : Math.round((i * (steps.length - 1)) / (count - 1)),
  );
  const texts = stepLabels(labelled.map((index) => steps[index]?.step ?? NaN));
  labelled.forEach((index, i) => {
    context.fillText(
      texts[i] ?? '',
      size.width - kMargin.right + 6,
      ridgeFoot(index, steps.length, size.height),
      kMargin.right - 8,
    );
  });
}

/** Bands over steps: the darker, the nearer to the median. */
export function drawBands(
  context: CanvasRenderingContext2D,
  steps: readonly HistogramStep[],
  size: Size,
  ink: Ink,
  hovered: number,
): void {
  const curves = kQuantiles.map((q) => steps.map((one) => histogramQuantile(one.edges, one.counts, q)));
  if (!curves.flat().some(Number.isFinite)) return;
  const { range } = bandScale(steps);
  const first = steps[0]?.step ?? 0;
  const last = steps[steps.length - 1]?.step ?? 1;
  const inner = { width: size.width - kMargin.left - 16, height: size.height - kMargin.top - kMargin.bottom };
  const x = (step: number) => kMargin.left + (last > first ? (step - first) / (last - first) : 0.5) * inner.width;
  const y = (value: number) => {
    const seen = Math.min(range.max, Math.max(range.min, value));
    return kMargin.top + (1 - (seen - range.min) / (range.max - range.min)) * inner.height;
  };
  context.font = ink.font;
  context.strokeStyle = ink.grid;
  context.fillStyle = ink.muted;
  context.lineWidth = 1;
  context.textAlign = 'right';
  const values = niceTicks(range, 6);
  const labels = yLabels(values);
  values.forEach((tick, i) => {
    context.beginPath();
    context.moveTo(kMargin.left, y(tick));
    context.lineTo(kMargin.left + inner.width, y(tick));
    context.stroke();
    context.fillText(labels[i] ?? '', kMargin.left - 6, y(tick) + 4);
  });
  context.textAlign = 'center';
  for (const { at, label } of stepTicks({ min: first, max: last }, inner.width)) {
    context.fillText(label, Math.min(x(at), size.width - 18), size.height - 8);
  }
  context.fillStyle = ink.accent;
  context.globalAlpha = 0.16;
  for (let band = 0; band < 4; band++) {
    context.beginPath();
    steps.forEach((one, i) => context.lineTo(x(one.step), y(curves[8 - band]?.[i] ?? NaN)));
    for (let i = steps.length - 1; i >= 0; i--) {
      context.lineTo(x(steps[i]?.step ?? 0), y(curves[band]?.[i] ?? NaN));
    }
    context.fill();
  }
  context.globalAlpha = 1;
  context.strokeStyle = ink.accent;
  context.lineWidth = 1.5;
  context.beginPath();
  steps.forEach((one, i) => context.lineTo(x(one.step), y(curves[4]?.[i] ?? NaN)));
  context.stroke();
  const mark = steps[hovered];
  if (mark !== undefined) {
    context.strokeStyle = ink.text;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x(mark.step), kMargin.top);
    context.lineTo(x(mark.step), kMargin.top + inner.height);
    context.stroke();
  }
}
