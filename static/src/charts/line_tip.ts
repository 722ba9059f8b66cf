// What the tip of a line chart says: the value of each line under the cursor. Pure.
import { nearestIndex } from '../base/search';
import { extent } from '../base/stats';
import type { TipOrder } from '../base/view';
import { ownerOf, type LineSeries } from './lines';

export interface TipRow {
  readonly id: string;
  readonly owner: string;
  readonly label: string;
  readonly colour: string;
  readonly value: number;
  readonly raw: number;
  readonly low: number;
  readonly high: number;
  /** Of how many it is the mean, and of how many where it is of most; 0: of none. */
  readonly members: number;
  readonly most: number;
}

const mostMembers = (one: LineSeries) => (one.parts ?? []).reduce((most, part) => Math.max(most, part.count), 0);

/** The row nearest to `at`; -1 where the line is farther away than `reach`. */
function nearestRow({ x, goesBack = false }: LineSeries, at: number, reach: number): number {
  const ends = goesBack ? extent([x]) : { min: x[0] as number, max: x[x.length - 1] as number };
  if (x.length === 0 || ends === null || at < ends.min - reach || at > ends.max + reach) return -1;
  if (!goesBack) return nearestIndex(x, at);
  return x.reduce((best, value, i) => (Math.abs(value - at) < Math.abs((x[best] as number) - at) ? i : best), 0);
}

/**
 * The point of each line that is nearest to `at`, and the step of the nearest of all. A run that ended, or begins later,
 * has nothing to say: its line must come within `reach`, in units of the x axis.
 */
export function readRows(series: readonly LineSeries[], at: number, reach: number): { rows: TipRow[]; step: number } {
  const rows: TipRow[] = [];
  let nearest = Infinity;
  let step = NaN;
  for (const one of series) {
    const i = nearestRow(one, at, reach);
    if (i < 0) continue;
    const distance = Math.abs((one.x[i] as number) - at);
    if (distance < nearest) {
      nearest = distance;
      step = one.step[i] as number;
    }
    rows.push({
      ...{ id: one.id, owner: ownerOf(one), label: one.label, colour: one.colour },
      ...{ value: one.y[i] as number, raw: one.raw[i] as number, low: one.min?.[i] ?? NaN, high: one.max?.[i] ?? NaN },
      ...{ members: one.members?.[i] ?? 0, most: mostMembers(one) },
    });
  }
  return { rows, step };
}

/** The lesser first; what is no number last, and Infinity last but that. */
function compare(a: number, b: number): number {
  return Number.isNaN(a) || Number.isNaN(b)
    ? Number(Number.isNaN(a)) - Number(Number.isNaN(b))
    : a < b
      ? -1
      : Number(a > b);
}

/** The rows of a tip in their order: of more than `max` those that are least `away`. */
export function chooseRows(
  rows: readonly TipRow[],
  away: (row: TipRow) => number,
  max: number,
  order: TipOrder,
): TipRow[] {
  const sorted = (list: readonly TipRow[], key: (row: TipRow) => number) =>
    [...list].sort((a, b) => compare(key(a), key(b)) || a.label.localeCompare(b.label));
  const shown = order === 'nearest' || rows.length > max ? sorted(rows, away).slice(0, max) : rows;
  if (order === 'nearest') return [...shown];
  return sorted(shown, order === 'ascending' ? (row) => row.value : (row) => -row.value);
}

/** Whose line is nearest; empty where none comes within `reach`. */
export function nearestOwner(rows: readonly TipRow[], away: (row: TipRow) => number, reach: number): string {
  let owner = '';
  let least = reach;
  for (const row of rows) {
    const distance = away(row);
    if (distance > least) continue;
    least = distance;
    owner = row.owner;
  }
  return owner;
}

/** Pixels between the tip and the pointer, and between it and the edges of the chart. */
const kClear = 16;
const kFromLeft = 64;
const kFromRight = 12;

/**
 * The left edge of a tip: the corner of the chart that is farther from the pointer. Where it would hide the lines near
 * the pointer there, it goes on past the edge of the chart, as far as there is room.
 */
export function placeTip(sizes: {
  pointer: number;
  tip: number;
  chart: number;
  room: { from: number; to: number };
}): number {
  const { pointer, tip, chart, room } = sizes;
  const before = Math.min(kFromLeft, pointer - kClear - tip);
  const after = Math.max(chart - kFromRight - tip, pointer + kClear);
  const hasBefore = before >= room.from;
  const hasAfter = after + tip <= room.to;
  const isBefore = pointer > chart / 2 ? hasBefore || !hasAfter : hasBefore && !hasAfter;
  return Math.max(room.from, Math.min(isBefore ? before : after, room.to - tip));
}
