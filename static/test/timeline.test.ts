import { describe, expect, it } from 'vitest';
import { textFilter } from '../src/base/regex';
import { boxesOf } from '../src/pages/profile/slice_boxes';
import { effectsOf, linked, linksOf } from '../src/pages/profile/slice_links';
import { matchesOf, nextMatch } from '../src/pages/profile/slice_search';
import { selfTimeOf, sortSums, sumByName } from '../src/pages/profile/slice_sums';
import { flatTree, parentsOf, prunedTree, treeOf, type TreeNode } from '../src/pages/profile/slice_tree';
import { sumsOf } from '../src/base/stats';
import { spreadOf } from '../src/pages/profile/step_spread';
import { around, clamped, isWhole, moved, revealing, viewAt, zoomed } from '../src/pages/profile/time_view';
import {
  endOf,
  layOut,
  neighbour,
  sliceAt,
  stepSpans,
  wholeLength,
  type Slices,
  type Track,
} from '../src/pages/profile/timeline';
import { random } from './random';

type Row = {
  name?: number;
  kind?: number;
  start: number;
  duration: number;
  step?: number;
  stream?: number;
  correlation?: number;
};

function slicesOf(names: string[], rows: readonly Row[]): Slices {
  return {
    names,
    phases: names.filter((_, name) => rows.some((row) => (row.kind ?? 0) === 0 && (row.name ?? 0) === name)),
    kind: Uint8Array.from(rows, (row) => row.kind ?? 0),
    name: Uint32Array.from(rows, (row) => row.name ?? 0),
    start: Float64Array.from(rows, (row) => row.start),
    duration: Float64Array.from(rows, (row) => row.duration),
    step: Float64Array.from(rows, (row) => row.step ?? 0),
    stream: Uint32Array.from(rows, (row) => row.stream ?? 0),
    correlation: Uint32Array.from(rows, (row) => row.correlation ?? 0),
  };
}

/** Slices of all lengths, one after the other with gaps, as on a stream. */
function manySlices(count: number, seed: number): Slices {
  const next = random(seed);
  let at = 0;
  const rows = Array.from({ length: count }, (_, i) => {
    const start = at + (next() < 0.3 ? next() * 0.02 : 0);
    const duration = 10 ** (-4 + 4 * next()) * (i % 50 === 0 ? 10 : 1);
    at = start + duration;
    return { kind: 1, name: Math.floor(next() * 7), start, duration, stream: 3 };
  });
  return slicesOf(['a', 'b', 'c', 'd', 'e', 'f', 'g'], rows);
}

