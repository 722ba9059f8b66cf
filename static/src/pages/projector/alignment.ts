// Lays one map over another: the rotation or reflection and the shift that bring its points nearest to theirs
// (orthogonal Procrustes), without scaling, so that a map that spreads is seen to spread. Pure.

type Matrix = number[][];

/** Where the rows begin that have a place on both maps. */
function placedOnBoth(a: Float32Array, b: Float32Array, dims: number): Uint32Array {
  const starts = new Uint32Array(Math.floor(Math.min(a.length, b.length) / dims));
  let count = 0;
  for (let at = 0; at + dims <= a.length && at + dims <= b.length; at += dims) {
    let isPlaced = true;
    for (let i = 0; i < dims; i++) isPlaced &&= Number.isFinite(a[at + i]) && Number.isFinite(b[at + i]);
    if (isPlaced) starts[count++] = at;
  }
  return starts.subarray(0, count);
}

/** The middle of the rows that begin at `starts`. */
function meansOf(map: Float32Array, dims: number, starts: Uint32Array): number[] {
  const means = new Array<number>(dims).fill(0);
  for (const at of starts) {
    for (let i = 0; i < dims; i++) means[i]! += map[at + i] as number;
  }
  return means.map((sum) => sum / Math.max(1, starts.length));
}

function multiply(a: Matrix, b: Matrix): Matrix {
  return a.map((row) =>
    (b[0] as number[]).map((_, j) => row.reduce((sum, value, k) => sum + value * (b[k]![j] as number), 0)),
  );
}

function transpose(a: Matrix): Matrix {
  return (a[0] as number[]).map((_, j) => a.map((row) => row[j] as number));
}

/** Eigenvalues and vectors (columns) of a small symmetric matrix, by Jacobi's rotations. */
function eigen(symmetric: Matrix): { values: number[]; vectors: Matrix } {
  const n = symmetric.length;
  const a = symmetric.map((row) => [...row]);
  let vectors: Matrix = a.map((_, i) => a.map((__, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < 40; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (a[p]![q] === 0) continue;
        const angle = 0.5 * Math.atan2(2 * a[p]![q]!, a[p]![p]! - a[q]![q]!);
        const turn: Matrix = a.map((_, i) => a.map((__, j) => (i === j ? 1 : 0)));
        turn[p]![p] = turn[q]![q] = Math.cos(angle);
        turn[q]![p] = Math.sin(angle);
        turn[p]![q] = -Math.sin(angle);
        const next = multiply(multiply(transpose(turn), a), turn);
        next.forEach((row, i) => (a[i] = row));
        vectors = multiply(vectors, turn);
      }
    }
  }
  return { values: a.map((row, i) => row[i] as number), vectors };
}

/** A unit vector at right angles to those given; the axes are tried in turn. */
function completing(columns: readonly number[][], n: number): number[] {
  for (let axis = 0; axis < n; axis++) {
    const vector = Array.from({ length: n }, (_, i) => (i === axis ? 1 : 0));
    for (const column of columns) {
      const dot = column.reduce((sum, value, i) => sum + value * (vector[i] as number), 0);
      column.forEach((value, i) => (vector[i]! -= dot * value));
    }
    const norm = Math.hypot(...vector);
    if (norm > 0.1) return vector.map((value) => value / norm);
  }
  return new Array<number>(n).fill(0);
}

/** The orthogonal matrix nearest to `cross`: U V' of its singular value decomposition. */
function nearestOrthogonal(cross: Matrix): Matrix {
  const n = cross.length;
  const { values, vectors } = eigen(multiply(transpose(cross), cross));
  const order = values.map((_, i) => i).sort((a, b) => values[b]! - values[a]!);
  const largest = Math.sqrt(Math.max(0, values[order[0]!]!));
  const right: number[][] = [];
  const left: number[][] = [];
  for (const i of order) {
    const v = vectors.map((row) => row[i] as number);
    const singular = Math.sqrt(Math.max(0, values[i]!));
    const image = cross.map((row) => row.reduce((sum, value, j) => sum + value * (v[j] as number), 0));
    right.push(v);
    // Directions without extent are free: any that completes the rest will do.
    left.push(singular > 1e-7 * largest && largest > 0 ? image.map((value) => value / singular) : completing(left, n));
  }
  return cross.map((_, i) =>
    cross.map((__, j) => left.reduce((sum, column, k) => sum + column[i]! * right[k]![j]!, 0)),
  );
}

export interface Aligned {
  readonly coordinates: Float32Array;
  /** Root of the summed squares that are left, over those of `onto` around its mean; 0: the same map. */
  readonly residual: number;
}

/**
 * `map` laid over `onto`; both N x dims of the same rows, of which those count that have a place on both. Maps of other
 * sizes come back as they are.
 */
export function alignMap(map: Float32Array, onto: Float32Array, dims: number): Aligned {
  if (map.length !== onto.length || map.length === 0) return { coordinates: map, residual: NaN };
  const starts = placedOnBoth(map, onto, dims);
  const from = meansOf(map, dims, starts);
  const to = meansOf(onto, dims, starts);
  const cross: Matrix = from.map(() => new Array<number>(dims).fill(0));
  for (const at of starts) {
    for (let i = 0; i < dims; i++) {
      for (let j = 0; j < dims; j++) cross[i]![j]! += (onto[at + i]! - to[i]!) * (map[at + j]! - from[j]!);
    }
  }
  const turn = nearestOrthogonal(cross);
  const coordinates = new Float32Array(map.length);
  for (let at = 0; at < map.length; at += dims) {
    for (let i = 0; i < dims; i++) {
      let value = to[i]!;
      for (let j = 0; j < dims; j++) value += turn[i]![j]! * (map[at + j]! - from[j]!);
      coordinates[at + i] = value;
    }
  }
  let left = 0;
  let whole = 0;
  for (const at of starts) {
    for (let i = 0; i < dims; i++) {
      left += (coordinates[at + i]! - onto[at + i]!) ** 2;
      whole += (onto[at + i]! - to[i]!) ** 2;
    }
  }
  return { coordinates, residual: whole > 0 ? Math.sqrt(left / whole) : 0 };
}

/** How far each row is from where it was, in units of the root mean square radius of `before`; NaN without a place. */
export function movement(before: Float32Array, after: Float32Array, dims: number): Float32Array {
  const points = Math.floor(Math.min(before.length, after.length) / dims);
  const starts = placedOnBoth(before, before, dims);
  const means = meansOf(before, dims, starts);
  let whole = 0;
  for (const at of starts) {
    for (let i = 0; i < dims; i++) whole += (before[at + i]! - means[i]!) ** 2;
  }
  const radius = Math.sqrt(whole / Math.max(1, starts.length)) || 1;
  const moved = new Float32Array(points);
  for (let i = 0; i < points; i++) {
    let square = 0;
    for (let axis = 0; axis < dims; axis++) square += (after[i * dims + axis]! - before[i * dims + axis]!) ** 2;
    moved[i] = Math.sqrt(square) / radius;
  }
  return moved;
}

/** The `count` rows with the largest values, largest first; rows of NaN have none. */
export function largestRows(values: Float32Array, count: number): number[] {
  const rows = Uint32Array.from(values, (_, i) => i).filter((row) => !Number.isNaN(values[row]));
  return [...rows.sort((a, b) => values[b]! - values[a]! || a - b).subarray(0, count)];
}
