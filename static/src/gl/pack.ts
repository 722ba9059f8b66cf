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
    const start = from[axis] as number;
    const scale = span[axis] === 0 ? 0 : 65535 / (span[axis] as number);
    for (let i = 0; i < points; i++) {
      const value = coordinates[i * dims + axis] as number;
      if (Number.isFinite(value)) values[i * size + axis] = Math.round((value - start) * scale);
      else if (absent[absent.length - 1] !== i) absent.push(i);
    }
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
