// Which points of a picture have a thumbnail: all that are in it while they are few, else one for each square that a
// thumbnail covers. Pure.
import { kFaded, kHidden, kMarked } from './emphasis';

/** So many may cover each other: one sees what is where. */
const kAllMax = 300;

export interface ThumbnailTask {
  readonly triples: Float32Array;
  /** The next key frame, `blend` of the way to which points are. */
  readonly next: Float32Array | null;
  readonly blend: number;
  /** Projection times view, column-major. */
  readonly matrix: ArrayLike<number>;
  /** Of the picture, in CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly emphasis: Uint8Array;
  /** CSS pixels across a thumbnail. */
  readonly size: number;
}

/** Ascending. Where something is marked, marked points only; hidden and faded ones never. */
export function chooseThumbnails({
  triples,
  next,
  blend,
  matrix,
  width,
  height,
  emphasis,
  size,
}: ThumbnailTask): Uint32Array {
  const m = Float64Array.from(matrix);
  const columns = Math.ceil(width / size);
  const cells = new Int32Array(columns * Math.ceil(height / size)).fill(-1);
  const nearest = new Float64Array(cells.length).fill(Infinity);
  const onlyMarked = emphasis.includes(kMarked);
  const to = next ?? triples;
  const points = triples.length / 3;
  const all: number[] = [];
  let seen = 0;
  for (let row = 0, at = 0; row < points; row++, at += 3) {
    const mark = emphasis[row];
    if (mark === kHidden || mark === kFaded || (onlyMarked && mark !== kMarked)) continue;
    const px = triples[at]! + blend * (to[at]! - triples[at]!);
    const py = triples[at + 1]! + blend * (to[at + 1]! - triples[at + 1]!);
    const pz = triples[at + 2]! + blend * (to[at + 2]! - triples[at + 2]!);
    const w = m[3]! * px + m[7]! * py + m[11]! * pz + m[15]!;
    if (!(w > 0)) continue;
    const x = (((m[0]! * px + m[4]! * py + m[8]! * pz + m[12]!) / w + 1) / 2) * width;
    const y = ((1 - (m[1]! * px + m[5]! * py + m[9]! * pz + m[13]!) / w) / 2) * height;
    if (!(x >= 0 && y >= 0 && x < width && y < height)) continue;
    if (seen++ < kAllMax) all.push(row);
    const [column, line] = [Math.floor(x / size), Math.floor(y / size)];
    const cell = line * columns + column;
    const distance = Math.hypot(x / size - column - 0.5, y / size - line - 0.5);
    if (distance >= nearest[cell]!) continue;
    nearest[cell] = distance;
    cells[cell] = row;
  }
  return seen <= kAllMax ? Uint32Array.from(all) : Uint32Array.from(cells.filter((row) => row >= 0)).sort();
}
