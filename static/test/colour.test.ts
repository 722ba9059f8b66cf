import { describe, expect, it } from 'vitest';
import {
  assignColours,
  categoryColour,
  colourBytes,
  contrast,
  kCategoriesMax,
  rankColour,
  textOn,
} from '../src/base/colour';
import { colourPoints } from '../src/pages/projector/colouring';

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
  it('gives neighbours different colours and repeats the palette with another dash', () => {
    expect(rankColour(0).light).not.toBe(rankColour(1).light);
    expect(rankColour(8).light).toBe(rankColour(1).light);
    expect(rankColour(8).dash).not.toEqual(rankColour(1).dash);
  });
  it.each([1, 2, 4, 8])('uses the whole palette where every %i. rank is in use', (stride) => {
    const ranks = Array.from({ length: 8 }, (_, i) => rankColour(i * stride));
    expect(new Set(ranks.map(({ light }) => light)).size).toBe(8);
  });
  it('stands out from the surface of its theme as WCAG asks of graphics', () => {
    for (let rank = 0; rank < 8; rank++) {
      expect(contrast(rankColour(rank).light, '#ffffff')).toBeGreaterThan(3);
      expect(contrast(rankColour(rank).dark, '#171f26')).toBeGreaterThan(3);
    }
  });
  it('tells 32 runs apart', () => {
    const looks = Array.from({ length: 32 }, (_, i) => rankColour(i)).map(
      ({ light, dash }) => `${light} ${dash.join()}`,
    );
    expect(new Set(looks).size).toBe(32);
  });
});

describe('colourBytes', () => {
  it('reads both forms', () => {
    expect(colourBytes('#0a8f6c')).toEqual([10, 143, 108]);
    expect(colourBytes('rgb(1, 20, 255)')).toEqual([1, 20, 255]);
  });
});

describe('textOn', () => {
  it('is read on every colour of a category', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
    for (let i = 0; i < kCategoriesMax; i++)
      expect(contrast(categoryColour(i), textOn(categoryColour(i)))).toBeGreaterThan(4.5);
  });
});

describe('colourPoints', () => {
  it('gives equal texts equal colours', () => {
    const { rgb, legend, isNumeric } = colourPoints(3, ['Oslo', 'Lima', 'Oslo']);
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
    );
    expect(legend.length).toBe(21);
    expect(legend[20]).toMatchObject({ label: '5 others', note: '5' });
  });
  it('scales many different numbers, and greys what is missing', () => {
    const { rgb, isNumeric, legend } = colourPoints(20, [...Array.from({ length: 19 }, (_, i) => String(i)), '']);
    expect(isNumeric).toBe(true);
    expect([...rgb.subarray(0, 3)]).toEqual([68, 1, 84]);
    expect([...rgb.subarray(57, 60)]).toEqual([138, 148, 158]);
    expect(legend[4]!.label).toBe('18');
  });
  it('serves fewer texts than points, and none', () => {
    expect(colourPoints(4, ['a']).rgb.length).toBe(12);
    expect(colourPoints(4, undefined).legend).toEqual([]);
  });
});
