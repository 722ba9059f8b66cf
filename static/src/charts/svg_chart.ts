// A line chart as an SVG file: what lines.ts draws, with the title, the axes and a legend that a picture in a paper
// needs. Pure, and made when someone asks for it only.
import { middleEllipsis } from '../base/format';
import type { XAxis } from '../base/series';
import type { Range } from '../base/stats';
import { kBackgroundsMax, type LineSeries } from './lines';
import { xTicks } from './x_axis';
import { yAxisWidth, yLabels, yTicks } from './y_axis';

export interface ChartPicture {
  readonly title: string;
  readonly series: readonly LineSeries[];
  readonly x: XAxis;
  /** What the axis of the steps or times is called. */
  readonly xName: string;
  readonly range: { readonly x: Range; readonly y: Range };
  readonly logY: boolean;
  /** Raw lines lie pale behind smoothed ones. */
  readonly isSmoothed: boolean;
  readonly ink: { readonly text: string; readonly muted: string; readonly grid: string; readonly surface: string };
}

const kWidth = 960;
const kPlotHeight = 420;
const kTop = 44;
const kRight = 24;
const kLegendColumn = 232;
const kLegendRow = 20;
const kLegendMax = 120;

/** Text as XML has it: names come from data. What XML has no letters for is left out. */
function escapeXml(text: string): string {
  const known = text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '');
  return known.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

const px = (value: number) => String(+value.toFixed(1));

/** Far enough from every edge, and still a number that programs read. */
const kFar = 10_000;

interface Scales {
  x: (value: number) => number;
  y: (value: number) => number;
}

/** Lines through the finite values of a column; a point between two gaps becomes a dot. */
function pathOf(
  one: LineSeries,
  column: Float64Array,
  scales: Scales,
  rows: { from: number; to: number },
): { line: string; dots: [number, number][] } {
  let line = '';
  let isPenDown = false;
  const dots: [number, number][] = [];
  for (let i = rows.from; i < rows.to; i++) {
    const [x, y] = [scales.x(one.x[i] as number), scales.y(column[i] as number)];
    if (!Number.isFinite(y)) {
      isPenDown = false;
      continue;
    }
    if (!isPenDown && (i === rows.to - 1 || !Number.isFinite(scales.y(column[i + 1] as number)))) dots.push([x, y]);
    line += `${isPenDown ? 'L' : 'M'}${px(x)} ${px(y)}`;
    isPenDown = true;
  }
  return { line, dots };
}

function bandOf(one: LineSeries, scales: Scales, rows: { from: number; to: number }): string {
  const { min, max } = one;
  if (min === null || max === null) return '';
  const isIn = (i: number) =>
    Number.isFinite(scales.y(min[i] as number)) && Number.isFinite(scales.y(max[i] as number));
  let path = '';
  for (let i = rows.from; i < rows.to; i++) {
    if (!isIn(i)) continue;
    let end = i;
    while (end < rows.to && isIn(end)) end++;
    const edge = (column: Float64Array) =>
      Array.from(
        { length: end - i },
        (_, k) => `${px(scales.x(one.x[i + k] as number))} ${px(scales.y(column[i + k] as number))}`,
      );
    path += `M${[...edge(max), ...edge(min).reverse()].join('L')}Z`;
    i = end;
  }
  return path;
}

function drawSeries(
  one: LineSeries,
  scales: Scales,
  look: { isSmoothed: boolean; isCrowded: boolean; bandOpacity: number },
): string {
  const parts = one.parts ?? [{ from: 0, to: one.x.length, count: 0 }];
  const most = parts.reduce((a, part) => Math.max(a, part.count), 0);
  const colour = escapeXml(one.colour);
  const dash = look.isCrowded || one.dash.length === 0 ? '' : ` stroke-dasharray="${one.dash.join(' ')}"`;
  let out = '';
  if (!look.isCrowded) {
    const band = parts.map((part) => bandOf(one, scales, part)).join('');
    if (band !== '') out += `<path d="${band}" fill="${colour}" fill-opacity="${look.bandOpacity.toFixed(2)}"/>`;
    if (look.isSmoothed && one.raw !== one.y) {
      out += `<path d="${pathOf(one, one.raw, scales, { from: 0, to: one.x.length }).line}" fill="none" stroke="${colour}" stroke-opacity="0.28"/>`;
    }
  }
  for (const part of parts) {
    const width = (look.isCrowded ? 1 : 1.6) * (part.count === most ? 1 : 0.4 + 0.4 * (part.count / most));
    const { line, dots } = pathOf(one, one.y, scales, part);
    out += `<path d="${line}" fill="none" stroke="${colour}" stroke-width="${px(width)}" stroke-linejoin="round"${dash}/>`;
    out += dots.map(([x, y]) => `<circle cx="${px(x)}" cy="${px(y)}" r="2.5" fill="${colour}"/>`).join('');
  }
  return out;
}

