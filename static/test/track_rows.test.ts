import { describe, expect, it } from 'vitest';
import { kDefaultView } from '../src/base/view';
import { heightOf, kRow, kTop, placesOf, placesWith, rowAt, scrollTo } from '../src/pages/profile/row_places';
import { keyOf, layOut, type Slices, type Track } from '../src/pages/profile/timeline';
import { busyByKey, busySpans, loadOf, spansOf } from '../src/pages/profile/track_load';
import { foldedAll, revealed, rowsOf, shownSlices, toggled, type TimelineRow } from '../src/pages/profile/track_rows';
import { random } from './random';

type Row = { kind: number; start: number; duration: number; stream?: number };

function slicesOf(rows: readonly Row[]): Slices {
  return {
    names: ['a'],
    phases: [],
    kind: Uint8Array.from(rows, (row) => row.kind),
    name: new Uint32Array(rows.length),
    start: Float64Array.from(rows, (row) => row.start),
    duration: Float64Array.from(rows, (row) => row.duration),
    step: new Float64Array(rows.length),
    stream: Uint32Array.from(rows, (row) => row.stream ?? 0),
    correlation: new Uint32Array(rows.length),
  };
}

/** Phases, two threads, of which one has calls within calls, and two streams. */
const kSlices = slicesOf([
  { kind: 0, start: 0, duration: 10 },
  { kind: 4, start: 0, duration: 4, stream: 11 },
  { kind: 4, start: 1, duration: 2, stream: 11 },
  { kind: 4, start: 6, duration: 2, stream: 12 },
  { kind: 1, start: 2, duration: 4, stream: 7 },
  { kind: 2, start: 4, duration: 4, stream: 20 },
]);
const kTracks = layOut(kSlices);
const kAll = { pins: [], folds: [], hides: [], isWanted: () => true };
const shown = (rows: readonly TimelineRow[]) => rows.map(({ key, isLoad }) => (isLoad ? `(${key})` : key));

