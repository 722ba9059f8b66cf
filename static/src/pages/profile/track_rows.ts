// Which rows a timeline has, from top to bottom: copies of pinned tracks, then each group with its tracks. A group, and a
// folded track, is one row of load (track_load.ts). Pure.
import { textFilter } from '../../base/regex';
import type { View } from '../../base/view';
import { kGroups, type Track } from './timeline';

/** Keys of tracks and groups. */
export interface TrackChoice {
  readonly pins: readonly string[];
  readonly folds: readonly string[];
  readonly hides: readonly string[];
  /** Of a track's names: whether it is shown. Pinned tracks are shown in any case. */
  readonly isWanted: (names: string) => boolean;
}

export interface TimelineRow {
  readonly key: string;
  /** Empty on further rows of the track above. */
  readonly label: string;
  readonly isGroup: boolean;
  /** Only rows with a label. */
  readonly isPinned: boolean;
  readonly isFolded: boolean;
  readonly isFoldable: boolean;
  /** It shows how busy its tracks are, not their slices. */
  readonly isLoad: boolean;
  readonly tracks: readonly Track[];
}

export interface TimelineRows {
  readonly pinned: readonly TimelineRow[];
  readonly others: readonly TimelineRow[];
  /** Keys of the tracks that are not shown: hidden, or left out by the filter. Folded ones are shown. */
  readonly away: readonly string[];
}

/** What a filter looks through: as it stands beside the track, and the id of a thread. */
export function namesOfTrack({ label, key }: Track): string {
  return label === key ? key : `${label} ${key}`;
}

/** Tracks by key: each with its rows. */
export function byKey(tracks: readonly Track[]): Map<string, Track[]> {
  const found = new Map<string, Track[]>();
  for (const track of tracks) {
    const rows = found.get(track.key);
    if (rows === undefined) found.set(track.key, [track]);
    else rows.push(track);
  }
  return found;
}

function rowsOfTrack(key: string, tracks: readonly Track[], choice: TrackChoice): TimelineRow[] {
  const isFoldable = tracks.length > 1;
  const isFolded = isFoldable && choice.folds.includes(key);
  const row = {
    ...{ key, label: tracks[0]?.label ?? '', isGroup: false, isPinned: choice.pins.includes(key) },
    ...{ isFolded, isFoldable, isLoad: isFolded },
  };
  if (isFolded) return [{ ...row, tracks }];
  return tracks.map((track, i) => ({ ...row, label: i === 0 ? row.label : '', tracks: [track] }));
}

function rowOfGroup(group: string, tracks: readonly Track[], choice: TrackChoice): TimelineRow {
  const isFolded = choice.folds.includes(group);
  return {
    ...{ key: group, label: group, isGroup: true, isPinned: choice.pins.includes(group) },
    ...{ isFolded, isFoldable: true, isLoad: true, tracks },
  };
}

export function rowsOf(tracks: readonly Track[], choice: TrackChoice): TimelineRows {
  const all = byKey(tracks);
  const groups = kGroups
    .map((group) => [group, tracks.filter((track) => track.group === group)] as const)
    .filter(([, members]) => members.length > 0);
  const others: TimelineRow[] = [];
  const away: string[] = [];
  for (const [group, members] of groups) {
    const head = rowOfGroup(group, members, choice);
    const shown: TimelineRow[] = [];
    for (const [key, rows] of byKey(members)) {
      const isShown = !choice.hides.includes(key) && choice.isWanted(namesOfTrack(rows[0] as Track));
      if (isShown) shown.push(...rowsOfTrack(key, rows, choice));
      else if (!choice.pins.includes(key)) away.push(key);
    }
    if (shown.length > 0) others.push(head, ...(head.isFolded ? [] : shown));
  }
  const pinned = choice.pins.flatMap((key) => {
    const [group, members] = groups.find(([one]) => one === key) ?? [];
    if (group !== undefined && members !== undefined) return [rowOfGroup(group, members, choice)];
    const rows = all.get(key);
    return rows === undefined ? [] : rowsOfTrack(key, rows, choice);
  });
  return { pinned, others, away };
}

/** Of each slice whether its track is shown; null where all are. */
export function shownSlices(tracks: readonly Track[], { away }: TimelineRows, count: number): Uint8Array | null {
  if (away.length === 0) return null;
  const isShown = new Uint8Array(count).fill(1);
  const keys = new Set(away);
  for (const track of tracks) if (keys.has(track.key)) for (const index of track.slices) isShown[index] = 0;
  return isShown;
}

/** With the key, or without it where it was there. */
export function toggled(keys: readonly string[], key: string): readonly string[] {
  return keys.includes(key) ? keys.filter((one) => one !== key) : [...keys, key];
}

/** The choice after a fold of one group, or track, was made with all others of its sort. */
export function foldedAll(tracks: readonly Track[], folds: readonly string[], row: TimelineRow): readonly string[] {
  const sort = row.isGroup ? new Set<string>(kGroups) : new Set(tracks.map(({ key }) => key));
  const rest = folds.filter((key) => !sort.has(key));
  if (row.isFolded) return rest;
  const all = row.isGroup ? kGroups.filter((group) => tracks.some((track) => track.group === group)) : foldable(tracks);
  return [...rest, ...all];
}

function foldable(tracks: readonly Track[]): string[] {
  return [...byKey(tracks)].flatMap(([key, rows]) => (rows.length > 1 ? [key] : []));
}

/** What to change so that a track is seen. */
export function revealed(view: View, tracks: readonly Track[], key: string): Partial<View> {
  const track = tracks.find((one) => one.key === key);
  if (track === undefined) return {};
  const isIn = (keys: readonly string[]) => keys.includes(key) || keys.includes(track.group);
  const without = (keys: readonly string[]) => keys.filter((one) => one !== key && one !== track.group);
  const isPinned = view.track_pins.includes(key);
  const isLeftOut = !textFilter(view.track_filter).matches(namesOfTrack(track));
  return {
    ...(isIn(view.track_folds) ? { track_folds: without(view.track_folds) } : {}),
    ...(!isPinned && isIn(view.track_hides) ? { track_hides: without(view.track_hides) } : {}),
    ...(!isPinned && isLeftOut ? { track_filter: '' } : {}),
  };
}
