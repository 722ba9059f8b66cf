// Several curves as one: their mean over a common x, and how far they lie apart. Pure.

/** A line through points of ascending x. */
export interface Curve {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Per point, how many of the values that it stands for are NaN or infinite. */
  readonly nonfinite: Uint32Array;
}

/** What is drawn around a mean: all curves, one standard deviation to each side, or nothing. */
export const kBands = ['range', 'deviation', 'none'] as const;
export type Band = (typeof kBands)[number];

export interface Aggregate {
  readonly x: Float64Array;
  /** NaN where no curve has a finite value. */
  readonly mean: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** How many curves the mean is of. */
  readonly count: Uint32Array;
  /** Values that are not finite, since the x before. */
  readonly nonfinite: Uint32Array;
}

/** The x of all curves, each once; of more than `rowsMax` so many, evenly by rank, with both ends. */
function commonX(curves: readonly Curve[], rowsMax: number): Float64Array {
  const all = new Float64Array(curves.reduce((sum, curve) => sum + curve.x.length, 0));
  let size = 0;
  for (const curve of curves) {
    all.set(curve.x, size);
    size += curve.x.length;
  }
  all.sort();
  let kept = 0;
  for (let i = 0; i < size; i++) {
    if (i === 0 || all[i] !== all[i - 1]) all[kept++] = all[i] as number;
  }
  if (kept <= rowsMax) return all.slice(0, kept);
  return Float64Array.from({ length: rowsMax }, (_, i) => all[Math.round((i * (kept - 1)) / (rowsMax - 1))] as number);
}

/** The running mean and sum of squares of Welford, "Note on a method for calculating corrected sums", 1962. */
class Sums {
  readonly mean: Float64Array;
  readonly squares: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly count: Uint32Array;
  readonly nonfinite: Uint32Array;

  constructor(readonly x: Float64Array) {
    this.mean = new Float64Array(x.length);
    this.squares = new Float64Array(x.length);
    this.min = new Float64Array(x.length).fill(Infinity);
    this.max = new Float64Array(x.length).fill(-Infinity);
    this.count = new Uint32Array(x.length);
    this.nonfinite = new Uint32Array(x.length);
  }

  #add(row: number, value: number): void {
    if (!Number.isFinite(value)) return;
    const count = ++this.count[row]!;
    const away = value - (this.mean[row] as number);
    this.mean[row]! += away / count;
    this.squares[row]! += away * (value - (this.mean[row] as number));
    this.min[row] = Math.min(this.min[row] as number, value);
    this.max[row] = Math.max(this.max[row] as number, value);
  }

  /** A curve counts between its ends: at its points, and on the lines between two finite ones. */
  addCurve(curve: Curve): void {
    const { x, y, nonfinite } = curve;
    let right = 0;
    for (let row = 0; row < this.x.length; row++) {
      const at = this.x[row] as number;
      for (; right < x.length && (x[right] as number) <= at; right++) this.nonfinite[row]! += nonfinite[right] as number;
      if (right === 0) continue;
      const before = x[right - 1] as number;
      const left = y[right - 1] as number;
      if (before === at) this.#add(row, left);
      else if (right < x.length) {
        const share = (at - before) / ((x[right] as number) - before);
        this.#add(row, left * (1 - share) + (y[right] as number) * share);
      }
    }
  }
}

/**
 * The mean of the curves over their common x, of at most `rowsMax` rows. The deviation is that of a
 * sample; with fewer than two curves there is none, and the band has no width.
 */
export function aggregate(curves: readonly Curve[], band: Band, rowsMax = 1000): Aggregate {
  const sums = new Sums(commonX(curves, rowsMax));
  for (const curve of curves) sums.addCurve(curve);
  const { x, count, nonfinite } = sums;
  const [mean, low, high] = [new Float64Array(x.length), new Float64Array(x.length), new Float64Array(x.length)];
  for (let row = 0; row < x.length; row++) {
    const n = count[row] as number;
    const middle = n === 0 ? NaN : (sums.mean[row] as number);
    const deviation = n < 2 ? 0 : Math.sqrt((sums.squares[row] as number) / (n - 1));
    mean[row] = middle;
    low[row] = n > 0 && band === 'range' ? (sums.min[row] as number) : middle - deviation;
    high[row] = n > 0 && band === 'range' ? (sums.max[row] as number) : middle + deviation;
  }
  return { x, mean, low, high, count, nonfinite };
}
