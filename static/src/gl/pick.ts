// Which point lies under the pointer. Points are kept in buckets of neighbours (sorted along a Morton curve, so that
// dense and empty places cost the same); a pick looks only into the buckets whose box meets the narrow frustum
// behind the pointer. The alternative, reading ids back from the GPU, draws every point once more for each move of
// the mouse, which software WebGL makes slow. Pure.
import { kHidden, kMarked } from './emphasis';
import { rangeOf } from './fit';

const kBucket = 256;
const kKeyBits = 30;

export interface PickQuery {
  /** Projection times view, column-major as WebGL has it. */
  readonly matrix: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
  /** CSS pixels of the picture. */
  readonly x: number;
  readonly y: number;
  /** How far from the pointer a point may be. */
  readonly reach: number;
  /** Of the disc that a point is drawn as; of two discs under the pointer the one in front counts. */
  readonly radius: number;
  readonly emphasis: Uint8Array | null;
  /** Between `triples` (0) and `next` (1). */
  readonly blend: number;
}

/** Every third bit of the result is one of the 10 bits of `value`. */
function spread3(value: number): number {
  let x = value & 0x3ff;
  x = (x | (x << 16)) & 0x030000ff;
  x = (x | (x << 8)) & 0x0300f00f;
  x = (x | (x << 4)) & 0x030c30c3;
  return (x | (x << 2)) & 0x09249249;
}

/** Every second bit of the result is one of the 15 bits of `value`. */
function spread2(value: number): number {
  let x = value & 0x7fff;
  x = (x | (x << 8)) & 0x00ff00ff;
  x = (x | (x << 4)) & 0x0f0f0f0f;
  x = (x | (x << 2)) & 0x33333333;
  return (x | (x << 1)) & 0x55555555;
}

/** Places on a Morton curve; those that are not finite come last. */
function mortonKeys(triples: Float32Array, isFlat: boolean): Uint32Array {
  const ranges = [0, 1, 2].map((axis) => rangeOf(triples, 3, axis));
  const levels = isFlat ? 0x7fff : 0x3ff;
  const [sx, sy, sz] = ranges.map(({ low, high }) => (high > low ? levels / (high - low) : 0)) as [
    number,
    number,
    number,
  ];
  const [lx, ly, lz] = ranges.map(({ low }) => low) as [number, number, number];
  const keys = new Uint32Array(triples.length / 3);
  for (let i = 0, at = 0; i < keys.length; i++, at += 3) {
    const x = triples[at] as number;
    const y = triples[at + 1] as number;
    const z = triples[at + 2] as number;
    if (!Number.isFinite(x + y + z)) keys[i] = (1 << kKeyBits) - 1;
    else if (isFlat) keys[i] = spread2((x - lx) * sx) | (spread2((y - ly) * sy) << 1);
    else keys[i] = spread3((x - lx) * sx) | (spread3((y - ly) * sy) << 1) | (spread3((z - lz) * sz) << 2);
  }
  return keys;
}

/** The rows in the order of their keys: a radix sort of two passes of 15 bits. */
function sortedRows(keys: Uint32Array): Uint32Array {
  const half = kKeyBits / 2;
  const digits = (1 << half) - 1;
  let rows = new Uint32Array(keys.length);
  for (let i = 0; i < rows.length; i++) rows[i] = i;
  let other = new Uint32Array(keys.length);
  for (const shift of [0, half]) {
    const starts = new Uint32Array((1 << half) + 1);
    for (let i = 0; i < keys.length; i++) starts[((keys[i]! >>> shift) & digits) + 1]!++;
    for (let digit = 1; digit < starts.length; digit++) starts[digit]! += starts[digit - 1]!;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      other[starts[(keys[row]! >>> shift) & digits]!++] = row;
    }
    [rows, other] = [other, rows];
  }
  return rows;
}

/** Middle and half extent of each bucket, 6 numbers each; -1 as extent where it has no finite point. */
function boxesOf(rows: Uint32Array, triples: Float32Array): Float32Array {
  const boxes = new Float32Array(Math.ceil(rows.length / kBucket) * 6);
  for (let bucket = 0, from = 0; from < rows.length; bucket++, from += kBucket) {
    let [lx, ly, lz, hx, hy, hz] = [Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity];
    for (let i = from, end = Math.min(rows.length, from + kBucket); i < end; i++) {
      const at = 3 * (rows[i] as number);
      const x = triples[at] as number;
      const y = triples[at + 1] as number;
      const z = triples[at + 2] as number;
      if (!Number.isFinite(x + y + z)) continue;
      if (x < lx) lx = x;
      if (x > hx) hx = x;
      if (y < ly) ly = y;
      if (y > hy) hy = y;
      if (z < lz) lz = z;
      if (z > hz) hz = z;
    }
    // A hair larger: the middle of two float32 numbers is rounded.
    const half = (low: number, high: number) =>
      high < low ? -1 : ((high - low) / 2) * (1 + 1e-6) + Math.abs(low + high) * 1e-7;
    boxes.set([(lx + hx) / 2, (ly + hy) / 2, (lz + hz) / 2, half(lx, hx), half(ly, hy), half(lz, hz)], bucket * 6);
  }
  return boxes;
}

export class PickIndex {
  readonly #rows: Uint32Array;
  #triples: Float32Array;
  #boxes: Float32Array;
  #next: Float32Array | null = null;
  #nextBoxes: Float32Array | null = null;

