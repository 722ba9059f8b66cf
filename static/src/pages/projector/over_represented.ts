// Which metadata values a selection holds more of than chance would give it. Pure.
import type { EmbeddingMetadata } from '../../api/types';

export interface OverRepresented {
  readonly column: string;
  readonly value: string;
  /** Rows of the selection that have the value. */
  readonly count: number;
  /** How many a random selection of the same size has. */
  readonly expected: number;
  /** count / expected. */
  readonly lift: number;
  /** Chance of at least `count` in a random selection (hypergeometric), times the number of values tested. */
  readonly p: number;
}

/** log n! by Stirling's series; exact to 1e-10 from n = 0. */
function logFactorial(n: number): number {
  let x = n + 1;
  let shift = 0;
  while (x < 8) shift -= Math.log(x++);
  const inverse = 1 / x;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)));
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series + shift;
}

function logChoose(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

/** P(X >= count) for `drawn` of `rows` rows without replacement, of which `having` have the value. */
export function hypergeometricTail(count: number, drawn: number, having: number, rows: number): number {
  const most = Math.min(drawn, having);
  let term = Math.exp(logChoose(having, count) + logChoose(rows - having, drawn - count) - logChoose(rows, drawn));
  let sum = 0;
  for (let k = count; k <= most; k++) {
    sum += term;
    if (term < sum * 1e-12) break;
    term *= ((having - k) * (drawn - k)) / ((k + 1) * (rows - having - drawn + k + 1));
  }
  return Math.min(1, sum);
}

function countValues(values: readonly string[], rows: Iterable<number>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const value = values[row] ?? '';
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

/** More significant first; only what is above chance at `p` below 0.05. */
export function overRepresented(
  metadata: EmbeddingMetadata,
  points: number,
  selection: Uint32Array,
): OverRepresented[] {
  const drawn = selection.length;
  if (drawn === 0 || drawn >= points) return [];
  const found: OverRepresented[] = [];
  let tested = 0;
  metadata.columns.forEach((column, i) => {
    const values = metadata.values[i] ?? [];
    const all = countValues(values, Array(points).keys());
    for (const [value, count] of countValues(values, selection)) {
      const having = all.get(value) ?? count;
      tested++;
      const expected = (drawn * having) / points;
      // One row says nothing: a column that names each row would fill the list.
      if (count < 2 || count <= expected) continue;
      found.push({
        column,
        value,
        count,
        expected,
        lift: count / expected,
        p: hypergeometricTail(count, drawn, having, points),
      });
    }
  });
  return found
    .map((one) => ({ ...one, p: Math.min(1, one.p * tested) }))
    .filter((one) => one.p < 0.05)
    .sort((a, b) => a.p - b.p || b.lift - a.lift);
}