describe('layOut', () => {
  it('lays phases above streams, and slices that overlap into rows of their own', () => {
    const slices = slicesOf(
      ['a'],
      [
        { kind: 1, start: 0, duration: 2, stream: 7 },
        { kind: 0, start: 0, duration: 9 },
        { kind: 1, start: 1, duration: 2, stream: 7 },
        { kind: 1, start: 2, duration: 1, stream: 7 },
      ],
    );
    expect(layOut(slices).map(({ label, slices: list }) => [label, list])).toEqual([
      ['phases', [1]],
      ['stream 7', [0, 3]],
      ['', [2]],
    ]);
    expect(wholeLength(slices)).toBe(9);
    expect(layOut(slicesOf([], []))).toEqual([]);
  });
  it('lays the calls of each thread between phases and streams', () => {
    const slices = slicesOf(
      ['a'],
      [
        { kind: 1, start: 0, duration: 1, stream: 7 },
        { kind: 4, start: 0, duration: 1, stream: 7 },
        { kind: 0, start: 0, duration: 1 },
      ],
    );
    expect(layOut(slices).map(({ label }) => label)).toEqual(['phases', 'calls', 'stream 7']);
    const two = slicesOf(
      ['a'],
      [
        { kind: 4, start: 0, duration: 1, stream: 9 },
        { kind: 4, start: 0, duration: 1, stream: 7 },
      ],
    );
    expect(layOut(two).map(({ label, slices: list }) => [label, list])).toEqual([
      ['calls 1', [1]],
      ['calls 2', [0]],
    ]);
  });
  it('finds the slice at a time, and the nearest within reach', () => {
    const slices = slicesOf(
      ['a'],
      [
        { start: 0, duration: 1 },
        { start: 2, duration: 1 },
        { start: 3, duration: 0.5 },
      ],
    );
    const track = layOut(slices)[0] as Track;
    expect([0.5, 1.4, 1.6, 2.5, 3.2, 9].map((ms) => sliceAt(track, slices, ms, 0.45))).toEqual([0, 0, 1, 1, 2, -1]);
    expect(sliceAt(track, slices, 1.5, 0.1)).toBe(-1);
  });
  it('goes from slice to slice of a row, and begins with the first in view', () => {
    const slices = slicesOf(
      ['a'],
      [
        { start: 0, duration: 1 },
        { start: 2, duration: 1 },
        { start: 5, duration: 1 },
      ],
    );
    const tracks = layOut(slices);
    expect(neighbour(tracks, -1, 1, 1.5)).toBe(1);
    expect(neighbour(tracks, 1, 1, 0)).toBe(2);
    expect(neighbour(tracks, 1, -1, 0)).toBe(0);
    expect([neighbour(tracks, 2, 1, 0), neighbour(tracks, 0, -1, 0), neighbour([], -1, 1, 0)]).toEqual([-1, -1, -1]);
  });
  it('measures each step from its first start to its last end', () => {
    const rows = [
      { start: 4, duration: 1, step: 8 },
      { start: 0, duration: 1, step: 7 },
      { start: 1, duration: 2.5, step: 7 },
    ];
    expect(stepSpans(slicesOf(['a'], rows))).toEqual([
      { step: 7, from: 0, to: 3.5 },
      { step: 8, from: 4, to: 5 },
    ]);
  });
});

describe('boxesOf', () => {
  it('draws each slice of a pixel or more by itself, and every narrower one in one box of its pixel', () => {
    const slices = manySlices(3000, 5);
    const track = layOut(slices)[0] as Track;
    const whole = wholeLength(slices);
    const next = random(9);
    for (let round = 0; round < 40; round++) {
      const span = whole * 10 ** (-3 * next());
      const from = next() * whole;
      const shown = { from, to: from + span };
      const width = 300;
      const boxes = boxesOf(track, slices, shown, width);
      // The slow twin: every slice, one by one.
      const inView = track.slices.filter(
        (index) => (slices.start[index] as number) < shown.to && endOf(slices, index) >= shown.from,
      );
      expect(boxes.reduce((sum, box) => sum + box.count, 0)).toBe(inView.length);
      const scale = width / span;
      const wide = inView.filter((index) => (slices.duration[index] as number) * scale >= 1);
      expect(boxes.filter((box) => box.width > 1 || box.busy === 1).map((box) => box.index)).toEqual(
        expect.arrayContaining(wide),
      );
      // A pixel has one box of narrow slices before each wide one in it and one after.
      expect(boxes.length).toBeLessThanOrEqual(2 * wide.length + width + 2);
      for (const box of boxes) {
        expect(box.busy).toBeLessThanOrEqual(1);
        expect(box.busy).toBeGreaterThan(0);
      }
    }
  });
  it('keeps the picture as small as the screen where there are a hundred thousand slices', () => {
    const slices = manySlices(100_000, 3);
    const track = layOut(slices)[0] as Track;
    const whole = wholeLength(slices);
    const boxes = boxesOf(track, slices, { from: 0, to: whole }, 1200);
    expect(boxes.length).toBeLessThan(2500);
    expect(boxes.reduce((sum, box) => sum + box.count, 0)).toBe(100_000);
  });
  it('names a box of several after the longest, and says how full it is', () => {
    const slices = slicesOf(
      ['a', 'b'],
      [
        { start: 0, duration: 0.2 },
        { start: 0.3, duration: 0.4, name: 1 },
        { start: 5, duration: 2 },
      ],
    );
    expect(boxesOf(layOut(slices)[0] as Track, slices, { from: 0, to: 10 }, 10)).toEqual([
      { x: 0, width: 1, index: 1, count: 2, busy: expect.closeTo(0.6, 9) as number },
      { x: 5, width: 2, index: 2, count: 1, busy: 1 },
    ]);
  });
  it('names a box after what is searched for, however short that is', () => {
    const slices = slicesOf(
      ['a', 'b'],
      [
        { start: 0, duration: 0.4 },
        { start: 0.5, duration: 0.1, name: 1 },
        { start: 0.7, duration: 0.2 },
      ],
    );
    const track = layOut(slices)[0] as Track;
    const named = (isMatch: boolean[] | null) =>
      boxesOf(track, slices, { from: 0, to: 10 }, 10, isMatch).map((box) => box.index);
    expect([named(null), named([false, true]), named([true, false]), named([false, false])]).toEqual([
      [0],
      [1],
      [0],
      [0],
    ]);
  });
  it('draws none that ended before the view or begin after it', () => {
    const slices = slicesOf(
      ['a'],
      [
        { start: 0, duration: 1 },
        { start: 2, duration: 1 },
        { start: 8, duration: 1 },
      ],
    );
    expect(boxesOf(layOut(slices)[0] as Track, slices, { from: 1.5, to: 4 }, 100).map((box) => box.index)).toEqual([1]);
  });
});