describe('rowsOf', () => {
  it('lays each group under a row of its load, and further rows under the first of their track', () => {
    const { pinned, others } = rowsOf(kTracks, kAll);
    expect(pinned).toEqual([]);
    expect(shown(others)).toEqual([
      '(host)',
      ...['phases', 'thread 11', 'thread 11', 'thread 12'],
      '(GPU)',
      ...['stream 7', 'stream 20'],
    ]);
    expect(others.map(({ label }) => label).slice(1, 5)).toEqual(['phases', 'calls 1', '', 'calls 2']);
    expect(others.filter(({ isFoldable }) => isFoldable).map(({ key }) => key)).toEqual([
      'host',
      'thread 11',
      'thread 11',
      'GPU',
    ]);
  });
  it('makes one row of a folded group, and of a folded track', () => {
    expect(shown(rowsOf(kTracks, { ...kAll, folds: ['GPU', 'thread 11'] }).others)).toEqual([
      ...['(host)', 'phases', '(thread 11)', 'thread 12'],
      '(GPU)',
    ]);
    // A track of one row has nothing to fold, and a link may name what is not there.
    expect(shown(rowsOf(kTracks, { ...kAll, folds: ['phases', 'stream 99'] }).others)).toContain('phases');
  });
  it('puts copies of pinned tracks and of the load of pinned groups on top, in the order in which they were pinned', () => {
    const { pinned, others } = rowsOf(kTracks, { ...kAll, pins: ['stream 20', 'GPU', 'thread 11', 'stream 99'] });
    expect(shown(pinned)).toEqual(['stream 20', '(GPU)', 'thread 11', 'thread 11']);
    expect(others).toHaveLength(rowsOf(kTracks, kAll).others.length);
    expect(others.filter(({ isPinned }) => isPinned).map(({ key }) => key)).toContain('stream 20');
  });
  it('leaves out what is hidden and what the filter does not want, and says which slices that are; a group without tracks is none', () => {
    const choice = { ...kAll, hides: ['phases'], isWanted: (names: string) => /calls 2|thread 11/.test(names) };
    const rows = rowsOf(kTracks, { ...choice, pins: ['stream 7'] });
    expect(shown(rows.others)).toEqual(['(host)', 'thread 11', 'thread 11', 'thread 12']);
    expect([rows.away, shown(rows.pinned)]).toEqual([['phases', 'stream 20'], ['stream 7']]);
    expect([...(shownSlices(kTracks, rows, 6) ?? [])]).toEqual([0, 1, 1, 1, 1, 0]);
    expect(shownSlices(kTracks, rowsOf(kTracks, { ...kAll, folds: ['host'] }), 6)).toBeNull();
    expect(rowsOf([], kAll)).toEqual({ pinned: [], others: [], away: [] });
  });
  it('folds all groups, or all tracks that can be, with one of them, and unfolds them again', () => {
    const rowOf = (key: string, folds: string[]) =>
      rowsOf(kTracks, { ...kAll, folds }).others.find((one) => one.key === key) as TimelineRow;
    expect(foldedAll(kTracks, ['thread 11'], rowOf('host', []))).toEqual(['thread 11', 'host', 'GPU']);
    expect(foldedAll(kTracks, ['thread 11', 'GPU', 'host'], rowOf('GPU', ['GPU']))).toEqual(['thread 11']);
    expect(foldedAll(kTracks, ['GPU'], rowOf('thread 11', []))).toEqual(['GPU', 'thread 11']);
    expect(foldedAll(kTracks, ['GPU', 'thread 11'], rowOf('thread 11', ['thread 11']))).toEqual(['GPU']);
    expect([toggled(['a'], 'b'), toggled(['a', 'b'], 'a')]).toEqual([['a', 'b'], ['b']]);
  });
  it('finds what hides a track that a slice is selected of', () => {
    const view = { ...kDefaultView, track_folds: ['host', 'GPU'], track_hides: ['thread 11'], track_filter: 'stream' };
    expect(revealed(view, kTracks, keyOf(kSlices, 2))).toEqual({
      track_folds: ['GPU'],
      track_hides: [],
      track_filter: '',
    });
    expect(revealed(view, kTracks, keyOf(kSlices, 5))).toEqual({ track_folds: ['host'] });
    expect(revealed(kDefaultView, kTracks, keyOf(kSlices, 5))).toEqual({});
    // A pinned copy is seen whatever is hidden below.
    expect(revealed({ ...view, track_pins: ['thread 11'], track_folds: [] }, kTracks, 'thread 11')).toEqual({});
  });
  it('keys a track by its thread or stream, whichever others are shown', () => {
    expect(layOut(slicesOf([{ kind: 4, start: 0, duration: 1, stream: 12 }])).map(({ key }) => key)).toEqual([
      'thread 12',
    ]);
    kTracks.forEach((track) => track.slices.forEach((index) => expect(keyOf(kSlices, index)).toBe(track.key)));
  });
});

describe('the places of rows', () => {
  it('keeps pinned rows where they are while others scroll under them', () => {
    const rows = rowsOf(kTracks, { ...kAll, pins: ['stream 7', 'stream 20'] });
    const still = placesOf(rows, 0);
    const places = placesOf(rows, 3 * kRow);
    expect(places.pinned).toEqual(still.pinned);
    expect(places.others.map(({ top }) => top)).toEqual(still.others.map(({ top }) => top - 3 * kRow));
    expect(rowAt(places, kTop + 1)?.key).toBe('stream 7');
    // The fourth row is the first that shows; what is scrolled away is not hit through the pinned ones.
    expect(rowAt(places, places.topOfOthers + 1)).toBe(rows.others[3]);
    expect([rowAt(places, kTop - 1), rowAt(places, 9999)]).toEqual([undefined, undefined]);
    expect(heightOf(rows)).toBeGreaterThan(still.topOfOthers + rows.others.length * kRow);
  });
  it('finds the pinned copy of a slice first, and its group only where its own row is away', () => {
    const all = rowsOf(kTracks, { ...kAll, pins: ['stream 20'] });
    const keys = (choice: TrackChoiceOf) =>
      placesWith(placesOf(rowsOf(kTracks, { ...kAll, ...choice }), 0), kSlices, 5).map(({ row }) => row.key);
    expect(placesWith(placesOf(all, 0), kSlices, 5).map(({ top }) => top)[0]).toBe(kTop);
    expect(keys({ pins: ['stream 20'] })).toEqual(['stream 20', 'stream 20']);
    expect(keys({ folds: ['GPU'] })).toEqual(['GPU']);
    expect(keys({ hides: ['stream 20'] })).toEqual(['GPU']);
    expect(placesWith(placesOf(all, 0), kSlices, -1)).toEqual([]);
  });
  it('scrolls no further than a row needs to be seen', () => {
    const rows = rowsOf(kTracks, kAll);
    const row = (i: number) => rows.others[i] as TimelineRow;
    const height = kTop + 3 * kRow + 4;
    expect([0, 2, 5].map((i) => scrollTo(rows, row(i), 0, height))).toEqual([0, 0, 3 * kRow]);
    expect([1, 4].map((i) => scrollTo(rows, row(i), 4 * kRow, height))).toEqual([kRow, 4 * kRow]);
    const pinned = rowsOf(kTracks, { ...kAll, pins: ['GPU'] });
    expect(scrollTo(pinned, pinned.pinned[0] as TimelineRow, 17, height)).toBe(17);
  });
});
type TrackChoiceOf = Partial<Parameters<typeof rowsOf>[1]>;

