import { describe, expect, it } from 'vitest';
import { hideAbsent, hidesOthers, kFaded, kHidden, kMarked, kNormal } from '../src/gl/emphasis';
import {
  between,
  boundsOf,
  boundsOfBox,
  pointOpacity,
  pointSize,
  reachFrom,
  toTriples,
  visibleTriples,
} from '../src/gl/fit';
import { packPositions } from '../src/gl/pack';
import { spreadRows } from '../src/gl/points_pass';
import { PolygonGrid, selectRows, type Polygon } from '../src/gl/select';
import { random } from './random';

const kIdentity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
const kSize = { width: 200, height: 100 };

describe('fit', () => {
  it('puts pairs on a plane and leaves triples as they are', () => {
    expect([...toTriples(Float32Array.of(1, 2, 3, 4), 2)]).toEqual([1, 2, 0, 3, 4, 0]);
    const triples = Float32Array.of(1, 2, 3);
    expect(toTriples(triples, 3)).toBe(triples);
  });
  it('bounds the finite points', () => {
    const bounds = boundsOf(Float32Array.of(0, 0, 0, 4, 2, 0, NaN, NaN, NaN));
    expect(bounds).toEqual({ centre: [2, 1, 0], radius: 2 });
  });
  it('has a radius also for one point and for none', () => {
    expect(boundsOf(Float32Array.of(5, 5, 5)).radius).toBe(1);
    expect(boundsOf(new Float32Array(0)).radius).toBe(1);
  });
  it('is the same by the box of packed positions', () => {
    const coordinates = Float32Array.of(0, 0, 4, 2, NaN, 1);
    expect(boundsOfBox(packPositions(coordinates, 2))).toEqual(boundsOf(toTriples(coordinates, 2)));
    expect(boundsOfBox(packPositions(new Float32Array(0), 2))).toEqual({ centre: [0, 0, 0], radius: 1 });
  });
  it('reaches as far as the farthest finite point', () => {
    expect(reachFrom(Float32Array.of(3, 4, 0, NaN, 0, 0, 1, 1, 1), [0, 0, 0])).toBe(5);
    expect(reachFrom(new Float32Array(3), [0, 0, 0])).toBe(1);
  });
  it('leaves out hidden points, and moves between key frames', () => {
    const triples = Float32Array.of(1, 2, 3, 4, 5, 6);
    expect([...visibleTriples(triples, Uint8Array.of(3, 0))]).toEqual([4, 5, 6]);
    expect(visibleTriples(triples, Uint8Array.of(0, 0))).toBe(triples);
    expect([...between(triples, Float32Array.of(3, 2, 3, 4, 5, 6), 0.5)]).toEqual([2, 2, 3, 4, 5, 6]);
    expect(between(triples, null, 0.5)).toBe(triples);
  });
  it('draws many points smaller, within bounds', () => {
    expect(pointSize(100, 1000, 1000)).toBe(11);
    expect(pointSize(1_000_000, 1000, 1000)).toBe(2);
  });
});

describe('packed positions', () => {
  it('keep each place to a 65,535th of the box', () => {
    const next = random(3);
    for (const dims of [2, 3]) {
      const coordinates = Float32Array.from({ length: 500 * dims }, () => next() * 1000 - 700);
      const { values, size, low, span } = packPositions(coordinates, dims);
      coordinates.forEach((value, at) => {
        const [row, axis] = [Math.floor(at / dims), at % dims];
        const unpacked = low[axis]! + (values[row * size + axis]! / 65535) * span[axis]!;
        expect(Math.abs(unpacked - value)).toBeLessThan(span[axis]! / 100_000);
      });
    }
  });
  it('tell points without a place, and survive a map of none or of one point', () => {
    expect(packPositions(Float32Array.of(0, 1, NaN, 2, 3, Infinity), 2).absent).toEqual([1, 2]);
    expect(packPositions(Float32Array.of(5, 5), 2)).toMatchObject({ low: [5, 5, 0], span: [0, 0, 0] });
    expect(packPositions(new Float32Array(0), 3).values.length).toBe(0);
  });
});

describe('points without a place', () => {
  it('are hidden where the frame that is left or the one that is come to has none for them', () => {
    const emphasis = Uint8Array.of(kNormal, kMarked, kNormal, kFaded);
    expect(hideAbsent(emphasis, [{ absent: [] }, null])).toBe(emphasis);
    expect([...hideAbsent(emphasis, [{ absent: [0] }, { absent: [0, 3] }])]).toEqual([
      kHidden,
      kMarked,
      kNormal,
      kHidden,
    ]);
    expect([...emphasis]).toEqual([kNormal, kMarked, kNormal, kFaded]);
  });
  it('tells whether other rows are hidden, whatever else is marked', () => {
    const all = new Uint8Array(3);
    const one = Uint8Array.of(kHidden, kNormal, kNormal);
    expect(hidesOthers(all, one)).toBe(true);
    expect(hidesOthers(one, Uint8Array.of(kNormal, kHidden, kNormal))).toBe(true);
    expect(hidesOthers(one, Uint8Array.of(kHidden, kMarked, kFaded))).toBe(false);
    expect(hidesOthers(new Uint8Array(0), all)).toBe(false);
  });
});

describe('points drawn lighter', () => {
  it('are those that cover each other', () => {
    expect(pointOpacity(100, 1000, 1000)).toBe(0.88);
    expect(pointOpacity(3_000_000, 1000, 1000)).toBeLessThan(0.5);
  });
});

describe('a selection by a polygon', () => {
  it('agrees with the even-odd rule for every point, also of a lasso that crosses itself', () => {
    const next = random(7);
    for (let round = 0; round < 40; round++) {
      const polygon: Polygon = Array.from({ length: 3 + (round % 20) }, () => [next() * 200, next() * 100] as const);
      const grid = new PolygonGrid(polygon);
      for (let i = 0; i < 500; i++) {
        const [x, y] = [next() * 220 - 10, next() * 120 - 10];
        let inside = false;
        polygon.forEach(([ax, ay], at) => {
          const [bx, by] = polygon[(at + 1) % polygon.length]!;
          if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
        });
        expect(grid.contains(x, y)).toBe(inside);
      }
    }
  });
  it('takes the points that the picture shows there', () => {
    const triples = Float32Array.of(0, 0, 0, 0.9, 0.9, 0, NaN, 0, 0);
    const box: Polygon = [
      [90, 40],
      [110, 40],
      [110, 60],
      [90, 60],
    ];
    expect([...selectRows({ triples, matrix: kIdentity, ...kSize, polygon: box })]).toEqual([0]);
  });
  it('is empty for a line, a point and nothing', () => {
    const triples = Float32Array.of(0, 0, 0);
    for (const polygon of [
      [],
      [[100, 50]],
      [
        [100, 50],
        [100, 50],
        [100, 50],
      ],
    ] as Polygon[]) {
      expect(selectRows({ triples, matrix: kIdentity, ...kSize, polygon }).length).toBe(0);
    }
  });
});

describe('the rows of a moving picture', () => {
  it('are all rows once, any part of them spread over the table', () => {
    for (const count of [1, 2, 7, 1000, 99_991]) expect(new Set(spreadRows(count)).size).toBe(count);
    const part = [...spreadRows(100_000).subarray(0, 1000)].sort((a, b) => a - b);
    expect(Math.max(...part.slice(1).map((row, i) => row - (part[i] ?? 0)))).toBeLessThan(400);
    expect([...spreadRows(100_000, 1000)].sort((a, b) => a - b)).toEqual(part);
    expect(spreadRows(0).length).toBe(0);
  });
});
