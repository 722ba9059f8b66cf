// The geometry of a line without axes.

export interface Sparkline {
  /** An SVG path; empty without points. */
  readonly path: string;
  readonly last: { readonly x: number; readonly y: number } | null;
}

const kMargin = 2.5; // half the dot

/**
 * `x` ascends; a null in `y` is a gap. The height shows at least `range`, so that a number that hardly changes looks
 * like one; without it a constant line runs through the middle.
 */
export function sparklinePaths(
  x: readonly number[],
  y: readonly (number | null)[],
  width: number,
  height: number,
  range: readonly number[] = [],
): Sparkline {
  const values = [...range, ...y.filter((value) => value !== null)];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [first, end] = [x[0] ?? 0, x[x.length - 1] ?? 0];
  const place = (value: number, from: number, to: number, size: number) =>
    to > from ? kMargin + ((value - from) / (to - from)) * (size - 2 * kMargin) : size / 2;
  let path = '';
  let last: Sparkline['last'] = null;
  let isGap = true;
  y.forEach((value, i) => {
    if (value !== null) {
      last = { x: round(place(x[i] ?? 0, first, end, width)), y: round(height - place(value, low, high, height)) };
      path += `${isGap ? 'M' : 'L'}${last.x} ${last.y}`;
    }
    isGap = value === null;
  });
  return { path, last };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
