// The picture before the GPU's: its points lie where the scene's cameras see them.
import { OrthographicCamera, PerspectiveCamera, Vector3 } from 'three';
import { describe, expect, it } from 'vitest';
import { paintFirstPicture } from '../src/gl/first_picture';
import { boundsOf, toTriples } from '../src/gl/fit';
import { eyeOf, halfSide, kFieldOfView } from '../src/gl/view';
import { random } from './random';

const kSize = { width: 240, height: 160, ratio: 1, colour: [10, 200, 30] };

/** Where three's cameras, set as the scene sets them, see a point: device pixels from the upper left corner. */
function seen(coordinates: Float32Array, dims: number, row: number): { x: number; y: number } {
  const bounds = boundsOf(toTriples(coordinates, dims));
  const half = halfSide(bounds);
  const aspect = kSize.width / kSize.height;
  const camera =
    dims === 3
      ? new PerspectiveCamera(kFieldOfView, aspect, 1e-3, 1e3)
      : new OrthographicCamera(-half * aspect, half * aspect, half, -half, -1e5, 1e5);
  camera.position.fromArray(eyeOf(bounds, dims));
  camera.lookAt(...bounds.centre);
  camera.updateMatrixWorld();
  camera.updateProjectionMatrix();
  const at = new Vector3().fromArray(toTriples(coordinates, dims), 3 * row).project(camera);
  return { x: ((at.x + 1) / 2) * kSize.width, y: ((1 - at.y) / 2) * kSize.height };
}

describe('the first picture', () => {
  it('has every point where the GPU would draw it, in the plane and in space', () => {
    const next = random(5);
    for (const dims of [2, 3]) {
      const coordinates = Float32Array.from({ length: 40 * dims }, () => 10 * next() - 3);
      const { pixels, width, height } = paintFirstPicture({ ...kSize, coordinates, dims });
      expect([width, height]).toEqual([240, 160]);
      let drawn = 0;
      for (let row = 0; row < 40; row++) {
        const { x, y } = seen(coordinates, dims, row);
        if (x < 12 || y < 12 || x > 228 || y > 148) continue; // at the edge a point is not cut, but left out
        drawn++;
        const at = 4 * (Math.floor(y) * width + Math.floor(x));
        expect([...pixels.subarray(at, at + 3)]).toEqual(kSize.colour);
        expect(pixels[at + 3]).toBeGreaterThan(200);
      }
      expect(drawn).toBeGreaterThan(30);
    }
  });
  it('is darker where many points lie, and empty where none does', () => {
    const coordinates = new Float32Array(200_000).map((_, at) => (at < 2 ? -1 : at < 4 ? 1 : 0));
    const { pixels, width, height } = paintFirstPicture({ ...kSize, coordinates, dims: 2 });
    const opacity = (x: number, y: number) => pixels[4 * (y * width + x) + 3]!;
    const alone = Math.max(
      ...pixels.filter(
        (_, at) => at % 4 === 3 && Math.floor(at / 4 / width) > 150 - 20 && Math.floor(at / 4 / width) < height,
      ),
    );
    expect(opacity(width / 2, height / 2)).toBe(255);
    expect(alone).toBeLessThan(128);
    expect(opacity(3, 3)).toBe(0);
  });
  it('leaves out what has no place, and takes the screen’s pixels', () => {
    const odd = paintFirstPicture({ ...kSize, ratio: 2, coordinates: Float32Array.of(NaN, 0, Infinity, 1), dims: 2 });
    expect([odd.width, odd.height]).toEqual([480, 320]);
    expect(odd.pixels.every((value) => value === 0)).toBe(true);
    expect(
      paintFirstPicture({ ...kSize, coordinates: Float32Array.of(5, 5), dims: 2 }).pixels.some((value) => value > 0),
    ).toBe(true);
  });
});
