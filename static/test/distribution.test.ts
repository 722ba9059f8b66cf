import { describe, expect, it } from 'vitest';
import { bandScale, drawBands, drawRidges, ridgeScale } from '../src/charts/distribution';
import { colourBytes, contrast } from '../src/base/colour';
import type { Ink } from '../src/charts/ink';

/** Values between 1.00001 and 1.00009, as of a layer's scales that hardly move. */
const steps = [0, 10].map((step) => ({
  step,
  wallTime: step,
  edges: Float64Array.from({ length: 9 }, (_, i) => 1 + (i + 1) * 1e-5),
  counts: new Float64Array(8).fill(1),
}));

/** A context that notes what is written, and in which colours is filled. */
function noting(): { context: CanvasRenderingContext2D; texts: string[]; fills: string[] } {
  const [texts, fills]: string[][] = [[], []];
  let fill = '';
  const context = new Proxy({} as Record<string, unknown>, {
    get: (_, name) => {
      if (name === 'fillText') return (text: string) => texts?.push(text);
      return name === 'fill' ? () => fills?.push(fill) : () => undefined;
    },
    set: (_, name, value: string) => {
      if (name === 'fillStyle') fill = value;
      return true;
    },
  });
  return { context: context as unknown as CanvasRenderingContext2D, texts: texts ?? [], fills: fills ?? [] };
}
const size = { width: 400, height: 260 };
const ink = (surface: string) => ({ surface }) as Ink;

describe('ridges', () => {
  it.each(['#ffffff', '#161c22'])('have colours that are seen on %s', (surface) => {
    const { context, fills } = noting();
    drawRidges(context, steps, size, ink(surface), -1);
    expect(fills.length).toBe(steps.length);
    const least = Math.min(...fills.map((fill) => contrast(fill, surface)));
    expect(least).toBeGreaterThan(surface === '#ffffff' ? 1.5 : 3);
    expect(colourBytes(fills[0] as string)).not.toEqual(colourBytes(fills[1] as string));
  });
});

describe('the scale of distributions', () => {
  /** As of weights that spread by `growth` from step to step; one step reaches to `most`. */
  const spreading = (growth: number, most?: number) =>
    Array.from({ length: 40 }, (_, step) => {
      const far = step === 7 && most !== undefined ? most : growth ** step;
      return { step, wallTime: step, edges: Float64Array.of(-far, 0, far), counts: Float64Array.of(5, 5) };
    });
  it.each([
    ['ridges', ridgeScale],
    ['bands', bandScale],
  ])('leaves out a step that would flatten all others, and counts it: %s', (_, scaleOf) => {
    const { range, beyond } = scaleOf(spreading(1.01, 1e38));
    expect([beyond, range.max < 2, range.min > -2]).toEqual([1, true, true]);
    expect(scaleOf(spreading(1.01, 1e308)).beyond).toBe(1);
    expect(scaleOf(spreading(1.01, 15)).beyond).toBe(0);
  });
  it('shows whole what grows from step to step, and few steps', () => {
    const grown = ridgeScale(spreading(1.5));
    expect([grown.beyond, grown.range.max > 1.49 ** 39]).toEqual([0, true]);
    expect(ridgeScale(spreading(1.01, 1e38).slice(5, 8)).beyond).toBe(0);
    expect(ridgeScale([])).toEqual({ range: { min: -0.53, max: 0.53 }, beyond: 0 });
  });
});

describe('a distribution of values that lie close', () => {
  it.each([
    ['ridges', drawRidges],
    ['bands', drawBands],
  ])('has an axis of which each tick is told: %s', (_, draw) => {
    const { context, texts } = noting();
    draw(context, steps, size, ink('#ffffff'), -1);
    const values = texts.filter((text) => text.startsWith('1.0'));
    expect(values.length).toBeGreaterThan(2);
    expect(new Set(values).size).toBe(values.length);
  });
});
