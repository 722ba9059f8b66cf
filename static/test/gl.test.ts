import { describe, expect, it } from 'vitest';
import { boundsOf, pointSize, toTriples } from '../src/gl/fit';
import { pickPoint } from '../src/gl/pick';

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
  it('draws many points smaller, within bounds', () => {
    expect(pointSize(100, 1000, 1000)).toBe(11);
    expect(pointSize(1_000_000, 1000, 1000)).toBe(2);
  });
});

describe('pickPoint', () => {
  const points = Float32Array.of(0, 0, 0, 0.5, 0.5, 0);
  it('finds the nearest point within reach', () => {
    expect(pickPoint(points, kIdentity, kSize, 102, 51, 10)).toBe(0);
    expect(pickPoint(points, kIdentity, kSize, 148, 27, 10)).toBe(1);
    expect(pickPoint(points, kIdentity, kSize, 10, 90, 10)).toBe(-1);
  });
  it('takes the one in front of two at the same place', () => {
    expect(pickPoint(Float32Array.of(0, 0, 0.5, 0, 0, -0.5), kIdentity, kSize, 100, 50, 10)).toBe(1);
  });
  it('ignores points behind the camera and points that are not finite', () => {
    const perspective = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1, -1, 0, 0, 0, 0];
    expect(pickPoint(Float32Array.of(0, 0, 1), perspective, kSize, 100, 50, 10)).toBe(-1);
    expect(pickPoint(Float32Array.of(NaN, 0, 0), kIdentity, kSize, 100, 50, 10)).toBe(-1);
  });
});
