import type uPlot from 'uplot';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { drawLines, type LineSeries } from '../src/charts/lines';

beforeEach(() => void vi.stubGlobal('window', { devicePixelRatio: 1 }));
afterEach(() => void vi.unstubAllGlobals());

function line(y: number[], own: Partial<LineSeries> = {}): LineSeries {
  const x = Float64Array.from(y, (_, i) => i);
  const column = Float64Array.from(y);
  return {
    id: '',
    label: '',
    colour: '',
    dash: [],
    x,
    step: x,
    y: column,
    raw: column,
    min: null,
    max: null,
    nonfinite: null,
    ...own,
  };
}

/** What is drawn of a line on a plot that places values as uPlot does: M and L with the x of each point, and dots. */
function strokes(y: number[], distr: number, own: Partial<LineSeries> = {}): string {
  const marks: string[] = [];
  const nothing = () => undefined;
  const ctx = {
    ...{
      save: nothing,
      restore: nothing,
      beginPath: nothing,
      rect: nothing,
      clip: nothing,
      setLineDash: nothing,
      stroke: nothing,
      fill: nothing,
    },
    moveTo: (x: number) => marks.push(`M${x}`),
    lineTo: (x: number) => marks.push(`L${x}`),
    arc: (x: number) => marks.push(`dot${x}`),
  };
  const placed = (value: number, scale: string) =>
    scale === 'x' || distr === 1 ? value : Math.log10(value > 0 ? value : 0.01);
  const plot = {
    ctx,
    bbox: { left: 0, top: 0, width: 9, height: 9 },
    scales: { x: { min: 0, max: 9 }, y: { distr } },
    valToPos: placed,
  };
  drawLines(plot as unknown as uPlot, [line(y, own)], false);
  return marks.join(' ');
}

describe('drawLines', () => {
  it('leaves a gap where a value is not finite, on axes of both kinds', () => {
    for (const distr of [1, 3]) expect(strokes([1, 2, NaN, NaN, 4, 5], distr)).toBe('M0 L1 M4 L5');
    for (const distr of [1, 3]) expect(strokes([NaN, 2, NaN], distr)).toMatch(/^M1 M[\d.]+ dot1$/);
  });
  it('draws all of a line whose clock was set back, also where it leaves the view and comes again', () => {
    const x = Float64Array.from([2, 5, 20, 21, 3, 4]);
    const own = { x, goesBack: true };
    expect(strokes([1, 2, 3, 4, 5, 6], 1, own)).toBe('M2 L5 L20 L21 L3 L4');
    const crosses = strokes([1, 2, 3, 4, NaN, 6], 1, { ...own, nonfinite: Uint32Array.from([0, 0, 0, 1, 1, 0]) });
    expect(crosses).toMatch(/ M18 L24 M18 L24 M0 L6 M0 L6$/);
  });
  it('leaves a gap on a logarithmic axis where a value is not above 0', () => {
    expect(strokes([1, 2, 0, -1, 4, 5], 3)).toBe('M0 L1 M4 L5');
  });
});
