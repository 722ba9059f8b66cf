// Where a cloud of points lies. Pure, so that a test needs no GPU.

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

export function boundsOf(triples: Float32Array): Bounds {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < triples.length; i++) {
    const value = triples[i] as number;
    if (!Number.isFinite(value)) continue;
    const axis = i % 3;
    if (value < (low[axis] as number)) low[axis] = value;
    if (value > (high[axis] as number)) high[axis] = value;
  }
  if (!(low[0]! <= high[0]!)) return { centre: [0, 0, 0], radius: 1 };
  const centre = low.map((value, axis) => (value + (high[axis] as number)) / 2) as [number, number, number];
  const side = Math.max(...low.map((value, axis) => (high[axis] as number) - value));
  return { centre, radius: side > 0 ? side / 2 : 1 };
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