describe('the view of a timeline', () => {
  it('zooms around a time that stays where it is', () => {
    const view = zoomed({ from: 2, to: 6 }, 3, 0.5, 10);
    expect(view).toEqual({ from: 2.5, to: 4.5 });
    expect(zoomed(view, 3, 1000, 10)).toEqual({ from: 0, to: 10 });
  });
  it('never leaves what there is, and never becomes nothing', () => {
    expect(moved({ from: 1, to: 3 }, -5, 10)).toEqual({ from: 0, to: 2 });
    expect(moved({ from: 1, to: 3 }, 99, 10)).toEqual({ from: 8, to: 10 });
    let view = { from: 0, to: 10 };
    for (let i = 0; i < 200; i++) view = zoomed(view, 5, 0.5, 10);
    expect(view.to).toBeGreaterThan(view.from);
    expect(clamped({ from: 4, to: 4 }, 10).to).toBeGreaterThan(4);
    expect(isWhole(clamped({ from: -5, to: 50 }, 10), 10)).toBe(true);
    let back = { from: 0, to: 10 };
    for (const factor of [0.7, 0.9, 1 / 0.7, 1 / 0.9]) back = zoomed(back, 3.3, factor, 10);
    expect(back).toEqual({ from: 0, to: 10 });
  });
  it('moves to what is out of sight, zooms in to what is too small to see, and else stays', () => {
    const view = { from: 0, to: 10 };
    expect(revealing(view, 2, 3, 0.01, 100)).toBe(view);
    expect(revealing(view, 50, 52, 0.01, 100)).toEqual({ from: 46, to: 56 });
    expect(revealing(view, 50, 50.01, 0.01, 100)).toEqual(around(50, 50.01, 100));
    const wide = revealing(view, 20, 60, 0.01, 100);
    expect(wide.from <= 20 && wide.to >= 60).toBe(true);
  });
});

