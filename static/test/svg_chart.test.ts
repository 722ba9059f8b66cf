import { describe, expect, it } from 'vitest';
import { fileName } from '../src/base/download';
import type { LineSeries } from '../src/charts/lines';
import { lineChartSvg, type ChartPicture } from '../src/charts/svg_chart';

function line(label: string, y: number[], more: Partial<LineSeries> = {}): LineSeries {
  const x = Float64Array.from(y, (_, i) => i);
  const column = Float64Array.from(y);
  return {
    id: label,
    label,
    colour: '#0b6fb3',
    dash: [],
    x,
    step: x,
    y: column,
    raw: column,
    min: null,
    max: null,
    nonfinite: null,
    ...more,
  };
}
const ink = { text: '#111', muted: '#555', grid: '#eee', surface: '#fff' };
function drawn(series: LineSeries[], more: Partial<ChartPicture> = {}): string {
  const range = { x: { min: 0, max: 4 }, y: { min: 0, max: 10 } };
  return lineChartSvg({
    title: 'loss/train',
    series,
    x: 'step',
    xName: 'step',
    range,
    logY: false,
    isSmoothed: false,
    ink,
    ...more,
  });
}
const strokes = (svg: string) =>
  [...svg.matchAll(/<path d="([^"]*)" fill="none" stroke="#0b6fb3"/g)].map((match) => match[1]);

describe('lineChartSvg', () => {
  it('holds title, axes, a line for each series, and a legend', () => {
    const svg = drawn([line('first', [1, 2, 3]), line('second', [3, 2, 1], { dash: [6, 3] })]);
    for (const text of ['loss/train', 'step', '>0<', '>10<', 'first', 'second', 'stroke-dasharray="6 3"'])
      expect(svg).toContain(text);
    expect(strokes(svg).length).toBe(2);
    expect(strokes(svg)[0]).toMatch(/^M[\d.]+ [\d.]+L[\d.]+ [\d.]+L[\d.]+ [\d.]+$/);
  });
  it('breaks lines where values are no numbers, and marks these', () => {
    const svg = drawn([line('a', [1, 2, NaN, 4, Infinity], { nonfinite: Uint32Array.of(0, 0, 1, 0, 1) })]);
    expect(strokes(svg)[0]?.match(/M/g)?.length).toBe(2);
    expect(svg.match(/<circle/g)?.length).toBe(1);
    expect(svg).toMatch(/M[\d.]+ \d+l6 6m-6 0l6 -6M/);
  });
  it('keeps off a logarithmic axis what it has no place for', () => {
    const range = { x: { min: 0, max: 2 }, y: { min: 0.1, max: 10 } };
    expect(strokes(drawn([line('a', [-1, 0, 1])], { logY: true, range }))[0]).toMatch(/^M[\d.]+ [\d.]+$/);
  });
  it('shows names as text, whatever is in them', () => {
    const svg = drawn([line('<b>&"\u0000\ud800', [1, 2])], { title: '</svg><script>' });
    expect(svg).not.toMatch(/<script|<b>|\u0000|\ud800/);
    expect(svg).toContain('&#60;b&#62;&#38;&#34;');
  });
  it('draws the band of a mean, part by part, and pale raw lines behind smoothed ones', () => {
    const edges = {
      min: Float64Array.of(1, 1, 1, 1),
      max: Float64Array.of(2, 2, 2, 2),
      parts: [
        { from: 0, to: 2, count: 3 },
        { from: 2, to: 4, count: 1 },
      ],
    };
    expect(drawn([line('mean', [1, 1, 2, 2], edges)])).toMatch(/d="M[^"]*Z[^"]*Z" fill=/);
    const svg = drawn([line('a', [1, 2], { raw: Float64Array.of(2, 1) })], { isSmoothed: true });
    expect(svg).toContain('stroke-opacity="0.28"');
  });
  it('stays a picture for many runs and for huge values', () => {
    const svg = drawn(Array.from({ length: 300 }, (_, i) => line(`run ${i}`, [i, 1e300])));
    expect(svg).toContain('and 180 more');
    expect(svg).not.toMatch(/e\+|NaN|Infinity/);
  });
});

describe('fileName', () => {
  it('keeps letters of all scripts, and no sign that means something in a path', () => {
    expect(fileName('потеря/train loss.png')).toBe('потеря_train_loss.png');
    expect(fileName('../../etc:passwd\n.svg')).toBe('.._.._etc_passwd_.svg');
  });
});
