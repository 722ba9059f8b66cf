import { describe, expect, it } from 'vitest';
import {
  assignColours,
  categoryColour,
  colourBytes,
  contrast,
  kCategoriesMax,
  kOtherColour,
  rankColour,
  scaleOnPage,
  textOn,
} from '../src/base/colour';
import { colourPoints } from '../src/pages/projector/colouring';

/** The ground of charts, maps and timelines: --surface of style.css. */
const kSurface = { light: '#ffffff', dark: '#171f26' };

describe('assignColours', () => {
  const runs = (...ids: number[]) => ids.map((id) => ({ id, colour: null }));
  it('does not change a run for one that comes or goes, whatever the order', () => {
    const before = assignColours(runs(3, 1, 2));
    const after = assignColours(runs(9, 2, 3));
    for (const id of [2, 3]) expect(after.get(id)).toEqual(before.get(id));
  });
  it('takes the colour that a user chose', () => {
    const colours = assignColours([{ id: 9, colour: '#123456' }]);
    expect(colours.get(9)).toEqual({ light: '#123456', dark: '#123456', dash: [] });
  });
  it('gives 24 runs colours of their own, and dashes by which those who see few hues know them', () => {
    const ranks = Array.from({ length: 24 }, (_, rank) => rankColour(rank));
    for (const theme of ['light', 'dark'] as const) expect(new Set(ranks.map((one) => one[theme])).size).toBe(24);
    expect(new Set(ranks.map(({ dash }) => dash.join())).size).toBe(3);
  });
  it('repeats the palette with another dash', () => {
    expect(rankColour(24).light).toBe(rankColour(3).light);
    expect(rankColour(24).dash).not.toEqual(rankColour(3).dash);
  });
  it.each([1, 2, 4, 8])('uses the whole palette where every %i. rank is in use', (stride) => {
    const ranks = Array.from({ length: 8 }, (_, i) => rankColour(i * stride));
    expect(new Set(ranks.map(({ light }) => light)).size).toBe(8);
  });
  it('stands out from the surface of its theme as WCAG asks of graphics', () => {
    for (let rank = 0; rank < 24; rank++) {
      expect(contrast(rankColour(rank).light, kSurface.light)).toBeGreaterThan(3);
      expect(contrast(rankColour(rank).dark, kSurface.dark)).toBeGreaterThan(3);
    }
  });
  it('tells 96 runs apart', () => {
    const looks = Array.from({ length: 96 }, (_, i) => rankColour(i)).map(
      ({ light, dash }) => `${light} ${dash.join()}`,
    );
    expect(new Set(looks).size).toBe(96);
  });
});

describe('colourBytes', () => {
  it('reads both forms', () => {
    expect(colourBytes('#0a8f6c')).toEqual([10, 143, 108]);
    expect(colourBytes('rgb(1, 20, 255)')).toEqual([1, 20, 255]);
  });
});

/** What the eye takes for the distance of two colours: that of their places in OKLab (Ottosson 2020). */
function distance(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [okLab(a), okLab(b)];
  return Math.hypot(...x.map((one, i) => one - (y[i] as number)));
}
function okLab(rgb: readonly number[]): number[] {
  const lms = times(kLms, rgb).map(Math.cbrt);
  return times(kLab, lms);
}
const times = (matrix: readonly (readonly number[])[], vector: readonly number[]) =>
  matrix.map((row) => row.reduce((sum, one, i) => sum + one * (vector[i] as number), 0));
const kLms = [
  [0.4122214708, 0.5363325363, 0.0514459929],
  [0.2119034982, 0.6806995451, 0.1073969566],
  [0.0883024619, 0.2817188376, 0.6299787005],
];
const kLab = [
  [0.2104542553, 0.793617785, -0.0040720468],
  [1.9779984951, -2.428592205, 0.4505937099],
  [0.0259040371, 0.7827717662, -0.808675766],
];
/** How those see linear RGB who have no cones for red or for green (Machado and others 2009). */
const kEyes = [
  [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
];
function linear(colour: string): number[] {
  return colourBytes(colour).map((byte) => (byte <= 10 ? byte / 3294.6 : ((byte / 255 + 0.055) / 1.055) ** 2.4));
}
/** The smallest distance of a colour behind the first `settled` to any other. */
function nearest(colours: readonly (readonly number[])[], settled: number): number {
  let least = Infinity;
  for (let i = settled; i < colours.length; i++)
    for (let j = 0; j < i; j++)
      least = Math.min(least, distance(colours[i] as readonly number[], colours[j] as readonly number[]));
  return least;
}

describe.each(['light', 'dark'] as const)('the categories on a %s page', (theme) => {
  const colours = Array.from({ length: kCategoriesMax }, (_, i) => categoryColour(i, theme === 'dark'));
  it('stand out from it as WCAG asks of graphics', () => {
    for (const colour of [...colours, kOtherColour]) expect(contrast(colour, kSurface[theme])).toBeGreaterThan(3);
  });
  it('are read where a text stands on them', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
    for (const colour of colours) expect(contrast(colour, textOn(colour))).toBeGreaterThan(4.5);
  });
  it('are apart, also for those who see few hues', () => {
    expect(nearest(colours.map(linear), 0)).toBeGreaterThan(0.07);
    // Of the first eight, which came before the others, blue and violet are nearer to each other for these eyes.
    for (const eye of kEyes) {
      const seen = colours.map((one) => times(eye, linear(one)).map((part) => Math.min(1, Math.max(0, part))));
      expect(nearest(seen, 8)).toBeGreaterThan(0.035);
    }
  });
});

describe.each(['light', 'dark'] as const)('a scale of numbers on a %s page', (theme) => {
  it('stands out from it from end to end', () => {
    const table = scaleOnPage(theme === 'dark');
    for (let i = 0; i < 256; i++) {
      const colour = `rgb(${table.slice(3 * i, 3 * i + 3).join(', ')})`;
      expect(contrast(colour, kSurface[theme]), `${i} of 255`).toBeGreaterThan(3);
    }
  });
});

describe('colourPoints', () => {
  it('gives equal texts equal colours', () => {
    const { rgb, legend, isNumeric } = colourPoints(3, ['Oslo', 'Lima', 'Oslo'], false);
    expect([...rgb.subarray(0, 3)]).toEqual([...rgb.subarray(6, 9)]);
    expect([...rgb.subarray(0, 3)]).not.toEqual([...rgb.subarray(3, 6)]);
    expect(legend.map((entry) => [entry.label, entry.note])).toEqual([
      ['Lima', '1'],
      ['Oslo', '2'],
    ]);
    expect(isNumeric).toBe(false);
  });
  it('puts what is beyond 20 categories under other', () => {
    const { legend } = colourPoints(
      25,
      Array.from({ length: 25 }, (_, i) => `c${i}`),
      false,
    );
    expect(legend.length).toBe(21);
    expect(legend[20]).toMatchObject({ label: '5 others', note: '5' });
  });
  it('scales many different numbers, and greys what is missing', () => {
    const { rgb, isNumeric, legend } = colourPoints(
      20,
      [...Array.from({ length: 19 }, (_, i) => String(i)), ''],
      false,
    );
    expect(isNumeric).toBe(true);
    expect([...rgb.subarray(0, 3)]).toEqual([68, 1, 84]);
    expect([...rgb.subarray(57, 60)]).toEqual([138, 148, 158]);
    expect(legend[4]!.label).toBe('18');
  });
  it('serves fewer texts than points, and none', () => {
    expect(colourPoints(4, ['a'], false).rgb.length).toBe(12);
    expect(colourPoints(4, undefined, false).legend).toEqual([]);
  });
});
