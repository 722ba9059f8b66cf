import { describe, expect, it } from 'vitest';
import { kFaded, kHidden, kMarked } from '../src/gl/emphasis';
import { chooseThumbnails } from '../src/gl/thumbnail_choice';
import { random } from './random';

const kIdentity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

function choose(triples: Float32Array, emphasis: Uint8Array, size = 20): number[] {
  return [
    ...chooseThumbnails({ triples, next: null, blend: 0, matrix: kIdentity, width: 400, height: 200, emphasis, size }),
  ];
}

describe('thumbnails', () => {
  it('stand on all points of a picture of few, and on none outside of it', () => {
    const triples = Float32Array.of(0, 0, 0, 0.001, 0, 0, 2, 0, 0, NaN, 0, 0);
    expect(choose(triples, new Uint8Array(4))).toEqual([0, 1]);
  });
  it('stand on one point for each square of a picture of many', () => {
    const next = random(5);
    const triples = Float32Array.from({ length: 30_000 }, (_, at) => (at % 3 === 2 ? 0 : next() * 2 - 1));
    const rows = choose(triples, new Uint8Array(10_000));
    expect(rows.length).toBe(20 * 10);
    const cells = new Set(
      rows.map((row) => `${Math.floor((triples[3 * row]! + 1) * 10)} ${Math.floor((1 - triples[3 * row + 1]!) * 5)}`),
    );
    expect(cells.size).toBe(rows.length);
  });
  it('stand on what is looked at alone', () => {
    const triples = new Float32Array(12);
    expect(choose(triples, Uint8Array.of(kFaded, kMarked, kHidden, 0))).toEqual([1]);
    expect(choose(triples, Uint8Array.of(kFaded, 0, kHidden, 0))).toEqual([1, 3]);
  });
  it('stand where points are between two key frames', () => {
    const task = {
      triples: new Float32Array(3),
      next: Float32Array.of(4, 0, 0),
      matrix: kIdentity,
      width: 400,
      height: 200,
      emphasis: new Uint8Array(1),
      size: 20,
    };
    expect([...chooseThumbnails({ ...task, blend: 0.2 })]).toEqual([0]);
    expect([...chooseThumbnails({ ...task, blend: 0.5 })]).toEqual([]);
  });
});
