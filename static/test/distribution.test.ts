import { describe, expect, it } from 'vitest';
import { drawBands, drawRidges } from '../src/charts/distribution';
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