/** Crosses at the lower edge where values are NaN or infinite, none over another. */
function crossesOf(one: LineSeries, scales: Scales, bottom: number): string {
  let path = '';
  let marked = -Infinity;
  one.nonfinite?.forEach((count, i) => {
    const x = scales.x(one.x[i] as number);
    if (count === 0 || Math.abs(x - marked) < 8) return;
    marked = x;
    path += `M${px(x - 3)} ${bottom - 9}l6 6m-6 0l6 -6`;
  });
  return path === '' ? '' : `<path d="${path}" stroke="${escapeXml(one.colour)}" stroke-width="1.3"/>`;
}

function drawLegend(
  series: readonly LineSeries[],
  top: number,
  ink: ChartPicture['ink'],
): { text: string; height: number } {
  const columns = Math.floor((kWidth - 2 * kRight) / kLegendColumn);
  const shown = series.slice(0, kLegendMax);
  const entries = shown.map((one, i) => {
    const [x, y] = [kRight + (i % columns) * kLegendColumn, top + Math.floor(i / columns) * kLegendRow];
    const dash = one.dash.length === 0 ? '' : ` stroke-dasharray="${one.dash.join(' ')}"`;
    return `<path d="M${x} ${y - 4}h20" stroke="${escapeXml(one.colour)}" stroke-width="2"${dash}/><text x="${x + 26}" y="${y}">${escapeXml(middleEllipsis(one.label, 30))}</text>`;
  });
  const rows = Math.ceil(shown.length / columns);
  const more = series.length - shown.length;
  const rest =
    more > 0 ? `<text x="${kRight}" y="${top + rows * kLegendRow}" fill="${ink.muted}">and ${more} more</text>` : '';
  return {
    text: `<g font-size="12" fill="${ink.text}">${entries.join('')}${rest}</g>`,
    height: (rows + Number(more > 0)) * kLegendRow,
  };
}

export function lineChartSvg(picture: ChartPicture): string {
  const { title, series, x, range, logY, isSmoothed, ink } = picture;
  const ticks = yTicks(range.y, kPlotHeight, logY);
  const labels = yLabels(ticks);
  const left = yAxisWidth(labels) + 14;
  const inner = kWidth - left - kRight;
  const bottom = kTop + kPlotHeight;
  const share = (value: number, { min, max }: Range) => (Number.isFinite(value) ? (value - min) / (max - min) : NaN);
  const inLog = { min: Math.log10(range.y.min), max: Math.log10(range.y.max) };
  const scales: Scales = {
    x: (value) => left + share(value, range.x) * inner,
    y: (value) =>
      Math.max(
        -kFar,
        Math.min(
          kFar,
          bottom - (logY ? share(value > 0 ? Math.log10(value) : NaN, inLog) : share(value, range.y)) * kPlotHeight,
        ),
      ),
  };
  const isCrowded = series.length > kBackgroundsMax;
  const look = { isSmoothed, isCrowded, bandOpacity: Math.max(0.03, Math.min(0.13, 0.4 / series.length)) };
  const lines = series.map((one) => drawSeries(one, scales, look) + crossesOf(one, scales, bottom)).join('');
  const yAxis = ticks.map((tick, i) => {
    const y = px(scales.y(tick));
    return `<path d="M${left} ${y}h${inner}" stroke="${ink.grid}"/><text x="${left - 8}" y="${y}" dy="4" text-anchor="end">${labels[i]}</text>`;
  });
  const xAxis = xTicks(x, range.x, inner, kRight).map(({ at, label }) => {
    const where = px(scales.x(at));
    const texts = label
      .split('\n')
      .map((text, i) => `<text x="${where}" y="${bottom + 18 + 14 * i}" text-anchor="middle">${text}</text>`);
    return `<path d="M${where} ${kTop}v${kPlotHeight}" stroke="${ink.grid}"/>${texts.join('')}`;
  });
  const legend = drawLegend(series, bottom + 76, ink);
  const height = bottom + 76 + legend.height;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${kWidth}" height="${height}" viewBox="0 0 ${kWidth} ${height}" font-family="system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif">`,
    `<rect width="100%" height="100%" fill="${ink.surface}"/>`,
    `<text x="${kRight}" y="28" font-size="16" font-weight="600" fill="${ink.text}">${escapeXml(middleEllipsis(title, 100))}</text>`,
    `<g font-size="12" fill="${ink.muted}">${yAxis.join('')}${xAxis.join('')}<text x="${left + inner / 2}" y="${bottom + 50}" text-anchor="middle">${escapeXml(picture.xName)}</text></g>`,
    `<clipPath id="plot"><rect x="${left}" y="${kTop}" width="${inner}" height="${kPlotHeight}"/></clipPath>`,
    `<g clip-path="url(#plot)">${lines}</g>`,
    legend.text,
    '</svg>',
  ].join('\n');
}
