import { describe, expect, it } from 'vitest';
import type { Checkpoint } from '../src/api/types';
import { kFaded, kHidden, kMarked, kNormal } from '../src/gl/emphasis';
import { tellingColumn } from '../src/pages/projector/colouring';
import { emphasise } from '../src/pages/projector/emphasise';
import { framesAt, framesOf, spread } from '../src/pages/projector/frames';
import { placeTip } from '../src/pages/projector/tip_place';

describe('what is drawn in front', () => {
  const none = { points: 4, picked: -1, neighbours: [], selected: null, found: null, isIsolated: false };
  it('is everything when nothing is looked at', () => {
    expect([...emphasise(none)]).toEqual([kNormal, kNormal, kNormal, kNormal]);
  });
  it('is the picked row with its neighbours, else the selection, else the hits', () => {
    const selected = Uint32Array.of(0, 1);
    expect([...emphasise({ ...none, picked: 2, neighbours: [3], selected })]).toEqual([
      kFaded,
      kFaded,
      kMarked,
      kMarked,
    ]);
    expect([...emphasise({ ...none, selected, found: Uint32Array.of(3) })]).toEqual([kMarked, kMarked, kFaded, kFaded]);
    expect([...emphasise({ ...none, found: Uint32Array.of(3) })]).toEqual([kFaded, kFaded, kFaded, kMarked]);
  });
  it('hides what is not selected when isolated, neighbours too', () => {
    const selected = Uint32Array.of(0, 1);
    expect([...emphasise({ ...none, selected, isIsolated: true })]).toEqual([kNormal, kNormal, kHidden, kHidden]);
    expect([...emphasise({ ...none, selected, picked: 1, neighbours: [3], isIsolated: true })]).toEqual([
      kFaded,
      kMarked,
      kHidden,
      kHidden,
    ]);
  });
  it('ignores rows that the map does not have', () => {
    expect([...emphasise({ ...none, points: 1, selected: Uint32Array.of(7), isIsolated: true })]).toEqual([kHidden]);
  });
});

describe('key frames', () => {
  const at = (step: number, rows = 10): Checkpoint => ({ step, wall_time: 0, rows, dims: 4 });
  it('are checkpoints of the last size', () => {
    expect(framesOf([at(0, 9), at(1), at(2)], 2).map((one) => one.step)).toEqual([1, 2]);
    expect(framesOf([], 2)).toEqual([]);
  });
  it('are spread evenly where there are too many, the ends among them', () => {
    expect(spread([0, 1, 2, 3, 4, 5, 6], 3)).toEqual([0, 3, 6]);
    const many = framesOf(
      Array.from({ length: 500 }, (_, i) => at(i)),
      2,
    );
    expect([many.length, many[0]?.step, many[59]?.step]).toEqual([60, 0, 499]);
  });
  it('are few where each is large', () => {
    expect(
      framesOf(
        Array.from({ length: 500 }, (_, i) => at(i, 5_000_000)),
        2,
      ).length,
    ).toBeLessThan(12);
  });
  it('blend from one to the next', () => {
    expect(framesAt(1.25, 3)).toEqual({ from: 1, next: 2, blend: 0.25 });
    expect(framesAt(9, 3)).toEqual({ from: 2, next: 2, blend: 0 });
    expect(framesAt(0, 0)).toEqual({ from: 0, next: 0, blend: 0 });
  });
});

describe('the tip of a point', () => {
  const room = { width: 800, height: 500 };
  it('stands right of the point and below it', () => {
    expect(placeTip({ x: 100, y: 100 }, { width: 200, height: 150 }, room)).toEqual({ x: 114, y: 114 });
  });
  it('goes to the other side where it would be cut off, however high its texts make it', () => {
    expect(placeTip({ x: 700, y: 400 }, { width: 260, height: 300 }, room)).toEqual({ x: 426, y: 86 });
  });
  it('stays on the map where neither side has room', () => {
    expect(placeTip({ x: 400, y: 250 }, { width: 260, height: 480 }, room)).toEqual({ x: 414, y: 20 });
    expect(placeTip({ x: 10, y: 10 }, { width: 900, height: 600 }, room)).toEqual({ x: 0, y: 0 });
  });
});

describe('the column that colours by itself', () => {
  const column = (different: number) => Array.from({ length: 600 }, (_, row) => `v${row % different}`);
  it('is the first that tells rows apart and gives most of them a colour', () => {
    const columns = ['name', 'category', 'kind', 'other'];
    const values = [column(600), column(100), column(4), column(3)];
    expect(tellingColumn(columns, values)).toBe('kind');
    expect(tellingColumn(columns, [column(1), column(100), column(600), column(1)])).toBe('category');
    expect(tellingColumn(columns, [column(1), column(600)])).toBe('');
  });
  it('may be numbers, however many: a scale colours them all', () => {
    const scores = Array.from({ length: 600 }, (_, row) => `${row % 150}`);
    expect(tellingColumn(['score', 'kind'], [scores, column(4)])).toBe('score');
  });
});