describe('sumByName', () => {
  const none = (of: Slices) => new Int32Array(of.start.length).fill(-1);
  const slices = slicesOf(
    ['conv', 'copy'],
    [
      { start: 0, duration: 4 },
      { start: 4, duration: 2, kind: 1 },
      { start: 6, duration: 4, kind: 1 },
      { start: 7, duration: 1, name: 1, kind: 2 },
      { start: 9, duration: 0, name: 1, kind: 2 },
    ],
  );
  it('counts what lies in the range, up to its ends, by name and kind', () => {
    const sums = sumByName(slices, none(slices), 2, 8, () => true);
    expect(
      sums.map(({ name, kind, count, totalMs, durationMs, longest }) => [
        name,
        kind,
        count,
        totalMs,
        durationMs,
        longest,
      ]),
    ).toEqual([
      [0, 1, 2, 4, 6, 2],
      [0, 0, 1, 2, 4, 0],
      [1, 2, 1, 1, 1, 3],
    ]);
  });
  it('counts slices without a length, and only names that are asked for', () => {
    expect(sumByName(slices, none(slices), 8.5, 9.5, (name) => name === 1)).toMatchObject([
      { name: 1, count: 1, totalMs: 0 },
    ]);
    const second = sumByName(slices, none(slices), 0, 10, (_, index) => index === 1);
    expect(second.map(({ count, longest }) => [count, longest])).toEqual([[1, 1]]);
    expect(sumByName(slices, none(slices), 20, 30, () => true)).toEqual([]);
  });
  it('takes what runs within a slice on the host from its own time, also what is not asked for', () => {
    const nested = slicesOf(
      ['linear', 'addmm', 'gemm'],
      [
        { start: 0, duration: 10 },
        { start: 1, duration: 6, name: 1 },
        { start: 20, duration: 4 },
        { start: 5, duration: 9, name: 2, kind: 1 },
      ],
    );
    const parent = Int32Array.of(-1, 0, -1, 1);
    const selfOf = (from: number, to: number, isShown = (_: number) => true) =>
      sumByName(nested, parent, from, to, isShown).map(({ name, totalMs, selfMs }) => [name, totalMs, selfMs]);
    expect(selfOf(0, 30)).toEqual([
      [0, 14, 8],
      [2, 9, 9],
      [1, 6, 6],
    ]);
    expect(selfOf(4, 9, (name) => name === 0)).toEqual([[0, 5, 2]]);
    expect([0, 1, 2].map((index) => selfTimeOf(nested, parent, index))).toEqual([4, 6, 4]);
    const sums = sumByName(nested, parent, 0, 30, () => true);
    expect(sortSums(sums, 'self', nested).map(({ name }) => name)).toEqual([0, 1, 2]);
    expect(sortSums(sums, 'mean', nested).map(({ name }) => name)).toEqual([2, 0, 1]);
    expect(sortSums(sums, 'count', nested).map(({ name }) => name)).toEqual([0, 2, 1]);
  });
  it('agrees with the sum of all durations over the whole time', () => {
    const many = manySlices(2000, 11);
    const total = sumByName(many, none(many), 0, wholeLength(many), () => true).reduce(
      (sum, one) => sum + one.totalMs,
      0,
    );
    expect(total).toBeCloseTo(
      many.duration.reduce((a, b) => a + b),
      6,
    );
  });
});

describe('finding slices', () => {
  const slices = slicesOf(
    ['gemm_a', 'softmax', 'gemm_b'],
    [
      { start: 9, duration: 1, name: 2 },
      { start: 1, duration: 1, name: 0 },
      { start: 3, duration: 1, name: 1 },
      { start: 5, duration: 1, name: 0 },
    ],
  );
  const matches = matchesOf(slices, textFilter('^GEMM'));
  it('lists matches in the order of time', () => {
    expect([...matches]).toEqual([1, 3, 0]);
    expect([...matchesOf(slices, textFilter('gemm_('))]).toEqual([]);
  });
  it('goes round and round, also from a slice that does not match', () => {
    const walk = (selected: number, direction: 1 | -1, from = 0) =>
      matches[nextMatch(matches, slices, selected, direction, from)];
    expect([walk(-1, 1), walk(-1, 1, 4), walk(1, 1), walk(0, 1), walk(2, 1)]).toEqual([1, 3, 3, 1, 3]);
    expect([walk(1, -1), walk(3, -1), walk(2, -1), walk(-1, -1)]).toEqual([0, 1, 1, 0]);
    expect(nextMatch(new Uint32Array(0), slices, -1, 1, 0)).toBe(-1);
  });
});

