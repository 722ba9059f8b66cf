// Which points lie in a box or a lasso drawn on the picture. A uniform grid over the polygon's box says for each
// cell whether it is inside, outside or crossed by an edge; only points of crossed cells are tested against
// edges, and only against the edges of their row of cells. A million points take some tens of milliseconds.

/** x, y pairs in CSS pixels of the picture. */
export type Polygon = readonly (readonly [number, number])[];

export interface SelectTask {
  readonly triples: Float32Array;
  /** Projection times view, column-major. */
  readonly matrix: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
  readonly polygon: Polygon;
}

const kCells = 64;
const kOutside = 0;
const kInside = 1;
const kCrossed = 2;

/** Even-odd rule, against the given edges (an edge i goes from vertex i to the next). */
function isInside(polygon: Polygon, edges: readonly number[], x: number, y: number): boolean {
  let inside = false;
  for (const i of edges) {
    const [ax, ay] = polygon[i] as readonly [number, number];
    const [bx, by] = polygon[(i + 1) % polygon.length] as readonly [number, number];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

export class PolygonGrid {
  readonly #cells = new Uint8Array(kCells * kCells);
  readonly #rowEdges: number[][] = Array.from({ length: kCells }, () => []);
  readonly #low: [number, number] = [Infinity, Infinity];
  readonly #scale: [number, number];

  constructor(private readonly polygon: Polygon) {
    const high: [number, number] = [-Infinity, -Infinity];
    for (const [x, y] of polygon) {
      this.#low[0] = Math.min(this.#low[0], x);
      this.#low[1] = Math.min(this.#low[1], y);
      high[0] = Math.max(high[0], x);
      high[1] = Math.max(high[1], y);
    }
    this.#scale = [0, 1].map(
      (axis) => kCells / Math.max(1e-9, (high[axis] as number) - (this.#low[axis] as number)),
    ) as [number, number];
    polygon.forEach((_, edge) => this.#cross(edge));
    this.#fill();
  }

  contains(x: number, y: number): boolean {
    const column = (x - this.#low[0]) * this.#scale[0];
    const row = (y - this.#low[1]) * this.#scale[1];
    if (!(column >= 0 && row >= 0 && column <= kCells && row <= kCells)) return false;
    const at = Math.min(kCells - 1, Math.floor(row));
    const kind = this.#cells[at * kCells + Math.min(kCells - 1, Math.floor(column))];
    return kind === kCrossed ? isInside(this.polygon, this.#rowEdges[at] as number[], x, y) : kind === kInside;
  }

  /** Marks the cells that an edge may touch: those of its own span within each row of cells. */
  #cross(edge: number): void {
    const cellOf = (vertex: number, axis: number) =>
      (((this.polygon[vertex % this.polygon.length] as readonly [number, number])[axis] as number) -
        (this.#low[axis] as number)) *
      (this.#scale[axis] as number);
    const [ax, ay, bx, by] = [cellOf(edge, 0), cellOf(edge, 1), cellOf(edge + 1, 0), cellOf(edge + 1, 1)];
    const clamp = (cell: number) => Math.min(kCells - 1, Math.max(0, Math.floor(cell)));
    for (let row = clamp(Math.min(ay, by)); row <= clamp(Math.max(ay, by)); row++) {
      this.#rowEdges[row]?.push(edge);
      const share = (y: number) => (by === ay ? 0 : Math.min(1, Math.max(0, (y - ay) / (by - ay))));
      const ends = by === ay ? [ax, bx] : [ax + share(row) * (bx - ax), ax + share(row + 1) * (bx - ax)];
      // A hair wider on both sides, so that rounding never leaves out a cell.
      for (let column = clamp(Math.min(...ends) - 1e-6); column <= clamp(Math.max(...ends) + 1e-6); column++) {
        this.#cells[row * kCells + column] = kCrossed;
      }
    }
  }

  #fill(): void {
    for (let row = 0; row < kCells; row++) {
      const edges = this.#rowEdges[row] as number[];
      const y = this.#low[1] + (row + 0.5) / this.#scale[1];
      for (let column = 0; column < kCells; column++) {
        if (this.#cells[row * kCells + column] === kCrossed) continue;
        const x = this.#low[0] + (column + 0.5) / this.#scale[0];
        this.#cells[row * kCells + column] = isInside(this.polygon, edges, x, y) ? kInside : kOutside;
      }
    }
  }
}

/** Rows of the points that the picture shows within the polygon, ascending. */
export function selectRows({ triples, matrix, width, height, polygon }: SelectTask): Uint32Array {
  if (polygon.length < 3) return new Uint32Array(0);
  const grid = new PolygonGrid(polygon);
  const m = Float64Array.from(matrix);
  const rows = new Uint32Array(triples.length / 3);
  let count = 0;
  for (let i = 0, at = 0; at < triples.length; i++, at += 3) {
    const [px, py, pz] = [triples[at] as number, triples[at + 1] as number, triples[at + 2] as number];
    const w = m[3]! * px + m[7]! * py + m[11]! * pz + m[15]!;
    if (!(w > 0)) continue;
    const x = (((m[0]! * px + m[4]! * py + m[8]! * pz + m[12]!) / w + 1) / 2) * width;
    const y = ((1 - (m[1]! * px + m[5]! * py + m[9]! * pz + m[13]!) / w) / 2) * height;
    if (grid.contains(x, y)) rows[count++] = i;
  }
  return rows.slice(0, count);
}