describe('loadOf', () => {
  it('counts times in which several slices of a track ran once', () => {
    const spans = busySpans(
      kTracks.filter((track) => track.key === 'thread 11'),
      kSlices,
    );
    expect([[...spans.from], [...spans.to]]).toEqual([[0], [4]]);
    // Back to back is one span.
    const close = slicesOf([
      { kind: 1, start: 0, duration: 1 },
      { kind: 1, start: 1, duration: 1 },
      { kind: 1, start: 3, duration: 1 },
    ]);
    expect([...busySpans(layOut(close), close).to]).toEqual([2, 4]);
  });
  it('is the mean over the tracks of the host, pixel by pixel, and of the GPU where any stream works', () => {
    const busy = busyByKey(kTracks, kSlices);
    const rowOf = (key: string) => rowsOf(kTracks, kAll).others.find((one) => one.key === key) as TimelineRow;
    const load = (key: string, from: number, to: number, width: number) =>
      [...loadOf(spansOf(busy, rowOf(key)), { from, to }, width)].map((share) => Number(share.toFixed(4)));
    // Phases from 0 to 10, one thread from 0 to 4, one from 6 to 8.
    expect(load('host', 0, 10, 5)).toEqual([0.6667, 0.6667, 0.3333, 0.6667, 0.3333]);
    expect(load('host', 3, 7, 1)).toEqual([0.5]);
    // Stream 7 from 2 to 6, stream 20 from 4 to 8.
    expect(load('GPU', 0, 10, 10)).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 0, 0]);
    expect(load('GPU', 0, 10, 2)).toEqual([0.6, 0.6]);
    expect(load('stream 7', 5, 7, 2)).toEqual([1, 0]);
    expect([...loadOf([], { from: 0, to: 1 }, 2)]).toEqual([0, 0]);
  });
  it('adds up to the time that the slices take, however they lie over the pixels', () => {
    const next = random(4);
    for (let round = 0; round < 50; round++) {
      let at = 0;
      const rows = Array.from({ length: 60 }, () => {
        const start = at + next() * 2;
        const duration = next() ** 4 * 9;
        at = start + duration;
        return { kind: 1, start, duration };
      });
      const slices = slicesOf(rows);
      const [track] = layOut(slices) as [Track];
      const view = { from: at * 0.2 * next(), to: at * (0.3 + 0.7 * next()) };
      const width = 5 + Math.floor(next() * 200);
      const load = loadOf([busySpans([track], slices)], view, width);
      const ms = load.reduce((sum, share) => sum + (share * (view.to - view.from)) / width, 0);
      const expected = rows.reduce(
        (sum, { start, duration }) =>
          sum + Math.max(0, Math.min(start + duration, view.to) - Math.max(start, view.from)),
        0,
      );
      expect(ms).toBeCloseTo(expected, 9);
    }
  });
});
