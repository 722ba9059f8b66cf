// Where a cloud of points lies. Pure, so that a test needs no GPU.
import { kHidden } from './emphasis';

export interface Bounds {
  readonly centre: [number, number, number];
  /** Half of the largest side, over the finite points; never 0. */
  readonly radius: number;
}

/** Coordinates as x, y, z triples whatever `dims` is: what a vertex buffer wants. */
export function toTriples(coordinates: Float32Array, dims: number): Float32Array {
  if (dims === 3) return coordinates;
  const points = Math.floor(coordinates.length / dims);
  const out = new Float32Array(points * 3);
  for (let i = 0; i < points; i++) {
    out[3 * i] = coordinates[dims * i] as number;
    out[3 * i + 1] = dims > 1 ? (coordinates[dims * i + 1] as number) : 0;
  }
  return out;
}

/** Least and most of the finite values of one axis of `dims`; low above high where there is none. */
export function rangeOf(coordinates: Float32Array, dims: number, axis: number): { low: number; high: number } {
  let [low, high] = [Infinity, -Infinity];
  for (let at = axis; at < coordinates.length; at += dims) {
    const value = coordinates[at] as number;
    if (value < low && value > -Infinity) low = value;
    if (value > high && value < Infinity) high = value;
  }
  return { low, high };
}

export function boundsOf(triples: Float32Array): Bounds {
  const ranges = [0, 1, 2].map((axis) => rangeOf(triples, 3, axis));
  if (ranges.some(({ low, high }) => low > high)) return { centre: [0, 0, 0], radius: 1 };
  const centre = ranges.map(({ low, high }) => (low + high) / 2) as [number, number, number];
  const side = Math.max(...ranges.map(({ low, high }) => high - low));
  return { centre, radius: side > 0 ? side / 2 : 1 };
}

/** Of the box around packed positions (gl/pack.ts). */
export function boundsOfBox({
  low,
  span,
}: {
  low: readonly [number, number, number];
  span: readonly [number, number, number];
}): Bounds {
  const side = Math.max(...span);
  return {
    centre: [low[0] + span[0] / 2, low[1] + span[1] / 2, low[2] + span[2] / 2],
    radius: side > 0 ? side / 2 : 1,
  };
}

/** How far the farthest finite point is from a place; never 0. */
export function reachFrom(triples: Float32Array, [x, y, z]: readonly [number, number, number]): number {
  let most = 0;
  for (let at = 0; at + 2 < triples.length; at += 3) {
    const away = Math.hypot(triples[at]! - x, triples[at + 1]! - y, triples[at + 2]! - z);
    if (away > most && away < Infinity) most = away;
  }
  return most > 0 ? most : 1;
}

/** The places of the points that are not hidden. */
export function visibleTriples(triples: Float32Array, emphasis: Uint8Array): Float32Array {
  if (!emphasis.includes(kHidden)) return triples;
  return triples.filter((_, at) => emphasis[Math.floor(at / 3)] !== kHidden);
}

/** Where the GPU draws the points, `blend` of the way to the next key frame. */
export function between(triples: Float32Array, next: Float32Array | null, blend: number): Float32Array {
  if (next === null || blend === 0) return triples;
  return blend === 1 ? next : triples.map((from, at) => from + blend * ((next[at] as number) - from));
}

/** CSS pixels across a point: smaller the more points share the view. */
export function pointSize(points: number, width: number, height: number): number {
  if (points === 0) return 6;
  return Math.min(11, Math.max(2, 0.5 * Math.sqrt((width * height) / points)));
}

/** Where points cover each other many times, lighter ones show how dense it is. */
export function pointOpacity(points: number, width: number, height: number): number {
  const size = pointSize(points, width, height);
  const cover = (points * size * size) / Math.max(1, width * height);
  return Math.min(0.88, Math.max(0.25, 0.88 / Math.max(1, Math.sqrt(cover / 2))));
}
