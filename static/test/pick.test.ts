import { Matrix4, OrthographicCamera, PerspectiveCamera } from 'three';
import { describe, expect, it } from 'vitest';
import { formatCamera, parseCamera } from '../src/gl/camera';
import { kHidden, kMarked } from '../src/gl/emphasis';
import { PickIndex, type PickQuery } from '../src/gl/pick';
import { random } from './random';

const kIdentity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
const kPicture = { matrix: kIdentity, width: 200, height: 100, reach: 10, radius: 0, emphasis: null, blend: 0 };

function pick(triples: Float32Array, x: number, y: number, more: Partial<PickQuery> = {}): number {
  return new PickIndex(triples, false).pick({ ...kPicture, ...more, x, y });
}

/** The nearest of all points, one by one. */
function slowPick(triples: Float32Array, { matrix, width, height, x, y, reach, emphasis }: PickQuery): number {
  const m = new Matrix4().fromArray(Array.from(matrix)).elements;
  let best = -1;
  let least = Infinity;
  for (let row = 0; row < triples.length / 3; row++) {
    const [px, py, pz] = triples.subarray(3 * row) as unknown as [number, number, number];
    const [cx, cy, cw] = [0, 1, 3].map((i) => m[i]! * px + m[i + 4]! * py + m[i + 8]! * pz + m[i + 12]!) as [
      number,
      number,
      number,
    ];
    const distance = Math.hypot(((cx / cw + 1) / 2) * width - x, ((1 - cy / cw) / 2) * height - y);
    if (emphasis?.[row] === kHidden || !(cw > 0) || !(distance <= reach) || distance >= least) continue;
    [best, least] = [row, distance];
  }
  return best;
}

function cloud(points: number, dims: number, seed: number): Float32Array {
  const next = random(seed);
  return Float32Array.from({ length: points * 3 }, (_, at) =>
    at % 3 < dims ? (next() + next() - 1) * 40 + (next() < 0.01 ? 300 : 0) : 0,
  );
}

function matrixOf(camera: OrthographicCamera | PerspectiveCamera): number[] {
  camera.updateMatrixWorld();
  camera.updateProjectionMatrix();
  return new Matrix4().multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse).elements;
}

describe('a pick', () => {
  const points = Float32Array.of(0, 0, 0, 0.5, 0.5, 0);
  it('finds the nearest point within reach', () => {
    expect(pick(points, 102, 51)).toBe(0);
    expect(pick(points, 148, 27)).toBe(1);
    expect(pick(points, 10, 90)).toBe(-1);
    expect(pick(new Float32Array(0), 10, 90)).toBe(-1);
  });
  it('takes the one in front of two at the same place, or of two whose discs lie under the pointer', () => {
    const two = Float32Array.of(0, 0, 0.5, 0, 0, -0.5);
    expect(pick(two, 100, 50)).toBe(1);
    const beside = Float32Array.of(0, 0, 0.5, 0.02, 0, -0.5);
    expect(pick(beside, 100, 50)).toBe(0);
    expect(pick(beside, 100, 50, { radius: 4 })).toBe(1);
  });
  it('ignores points behind the camera, points that are not finite and hidden ones', () => {
    const perspective = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1, -1, 0, 0, 0, 0];
    expect(pick(Float32Array.of(0, 0, 1), 100, 50, { matrix: perspective })).toBe(-1);
    expect(pick(Float32Array.of(NaN, 0, 0, 0, Infinity, 0), 100, 50)).toBe(-1);
    expect(pick(points, 100, 50, { emphasis: Uint8Array.of(kHidden, 0) })).toBe(-1);
  });
  it('means what is marked before what is nearer', () => {
    expect(pick(Float32Array.of(0, 0, 0, 0.05, 0, 0), 100, 50, { emphasis: Uint8Array.of(0, kMarked) })).toBe(1);
  });
  it('agrees with a search of all points, in the plane and in space', () => {
    const flat = Object.assign(new OrthographicCamera(-50, 50, 25, -25, -1e5, 1e5), { zoom: 2 });
    flat.position.set(3, -2, 10);
    const deep = new PerspectiveCamera(45, 2, 0.1, 1e5);
    deep.position.set(30, 25, 90);
    deep.lookAt(0, 0, 0);
    for (const [dims, camera] of [
      [2, flat],
      [3, deep],
    ] as const) {
      const triples = cloud(20_000, dims, 7);
      const index = new PickIndex(triples, dims === 2);
      const emphasis = Uint8Array.from({ length: 20_000 }, (_, row) => (row % 5 === 0 ? kHidden : 0));
      const next = random(11);
      for (let i = 0; i < 200; i++) {
        const query = {
          ...kPicture,
          matrix: matrixOf(camera),
          width: 800,
          height: 400,
          x: next() * 800,
          y: next() * 400,
          emphasis,
        };
        expect(index.pick(query)).toBe(slowPick(triples, query));
      }
    }
  });
  it('finds points between two key frames, and after they have moved', () => {
    const from = cloud(5_000, 2, 3);
    const to = cloud(5_000, 2, 5);
    const camera = new OrthographicCamera(-60, 60, 30, -30, -1e5, 1e5);
    const query = { ...kPicture, matrix: matrixOf(camera), width: 800, height: 400 };
    const index = new PickIndex(from, true, to);
    const next = random(13);
    for (let i = 0; i < 100; i++) {
      const one = { ...query, x: next() * 800, y: next() * 400, blend: next() };
      const between = from.map((value, at) => value + one.blend * (to[at]! - value));
      expect(index.pick(one)).toBe(slowPick(between, one));
    }
    index.move(to, null);
    expect(index.pick({ ...query, x: 300, y: 200 })).toBe(slowPick(to, { ...query, x: 300, y: 200 }));
  });
});

describe('the camera of a link', () => {
  it('survives the way there and back', () => {
    expect(parseCamera(formatCamera([1.5, -2, 0.25]), 2)).toEqual([1.5, -2, 0.25]);
    expect(parseCamera(formatCamera([1, 2, 3, 4, 5, 6e-9]), 3)).toEqual([1, 2, 3, 4, 5, 6e-9]);
    expect(formatCamera([1, NaN, 3])).toBe('');
  });
  it.each([
    ['', 2],
    ['1,2', 2],
    ['1,2,0', 2],
    ['1,2,-3', 2],
    ['1,,3', 2],
    ['1,2,3', 3],
    ['1,2,3,1,2,3', 3],
    ['a,b,c', 2],
  ])('takes "%s" for none in %i dims', (text, dims) => {
    expect(parseCamera(text, dims)).toBeNull();
  });
});
