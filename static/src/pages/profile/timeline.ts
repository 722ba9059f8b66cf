// Slices laid out in rows: phases on top, calls of each thread of the host, then one row per GPU stream (more where
// slices overlap).
import { lowerBound } from '../../base/search';

export const kKindNames = ['phase', 'kernel', 'copy', 'memset', 'call'] as const;
export const kPhase = 0;
export const kCall = 4;
/** Of each kind. */
export const kIsOnHost: readonly boolean[] = [true, false, false, false, true];

export interface Slices {
  readonly names: readonly string[];
  /** The names of all phases of the run, in the order of a step. */
  readonly phases: readonly string[];
  readonly kind: Uint8Array;
  readonly name: Uint32Array;
  /** Milliseconds, from the first slice. */
  readonly start: Float64Array;
  readonly duration: Float64Array;
  readonly step: Float64Array;
  /** Of a call, its thread. */
  readonly stream: Uint32Array;
  /** The same of a call and of what it launched; 0: of none. */
  readonly correlation: Uint32Array;
}

export const kGroups = ['host', 'GPU'] as const;
export type Group = (typeof kGroups)[number];

/** One row of slices. */
export interface Track {
  /** Beside it; of further rows of the same slices: empty. */
  readonly label: string;
  /** The same of all rows of a thread or stream, whichever steps are shown. */
  readonly key: string;
  readonly group: Group;
  /** Indices of slices, by start; none overlaps the next. */
  readonly slices: readonly number[];
  /** Of each of them: where it starts, and the last end up to it. */
  readonly start: Float64Array;
  readonly reach: Float64Array;
}

export function nameOf(slices: Slices, index: number): string {
  return slices.names[slices.name[index] ?? -1] ?? '';
}

export function endOf(slices: Slices, index: number): number {
  return (slices.start[index] as number) + (slices.duration[index] as number);
}

/** Beside the rows of a thread, of which ids tell nothing, stands its place among all. */
function callsLabel(thread: number, threads: readonly number[]): string {
  return threads.length === 1 ? 'calls' : `calls ${threads.indexOf(thread) + 1}`;
}

/** The key of the track that a slice lies on. */
export function keyOf(slices: Slices, index: number): string {
  const [kind, stream] = [slices.kind[index] as number, slices.stream[index] as number];
  return kind === kPhase ? 'phases' : `${kind === kCall ? 'thread' : 'stream'} ${stream}`;
}

/** As it stands beside the rows of the slice, and the id of its thread. */
export function trackLabel(slices: Slices, index: number): string {
  const [kind, stream] = [slices.kind[index] as number, slices.stream[index] as number];
  if (kind === kPhase) return 'phases';
  if (kind !== kCall) return `stream ${stream}`;
  const threads = [...new Set(slices.stream.filter((_, i) => slices.kind[i] === kCall))].sort((a, b) => a - b);
  return `${callsLabel(stream, threads)}, thread ${stream}`;
}

/** Where the last slice ends, in milliseconds; never 0. */
export function wholeLength(slices: Slices): number {
  let last = 0;
  for (let i = 0; i < slices.start.length; i++) last = Math.max(last, endOf(slices, i));
  return Math.max(last, 1e-3);
}

/** Rows of one track at most: beyond, slices are drawn over each other. */
const kRowsOfTrackMax = 8;

type Naming = Pick<Track, 'label' | 'key' | 'group'>;

function trackOf(naming: Naming, list: readonly number[], slices: Slices): Track {
  const reach = new Float64Array(list.length);
  list.forEach((index, i) => (reach[i] = Math.max(i === 0 ? 0 : (reach[i - 1] as number), endOf(slices, index))));
  return { ...naming, slices: list, start: Float64Array.from(list, (index) => slices.start[index] as number), reach };
}

function splitOverlaps(naming: Naming, indices: number[], slices: Slices): Track[] {
  indices.sort((a, b) => (slices.start[a] as number) - (slices.start[b] as number));
  const rows: { end: number; list: number[] }[] = [];
  for (const index of indices) {
    const start = slices.start[index] as number;
    // Times are rounded to doubles of milliseconds: back-to-back slices may seem to overlap by that.
    let row = rows.find((one) => one.end <= start + 1e-6);
    if (row === undefined && rows.length < kRowsOfTrackMax) rows.push((row = { end: 0, list: [] }));
    row ??= rows[0] as { end: number; list: number[] };
    row.list.push(index);
    row.end = endOf(slices, index);
  }
  return rows.map((row, i) => trackOf(i === 0 ? naming : { ...naming, label: '' }, row.list, slices));
}

export function layOut(slices: Slices): Track[] {
  const phases: number[] = [];
  const threads = new Map<number, number[]>();
  const streams = new Map<number, number[]>();
  slices.kind.forEach((kind, index) => {
    if (kind === kPhase) return void phases.push(index);
    const rows = kind === kCall ? threads : streams;
    const stream = slices.stream[index] as number;
    const list = rows.get(stream);
    if (list === undefined) rows.set(stream, [index]);
    else list.push(index);
  });
  const ids = [...threads.keys()].sort((a, b) => a - b);
  const calls = ids.map((id) =>
    splitOverlaps(
      { label: callsLabel(id, ids), key: `thread ${id}`, group: 'host' },
      threads.get(id) as number[],
      slices,
    ),
  );
  const work = [...streams]
    .sort(([a], [b]) => a - b)
    .map(([stream, list]) =>
      splitOverlaps({ label: `stream ${stream}`, key: `stream ${stream}`, group: 'GPU' }, list, slices),
    );
  return [splitOverlaps({ label: 'phases', key: 'phases', group: 'host' }, phases, slices), ...calls, ...work].flat();
}

export interface StepSpan {
  readonly step: number;
  readonly from: number;
  readonly to: number;
}

/** From the first start to the last end of each step's slices, by start. */
export function stepSpans(slices: Slices): StepSpan[] {
  const spans = new Map<number, { step: number; from: number; to: number }>();
  slices.step.forEach((step, index) => {
    const [from, to] = [slices.start[index] as number, endOf(slices, index)];
    const span = spans.get(step);
    if (span === undefined) return void spans.set(step, { step, from, to });
    span.from = Math.min(span.from, from);
    span.to = Math.max(span.to, to);
  });
  return [...spans.values()].sort((a, b) => a.from - b.from);
}

/** The slice of a track at a time, or the nearest within `slack` milliseconds; -1 where there is none. */
export function sliceAt(track: Track, slices: Slices, ms: number, slack: number): number {
  let found = -1;
  let least = slack;
  for (
    let i = lowerBound(track.reach, ms - slack);
    i < track.slices.length && (track.start[i] as number) <= ms + slack;
    i++
  ) {
    const index = track.slices[i] as number;
    const away = Math.max(0, (track.start[i] as number) - ms, ms - endOf(slices, index));
    // Of those that are drawn over each other the last lies on top.
    if (away > least) continue;
    least = away;
    found = index;
  }
  return found;
}

/** The slice after (or before) one on its row, or the first of the first row that starts in view; -1 at the end. */
export function neighbour(tracks: readonly Track[], index: number, direction: 1 | -1, from: number): number {
  const track = index < 0 ? tracks[0] : tracks.find((one) => one.slices.includes(index));
  if (track === undefined) return -1;
  const at = index < 0 ? lowerBound(track.start, from) : track.slices.indexOf(index) + direction;
  return track.slices[at] ?? -1;
}
