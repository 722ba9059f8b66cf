// Several curves as one: their mean over a common x, and how far they lie apart. Pure.

/** A line through points of ascending x. A point may be the mean of several values. */
export interface Curve {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Per point, how many values it stands for, those that are NaN or infinite included. */
  readonly count: Uint32Array;
  /** How many of them are NaN or infinite. */
  readonly nonfinite: Uint32Array;
}

/** What is drawn around a mean: all curves, one standard deviation to each side, or nothing. */
export const kBands = ['range', 'deviation', 'none'] as const;
export type Band = (typeof kBands)[number];

export interface Aggregate {
  readonly x: Float64Array;
  /** NaN where no curve has a finite value; so are the three below. */
  readonly mean: Float64Array;
  /** Of a sample; 0 of one curve alone. */
  readonly deviation: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  /** How many curves the mean is of. */
  readonly count: Uint32Array;
  /** How many finite values of them lie since the x before. */
  readonly values: Float64Array;
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
  readonly values: Float64Array;
  readonly nonfinite: Uint32Array;

  constructor(readonly x: Float64Array) {
    this.mean = new Float64Array(x.length);
    this.squares = new Float64Array(x.length);
    this.min = new Float64Array(x.length).fill(NaN);
    this.max = new Float64Array(x.length).fill(NaN);
    this.count = new Uint32Array(x.length);
    this.values = new Float64Array(x.length);
    this.nonfinite = new Uint32Array(x.length);
  }

  #add(row: number, value: number): void {
    if (!Number.isFinite(value)) return;
    const count = ++this.count[row]!;
    const away = value - (this.mean[row] as number);
    this.mean[row]! += away / count;
    this.squares[row]! += away * (value - (this.mean[row] as number));
    this.min[row] = count === 1 ? value : Math.min(this.min[row] as number, value);
    this.max[row] = count === 1 ? value : Math.max(this.max[row] as number, value);
  }

  /**
   * A curve counts between its ends: by the mean of its values since the x before, each once however many of them
   * a point stands for; where it has no point since then, by the line between the two finite ones around.
   */
  addCurve({ x, y, count, nonfinite }: Curve): void {
    let right = 0;
    for (let row = 0; row < this.x.length; row++) {
      const at = this.x[row] as number;
      const first = right;
      let sum = 0;
      let values = 0;
      for (; right < x.length && (x[right] as number) <= at; right++) {
        const lost = nonfinite[right] as number;
        const finite = (count[right] as number) - lost;
        this.nonfinite[row]! += lost;
        if (finite === 0 || !Number.isFinite(y[right] as number)) continue;
        values += finite;
        // A running mean: a sum of values far from zero would lose digits.
        sum += (((y[right] as number) - sum) * finite) / values;
      }
      this.values[row]! += values;
      if (right > first) this.#add(row, values > 0 ? sum : NaN);
      else if (right > 0 && right < x.length) this.#add(row, between(x, y, right, at));
    }
  }
}

function between(x: Float64Array, y: Float64Array, right: number, at: number): number {
  const before = x[right - 1] as number;
  const share = (at - before) / ((x[right] as number) - before);
  return (y[right - 1] as number) * (1 - share) + (y[right] as number) * share;
}

/** The mean of the curves over their common x, of at most `rowsMax` rows. Each curve counts alike, however many values it has. */
export function aggregate(curves: readonly Curve[], rowsMax = 1000): Aggregate {
  const sums = new Sums(commonX(curves, rowsMax));
  for (const curve of curves) sums.addCurve(curve);
  const { x, count, values, nonfinite, min, max } = sums;
  const mean = sums.mean.map((value, row) => (count[row] === 0 ? NaN : value));
  const deviation = sums.squares.map((squares, row) => {
    const n = count[row] as number;
    return n === 0 ? NaN : n === 1 ? 0 : Math.sqrt(squares / (n - 1));
  });
  return { x, mean, deviation, min, max, count, values, nonfinite };
}

/** The lower and the upper edge of what is drawn around the mean. */
export function edgesOf(found: Aggregate, band: Exclude<Band, 'none'>): [Float64Array, Float64Array] {
  if (band === 'range') return [found.min, found.max];
  const { mean, deviation } = found;
  return [
    mean.map((value, row) => value - (deviation[row] as number)),
    mean.map((value, row) => value + (deviation[row] as number)),
  ];
}

/** Rows `from` to before `to` of a mean that is of about the same curves throughout. */
export interface Part {
  readonly from: number;
  readonly to: number;
  /** The most curves that it is of. */
  readonly count: number;
}

/**
 * The mean in parts: a new one begins where at least an eighth of the curves, of as many as there are at most, ends or
 * begins. There the mean may jump without any curve doing so.
 */
export function partsOf(count: Uint32Array): Part[] {
  const most = count.reduce((a, b) => Math.max(a, b), 0);
  const parts: Part[] = [];
  let from = 0;
  for (let row = 1; row <= count.length; row++) {
    const jump = row === count.length ? Infinity : Math.abs((count[row] as number) - (count[row - 1] as number));
    if (jump < Math.max(1, most / 8)) continue;
    parts.push({ from, to: row, count: count.subarray(from, row).reduce((a, b) => Math.max(a, b), 0) });
    from = row;
  }
  return parts;
}