describe('linksOf', () => {
  it('leads from work of the GPU to the call with its correlation id, and back', () => {
    const slices = slicesOf(
      ['a'],
      [
        { kind: 4, start: 1, duration: 1, correlation: 5 },
        { kind: 1, start: 9, duration: 1, correlation: 5 },
        { kind: 2, start: 4, duration: 1, correlation: 5 },
        { kind: 1, start: 4, duration: 1, correlation: 6 },
        { kind: 4, start: 2, duration: 1 },
        { kind: 1, start: 3, duration: 1 },
      ],
    );
    const links = linksOf(slices);
    expect([...links.cause]).toEqual([-1, 0, 0, -1, -1, -1]);
    expect(effectsOf(links, 0)).toEqual([2, 1]);
    expect(effectsOf(links, 4)).toEqual([]);
    expect([
      linked(links, 0, 1),
      linked(links, 1, -1),
      linked(links, 1, 1),
      linked(links, 4, 1),
      linked(links, -1, 1),
    ]).toEqual([2, 0, -1, -1, -1]);
  });
  it('keeps ids apart that a program counted anew', () => {
    const slices = slicesOf(
      ['a'],
      [
        { kind: 4, start: 50, duration: 1, correlation: 1 },
        { kind: 4, start: 10, duration: 1, correlation: 1 },
        { kind: 1, start: 60, duration: 1, correlation: 1 },
        { kind: 1, start: 20, duration: 1, correlation: 1 },
        { kind: 1, start: 9.9, duration: 1, correlation: 1 },
      ],
    );
    expect([...linksOf(slices).cause]).toEqual([-1, -1, 0, 1, 1]);
  });
});

describe('viewAt', () => {
  const view = { from: 0, to: 10 };
  it.each([
    ['50', { from: 45, to: 55 }],
    ['50 ms', { from: 45, to: 55 }],
    ['0.05s', { from: 45, to: 55 }],
    ['50000 µs', { from: 45, to: 55 }],
    ['3..4', { from: 3, to: 4 }],
    [' 3 - 4.5 ms ', { from: 3, to: 4.5 }],
    ['500 – 900us', { from: 0.5, to: 0.9 }],
    ['900 us..0.002 s', { from: 0.9, to: 2 }],
    ['2', { from: 0, to: 10 }],
    ['100', { from: 90, to: 100 }],
    ['90..900', { from: 0, to: 100 }],
  ])('leads to %s', (text, expected) => {
    const found = viewAt(text, view, 100);
    expect(found?.from).toBeCloseTo(expected.from, 9);
    expect(found?.to).toBeCloseTo(expected.to, 9);
  });
  it.each(['', 'x', '-3', '101', '4..3', '1..2..3', '1e3', '3 min', '..', '5 ..'])('knows no time %s', (text) => {
    expect(viewAt(text, view, 100)).toBeNull();
  });
});

