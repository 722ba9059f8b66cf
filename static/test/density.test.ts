import { describe, expect, it } from 'vitest';
import { countAround, paintDensity, panned, placeOn, zoomed } from '../src/pages/projector/density';

const kRect = { xMin: -2, yMin: 0, xMax: 2, yMax: 4 };

describe('a density', () => {
  it('is clear where nothing is, and darker by the logarithm', () => {
    const pixels = paintDensity(Uint16Array.of(0, 1, 10, 100), 100, [200, 200, 200], [0, 0, 0]);
    expect([...pixels]).toEqual([0, 0, 0, 0, 200, 200, 200, 255, 100, 100, 100, 255, 0, 0, 0, 255]);
    expect([...paintDensity(Uint16Array.of(1, 0), 1, [1, 2, 3], [0, 0, 0])]).toEqual([1, 2, 3, 255, 0, 0, 0, 0]);
  });
  it('is moved and zoomed about the place under the pointer', () => {
    expect(panned(kRect, 0.5, -0.25)).toEqual({ xMin: 0, yMin: -1, xMax: 4, yMax: 3 });
    expect(zoomed(kRect, 2)).toEqual({ xMin: -1, yMin: 1, xMax: 1, yMax: 3 });
    expect(zoomed(kRect, 2, 0, 1)).toEqual({ xMin: -2, yMin: 2, xMax: 0, yMax: 4 });
    expect(zoomed(zoomed(kRect, 4, 0.3, 0.8), 1 / 4, 0.3, 0.8).xMax).toBeCloseTo(2, 10);
  });
  it('tells how many points lie around a pixel', () => {
    const counts = new Uint16Array(20 * 10);
    counts[0] = 3;
    counts[4 * 20 + 4] = 5;
    counts[9 * 20 + 19] = 65_535;
    expect(countAround(counts, 20, 10, 0, 0)).toEqual({ count: 8, isMore: false });
    expect(countAround(counts, 20, 10, 5, 5)).toEqual({ count: 5, isMore: false });
    expect(countAround(counts, 20, 10, 19, 9)).toEqual({ count: 65_535, isMore: true });
    expect(countAround(counts, 20, 10, 12, 0)).toEqual({ count: 0, isMore: false });
  });
  it('of another part is drawn where that part lies', () => {
    expect(placeOn(kRect, kRect)).toEqual({ left: 0, top: 0, width: 1, height: 1 });
    expect(placeOn(kRect, { xMin: 0, yMin: 0, xMax: 2, yMax: 2 })).toEqual({
      left: 0.5,
      top: 0.5,
      width: 0.5,
      height: 0.5,
    });
  });
});