  /** `triples` are kept, not copied. */
  constructor(triples: Float32Array, isFlat: boolean, next: Float32Array | null = null) {
    this.#triples = triples;
    this.#rows = sortedRows(mortonKeys(triples, isFlat));
    this.#boxes = boxesOf(this.#rows, triples);
    this.#setNext(next);
  }

  get points(): number {
    return this.#rows.length;
  }

  /** The same rows at other places: exact, and quicker than a new index while they have not moved far. */
  move(triples: Float32Array, next: Float32Array | null): void {
    if (triples !== this.#triples) {
      const isNext = triples === this.#next && this.#nextBoxes !== null;
      this.#boxes = isNext ? this.#nextBoxes! : boxesOf(this.#rows, triples);
      this.#triples = triples;
    }
    if (next !== this.#next) this.#setNext(next);
  }

  /** The row of the point that is meant; -1 where none is within reach. Hidden points are not found, marked ones first. */
  pick(query: PickQuery): number {
    const { matrix, width, height, x, y, reach, emphasis } = query;
    const m = Float64Array.from(matrix);
    const [targetX, targetY] = [(x / width) * 2 - 1, 1 - (y / height) * 2];
    const [reachX, reachY] = [(2 * reach) / width, (2 * reach) / height];
    const planes = [
      plane(m, 0, targetX + reachX, 1),
      plane(m, 0, targetX - reachX, -1),
      plane(m, 1, targetY + reachY, 1),
      plane(m, 1, targetY - reachY, -1),
    ];
    const blend = this.#next === null ? 0 : query.blend;
    const from = this.#triples;
    const next = this.#next ?? from;
    const best = { row: -1, distance: Infinity, depth: Infinity, isMarked: false };
    for (let bucket = 0, at = 0; at < this.#boxes.length; bucket++, at += 6) {
      if (!this.#meets(planes, at, blend)) continue;
      for (let i = bucket * kBucket, end = Math.min(this.#rows.length, i + kBucket); i < end; i++) {
        const row = this.#rows[i] as number;
        const mark = emphasis === null ? 0 : emphasis[row];
        if (mark === kHidden) continue;
        const p = 3 * row;
        const px = from[p]! + blend * (next[p]! - from[p]!);
        const py = from[p + 1]! + blend * (next[p + 1]! - from[p + 1]!);
        const pz = from[p + 2]! + blend * (next[p + 2]! - from[p + 2]!);
        const w = m[3]! * px + m[7]! * py + m[11]! * pz + m[15]!;
        if (!(w > 0)) continue;
        const dx = (((m[0]! * px + m[4]! * py + m[8]! * pz + m[12]!) / w - targetX) * width) / 2;
        const dy = (((m[1]! * px + m[5]! * py + m[9]! * pz + m[13]!) / w - targetY) * height) / 2;
        const distance = dx * dx + dy * dy;
        if (!(distance <= reach * reach)) continue;
        if (distance > best.distance && distance > query.radius * query.radius && mark !== kMarked) continue;
        const depth = (m[2]! * px + m[6]! * py + m[10]! * pz + m[14]!) / w;
        const one = { row, distance, depth, isMarked: mark === kMarked };
        if (isBefore(one, best, query.radius * query.radius)) Object.assign(best, one);
      }
    }
    return best.row;
  }

  #setNext(next: Float32Array | null): void {
    this.#next = next !== null && next.length === this.#triples.length ? next : null;
    this.#nextBoxes = this.#next === null ? null : boxesOf(this.#rows, this.#next);
  }

  /** Whether a bucket's box, `blend` of the way to its next, reaches to the inner side of each plane. */
  #meets(planes: readonly Float64Array[], at: number, blend: number): boolean {
    const a = this.#boxes;
    const b = this.#nextBoxes ?? a;
    if (a[at + 3]! < 0 || b[at + 3]! < 0) return false;
    for (const plane of planes) {
      let value = plane[3]!;
      for (let axis = 0; axis < 3; axis++) {
        const middle = a[at + axis]! + blend * (b[at + axis]! - a[at + axis]!);
        const half = a[at + 3 + axis]! + blend * (b[at + 3 + axis]! - a[at + 3 + axis]!);
        value += plane[axis]! * middle - Math.abs(plane[axis]!) * half;
      }
      if (value > 0) return false;
    }
    return true;
  }
}

/** sign * (row `axis` of the matrix - edge * its last row): not above 0 on the inner side of a frustum's edge. */
function plane(m: Float64Array, axis: number, edge: number, sign: number): Float64Array {
  return Float64Array.from([0, 4, 8, 12], (column) => sign * (m[column + axis]! - edge * m[column + 3]!));
}

interface Candidate {
  readonly row: number;
  /** Squared, as `radius` of isBefore. */
  readonly distance: number;
  readonly depth: number;
  readonly isMarked: boolean;
}

function isBefore(a: Candidate, b: Candidate, radius: number): boolean {
  if (b.row < 0) return true;
  if (a.isMarked !== b.isMarked) return a.isMarked;
  // Both discs are under the pointer: the one that covers the other is seen.
  if (a.distance <= radius && b.distance <= radius && a.depth !== b.depth) return a.depth < b.depth;
  if (a.distance !== b.distance) return a.distance < b.distance;
  return a.depth !== b.depth ? a.depth < b.depth : a.row < b.row;
}
