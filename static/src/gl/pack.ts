// Positions as 16 bits per axis within their bounding box: a quarter of what float triples take, and fine
// enough for 65,535 places across a picture. Pure, so that a test needs no GPU.

import { rangeOf } from './fit';

type Triple = readonly [number, number, number];

export interface PackedPositions {
  /** `size` values per point, 0 to 65535 across the box. */
  readonly values: Uint16Array;
  /** 2 in the plane, 4 (the last is padding: GPUs want 4-byte strides) in space. */
  readonly size: 2 | 4;
  readonly low: Triple;
  readonly span: Triple;
  /** Points that have no finite place, in ascending order; they are packed at `low`. */
  readonly absent: readonly number[];
}

/** Small, so that it is compiled within the first of its million rounds. */
function packAxis(
  { from, dims, axis }: { from: Float32Array; dims: number; axis: number },
  to: { values: Uint16Array; size: number },
  start: number,
  scale: number,
  absent: number[],
): void {
  const { values, size } = to;
  for (let row = 0, at = axis, put = axis; put < values.length; row++, at += dims, put += size) {
    const value = from[at] as number;
    if (value > -Infinity && value < Infinity) values[put] = (value - start) * scale + 0.5;
    else if (absent[absent.length - 1] !== row) absent.push(row);
  }
}

/** `coordinates` are N x dims, row-major; dims is 2 or 3. */
export function packPositions(coordinates: Float32Array, dims: number): PackedPositions {
  const points = Math.floor(coordinates.length / dims);
  const ranges = [0, 1, 2].map((axis) => (axis < dims ? rangeOf(coordinates, dims, axis) : { low: 0, high: 0 }));
  const from = ranges.map(({ low }) => (low < Infinity ? low : 0));
  const span = ranges.map(({ low, high }) => (high > low ? high - low : 0));
  const size = dims === 3 ? 4 : 2;
  const values = new Uint16Array(points * size);
  const absent: number[] = [];
  for (let axis = 0; axis < dims; axis++) {
    const scale = span[axis] === 0 ? 0 : 65535 / (span[axis] as number);
    packAxis({ from: coordinates, dims, axis }, { values, size }, from[axis] as number, scale, absent);
  }
  const rows = [...new Set(absent)].sort((a, b) => a - b);
  return { values, size, low: from as unknown as Triple, span: span as unknown as Triple, absent: rows };
}

const packed = new WeakMap<Float32Array, PackedPositions>();

/** A frame that comes is the next one first and the key frame then: it is packed once. */
export function packOnce(coordinates: Float32Array, dims: number): PackedPositions {
  const known = packed.get(coordinates);
  if (known !== undefined) return known;
  const made = packPositions(coordinates, dims);
  packed.set(coordinates, made);
  return made;
}