describe('treeOf', () => {
  const names = ['step', 'forward', 'launch', 'gemm'];
  const slices = slicesOf(names, [
    { name: 0, start: 0, duration: 10 },
    { name: 1, start: 1, duration: 4 },
    { name: 2, kind: 4, start: 2, duration: 1, stream: 1, correlation: 1 },
    { name: 2, kind: 4, start: 3, duration: 1, stream: 1, correlation: 2 },
    { name: 3, kind: 1, start: 6, duration: 3, stream: 7, correlation: 1 },
    { name: 3, kind: 1, start: 9, duration: 4, stream: 7, correlation: 2 },
    { name: 3, kind: 1, start: 20, duration: 1, stream: 7 },
  ]);
  const parent = parentsOf(slices, linksOf(slices));
  const listed = (from: number, to: number) =>
    flatTree(treeOf(slices, parent, from, to), () => true).map(({ node, depth }) => [
      depth,
      names[node.name],
      node.count,
      node.totalMs,
      node.selfMs,
      node.gpuMs,
    ]);

  it('puts calls into the phases around them, and kernels into the calls that launched them', () => {
    expect([...parent]).toEqual([-1, 0, 1, 1, 2, 3, -1]);
    expect(listed(0, 21)).toEqual([
      [0, 'step', 1, 10, 6, 7],
      [1, 'forward', 1, 4, 2, 7],
      [2, 'launch', 2, 2, 2, 7],
      [3, 'gemm', 2, 7, 7, 7],
      [0, 'gemm', 1, 1, 1, 1],
    ]);
  });
  it('counts up to the ends of a range, and names what launched its work before', () => {
    expect(listed(4, 10)).toEqual([
      [0, 'step', 1, 6, 5, 4],
      [1, 'forward', 1, 1, 1, 4],
      [2, 'launch', 0, 0, 0, 4],
      [3, 'gemm', 2, 4, 4, 4],
    ]);
  });
  it('counts only what is shown, within whatever is around it', () => {
    const isShown = Uint8Array.from(slices.kind, (kind) => Number(kind === 1));
    const rows = flatTree(treeOf(slices, parent, 0, 21, isShown), () => true);
    expect(rows.map(({ node, depth }) => [depth, names[node.name], node.count, node.selfMs, node.gpuMs])).toEqual([
      [0, 'step', 0, 0, 7],
      [1, 'forward', 0, 0, 7],
      [2, 'launch', 0, 0, 7],
      [3, 'gemm', 2, 7, 7],
      [0, 'gemm', 1, 1, 1],
    ]);
  });
  it('does not put a call into one of another thread, nor a phase into a call', () => {
    const two = slicesOf(
      ['a'],
      [
        { kind: 4, start: 0, duration: 9, stream: 1 },
        { kind: 4, start: 1, duration: 2, stream: 2 },
        { kind: 4, start: 1, duration: 2, stream: 1 },
        { kind: 0, start: 4, duration: 1 },
        { kind: 4, start: 8, duration: 2, stream: 1 },
      ],
    );
    expect([...parentsOf(two, linksOf(two))]).toEqual([-1, -1, 0, -1, -1]);
  });
  it('comes to an end on slices that lie in each other without end, and on those that overlap', () => {
    const deep = slicesOf(
      ['a'],
      Array.from({ length: 20_000 }, (_, i) => ({ start: i, duration: 2 * (20_000 - i) })),
    );
    const depths = flatTree(treeOf(deep, parentsOf(deep, linksOf(deep)), 0, 40_000), () => true).map(
      ({ depth }) => depth,
    );
    expect(Math.max(...depths)).toBe(64);
    const count = (nodes: readonly TreeNode[]): number =>
      nodes.reduce((sum, node) => sum + node.count + count(node.children), 0);
    expect(count(treeOf(deep, parentsOf(deep, linksOf(deep)), 0, 40_000))).toBe(20_000);
    const wide = slicesOf(
      ['a'],
      Array.from({ length: 100_000 }, (_, i) => ({ start: i, duration: 100_000 })),
    );
    expect(parentsOf(wide, linksOf(wide)).every((one) => one === -1)).toBe(true);
  });
  it('keeps what is around and within a name that is searched for', () => {
    const pruned = prunedTree(
      treeOf(slices, parent, 0, 21),
      names.map((name) => name === 'launch'),
    );
    expect(flatTree(pruned, () => true).map(({ node }) => names[node.name])).toEqual([
      'step',
      'forward',
      'launch',
      'gemm',
    ]);
    expect(prunedTree(treeOf(slices, parent, 0, 21), [])).toEqual([]);
  });
  it('shows what is open alone', () => {
    const rows = flatTree(treeOf(slices, parent, 0, 21), (_, depth) => depth === 0);
    expect(rows.map(({ path, isOpen }) => [path, isOpen])).toEqual([
      ['/0:0', true],
      ['/0:0/0:1', false],
      ['/1:3', false],
    ]);
  });
});

describe('spreadOf', () => {
  it('tells the median, what most steps take, and the longest', () => {
    const step = Float64Array.from({ length: 101 }, (_, i) => 1000 + i);
    const forward = Float64Array.from({ length: 101 }, (_, i) => (i === 40 ? 500 : i));
    const totals = sumsOf([forward, new Float64Array(101).fill(1), new Float64Array(101).fill(NaN)], 101);
    const { medianMs, mostMs, longestMs, longestStep } = spreadOf(step, totals)!;
    expect([medianMs, mostMs, longestMs, longestStep]).toEqual([52, 97, 501, 1040]);
    expect([...totals.slice(0, 2)]).toEqual([1, 2]);
  });
  it('is silent about few steps', () => expect(spreadOf(new Float64Array(3), new Float64Array(3))).toBeNull());
});
