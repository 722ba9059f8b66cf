// How busy tracks are: what a folded group shows in one row, however many slices and threads it has. Pure.
import { lowerBound } from '../../base/search';
import type { TimeView } from './time_view';
import { endOf, type Slices, type Track } from './timeline';
import { byKey, type TimelineRow } from './track_rows';

/** Times in which some slice of a track ran: none touches the next. */
export interface BusySpans {
  readonly from: Float64Array;
  readonly to: Float64Array;
}

/** Of all rows of one track together: a slice within another makes it no busier. */
export function busySpans(rows: readonly Track[], slices: Slices): BusySpans {
  const all = rows.flatMap((row) => row.slices);
  if (rows.length > 1) all.sort((a, b) => (slices.start[a] as number) - (slices.start[b] as number));
  const [from, to]: [number[], number[]] = [[], []];
  for (const index of all) {
    const [start, end] = [slices.start[index] as number, endOf(slices, index)];
    const last = to.length - 1;
    if (last >= 0 && start <= (to[last] as number)) to[last] = Math.max(to[last] as number, end);
    else {
      from.push(start);
      to.push(end);
    }
  }
  return { from: Float64Array.from(from), to: Float64Array.from(to) };
}

/** Of each track, and of the GPU as a whole: it works where one of its streams does. */
export function busyByKey(tracks: readonly Track[], slices: Slices): Map<string, BusySpans> {
  const busy = new Map([...byKey(tracks)].map(([key, rows]) => [key, busySpans(rows, slices)]));
  const gpu = tracks.filter((track) => track.group === 'GPU');
  return busy.set('GPU', busySpans(gpu, slices));
}

/** What the load of a row is the mean of: the GPU, or each of its tracks. */
export function spansOf(busy: ReadonlyMap<string, BusySpans>, row: TimelineRow): BusySpans[] {
  const own = busy.get(row.key);
  if (own !== undefined) return [own];
  return [...new Set(row.tracks.map(({ key }) => key))].flatMap((key) => busy.get(key) ?? []);
}

/** Of each pixel of the view, the mean share of its time in which the tracks were busy: 0 to 1. */
export function loadOf(tracks: readonly BusySpans[], view: TimeView, width: number): Float64Array {
  const pixels = Math.max(0, Math.floor(width));
  const load = new Float64Array(pixels);
  // Pixels that a span fills are counted at its ends alone.
  const filled = new Float64Array(pixels + 1);
  const scale = width / (view.to - view.from);
  for (const { from, to } of tracks) {
    for (let i = lowerBound(to, view.from); i < from.length && (from[i] as number) < view.to; i++) {
      const begin = Math.max(0, ((from[i] as number) - view.from) * scale);
      const end = Math.min(pixels, ((to[i] as number) - view.from) * scale);
      const [first, last] = [Math.floor(begin), Math.floor(end)];
      if (begin >= end) continue;
      if (first === last) load[first] = (load[first] as number) + end - begin;
      else {
        load[first] = (load[first] as number) + first + 1 - begin;
        if (last < pixels) load[last] = (load[last] as number) + end - last;
        filled[first + 1] = (filled[first + 1] as number) + 1;
        filled[last] = (filled[last] as number) - 1;
      }
    }
  }
  let whole = 0;
  for (let x = 0; x < pixels; x++) {
    whole += filled[x] as number;
    load[x] = Math.min(1, ((load[x] as number) + whole) / Math.max(1, tracks.length));
  }
  return load;
}
