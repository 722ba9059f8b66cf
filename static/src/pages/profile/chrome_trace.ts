// Slices as a trace in Chrome's format, which Perfetto opens: a process for the host and one for the GPU, with a thread
// for each track, and flows from calls to what they launched. Pure.
import type { SliceLinks } from './slice_links';
import type { TimeView } from './time_view';
import { endOf, keyOf, kGroups, kKindNames, nameOf, type Slices, type Track } from './timeline';
import { byKey } from './track_rows';

interface Place {
  readonly pid: number;
  readonly tid: number;
}

/** Times of the format are microseconds; three digits tell the nanoseconds of clocks. */
const kMicros = (ms: number) => Math.round(ms * 1e6) / 1e3;

function namesOf(tracks: readonly Track[], places: Map<string, Place>): object[] {
  const events: object[] = [];
  kGroups.forEach((group, i) => {
    const pid = i + 1;
    const members = [...byKey(tracks.filter((track) => track.group === group))];
    if (members.length === 0) return;
    events.push({ ph: 'M', name: 'process_name', pid, args: { name: group } });
    members.forEach(([key, rows], j) => {
      const tid = j + 1;
      places.set(key, { pid, tid });
      events.push({ ph: 'M', name: 'thread_name', pid, tid, args: { name: rows[0]?.label ?? key } });
      events.push({ ph: 'M', name: 'thread_sort_index', pid, tid, args: { sort_index: tid } });
    });
  });
  return events;
}

/** Of the slices that lie in the range, wholly or in part, and are shown. */
export function chromeTrace(
  slices: Slices,
  tracks: readonly Track[],
  links: SliceLinks,
  range: TimeView,
  isShown: Uint8Array | null,
): string {
  const places = new Map<string, Place>();
  const events = namesOf(tracks, places);
  const isIn = (index: number) =>
    isShown?.[index] !== 0 && (slices.start[index] as number) <= range.to && endOf(slices, index) >= range.from;
  for (let i = 0; i < slices.start.length; i++) {
    if (!isIn(i)) continue;
    const at = places.get(keyOf(slices, i));
    const [ts, cause] = [kMicros(slices.start[i] as number), links.cause[i] ?? -1];
    const args = {
      step: slices.step[i],
      ...(slices.correlation[i] === 0 ? {} : { correlation: slices.correlation[i] }),
    };
    const [name, cat] = [nameOf(slices, i), kKindNames[slices.kind[i] ?? 0]];
    events.push({ ph: 'X', name, cat, ts, dur: kMicros(slices.duration[i] as number), ...at, args });
    if (cause < 0 || !isIn(cause)) continue;
    const flow = { name: 'launch', cat: 'launch', id: i };
    events.push({ ph: 's', ...flow, ts: kMicros(slices.start[cause] as number), ...places.get(keyOf(slices, cause)) });
    events.push({ ph: 'f', bp: 'e', ...flow, ts, ...at });
  }
  return JSON.stringify({ displayTimeUnit: 'ms', traceEvents: events });
}
