// Rows of another embedding on a map: one cloud of both, and colours that tell them apart. Pure.
import { categoryColour, colourBytes, kOtherColour } from '../../base/colour';
import { formatStep } from '../../base/format';
import { colourPoints, type Colouring } from './colouring';

/** How much of its colour a point of the map keeps beside placed rows. */
const kKept = 0.35;

/** The map's own rows first. */
export function overlay(map: Float32Array, placed: Float32Array): Float32Array {
  const both = new Float32Array(map.length + placed.length);
  both.set(map);
  both.set(placed, map.length);
  return both;
}

/** Strong for placed rows, pale for the map's own: by a column that both have, else one colour each. */
export function colourPlaced(
  points: number,
  column: readonly string[] | undefined,
  placed: number,
  placedColumn: readonly string[] | undefined,
  isDark: boolean,
): Colouring {
  const isShared = column !== undefined && placedColumn !== undefined;
  const filled = (texts: readonly string[], count: number) => Array.from({ length: count }, (_, i) => texts[i] ?? '');
  const { rgb, legend, isNumeric } = isShared
    ? colourPoints(points + placed, [...filled(column, points), ...filled(placedColumn, placed)], isDark)
    : { rgb: new Uint8Array(3 * (points + placed)), legend: [], isNumeric: false };
  const grey = colourBytes(kOtherColour);
  for (let i = 0; i < 3 * points; i++) {
    const own = isShared ? (rgb[i] as number) : (grey[i % 3] as number);
    rgb[i] = Math.round(kKept * own + (1 - kKept) * (grey[i % 3] as number));
  }
  const one = categoryColour(1, isDark);
  const strong = colourBytes(one);
  if (!isShared) for (let i = 3 * points; i < rgb.length; i++) rgb[i] = strong[i % 3] as number;
  const own = { label: isShared ? 'pale: of this map' : 'of this map', colour: kOtherColour, note: formatStep(points) };
  const other = {
    label: isShared ? 'strong: placed' : 'placed',
    colour: isShared ? 'transparent' : one,
    note: formatStep(placed),
  };
  return { rgb, legend: [other, own, ...legend], isNumeric };
}
