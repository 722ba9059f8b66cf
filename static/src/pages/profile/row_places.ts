// Where the rows of a timeline stand, in pixels from its upper edge: the overview, the ruler and the steps, then pinned
// rows, which stay, and the others, which scroll under them. Pure.
import { lowerBound } from '../../base/search';
import type { TimelineRow, TimelineRows } from './track_rows';
import type { Slices, Track } from './timeline';

/** Where times begin: names of tracks to the left; the lower edges of the overview, the ruler and the steps. */
export const kLeft = 132;
export const kOverview = 12;
export const kRuler = kOverview + 22;
export const kSteps = 16;
export const kTop = kRuler + kSteps;
export const kRow = 20;
/** Under the pinned rows, for the line that parts them from the others. */
const kPinGap = 5;
const kFoot = 4;

export interface PlacedRow {
  readonly row: TimelineRow;
  readonly top: number;
}

/** Where the rows that scroll begin. */
export function topOfOthers({ pinned }: TimelineRows): number {
  return kTop + pinned.length * kRow + (pinned.length > 0 ? kPinGap : 0);
}

/** Of all rows, none of them scrolled away. */
export function heightOf(rows: TimelineRows): number {
  return topOfOthers(rows) + rows.others.length * kRow + kFoot;
}

export interface RowPlaces {
  readonly pinned: readonly PlacedRow[];
  /** As far down as they are scrolled. */
  readonly others: readonly PlacedRow[];
  readonly topOfOthers: number;
}

export function placesOf(rows: TimelineRows, scrolled: number): RowPlaces {
  const top = topOfOthers(rows);
  return {
    pinned: rows.pinned.map((row, i) => ({ row, top: kTop + i * kRow })),
    others: rows.others.map((row, i) => ({ row, top: top + i * kRow - scrolled })),
    topOfOthers: top,
  };
}

/** The row at a height. */
export function rowAt(places: RowPlaces, y: number): TimelineRow | undefined {
  const among = y < places.topOfOthers ? places.pinned : places.others;
  return among.find(({ top }) => y >= top && y < top + kRow)?.row;
}

/** Without a look at all slices of the row, of which there may be a hundred thousand. */
function isOn(track: Track, slices: Slices, index: number): boolean {
  const start = slices.start[index] as number;
  for (let i = lowerBound(track.start, start); track.start[i] === start; i++)
    if (track.slices[i] === index) return true;
  return false;
}

/** The rows that have the slice, or among whose load it is: its pinned copy first; groups only where it has no own row. */
export function placesWith(places: RowPlaces, slices: Slices, index: number): PlacedRow[] {
  if (index < 0) return [];
  const found = [...places.pinned, ...places.others].filter(({ row }) =>
    row.tracks.some((track) => isOn(track, slices, index)),
  );
  const own = found.filter(({ row }) => !row.isGroup);
  return own.length > 0 ? own : found;
}

/** How far to scroll for a row to be seen; `height` of the box. */
export function scrollTo(rows: TimelineRows, row: TimelineRow, scrolled: number, height: number): number {
  const at = rows.others.indexOf(row);
  if (at < 0) return scrolled;
  const room = height - topOfOthers(rows) - kFoot;
  return Math.min(at * kRow, Math.max(scrolled, (at + 1) * kRow - room));
}
