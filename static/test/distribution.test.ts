import { describe, expect, it } from 'vitest';
import { drawBands, drawRidges } from '../src/charts/distribution';
import type { Ink } from '../src/charts/ink';

/** Values between 1.00001 and 1.00009, as of a layer's scales that hardly move. */
const steps = [0, 10].map((step) => ({
  step,
  wallTime: step,
  edges: Float64Array.from({ length: 9 }, (_, i) => 1 + (i + 1) * 1e-5),
  counts: new Float64Array(8).fill(1),
}));

describe('a distribution of values that lie close', () => {
  it.each([
    ['ridges', drawRidges],
    ['bands', drawBands],
  ])('has an axis of which each tick is told: %s', (_, draw) => {
    const texts: string[] = [];
    const context = new Proxy({} as Record<string, unknown>, {
      get: (_, name) => (name === 'fillText' ? (text: string) => texts.push(text) : () => undefined),
      set: () => true,
    });
    draw(context as unknown as CanvasRenderingContext2D, steps, { width: 400, height: 260 }, {} as Ink, -1);
    const values = texts.filter((text) => text.startsWith('1.0'));
    expect(values.length).toBeGreaterThan(2);
    expect(new Set(values).size).toBe(values.length);
  });
});
