// Which point lies under the pointer: every point is projected by the camera's matrix, in one plain
// loop over typed arrays. A million points take a few milliseconds; no readback of the GPU is needed,
// which software WebGL makes slow.
import { kHidden } from './emphasis';

/**
 * Index of the nearest point within `reach` pixels of (x, y), the one in front of two at the same
 * place; -1 if there is none. `matrix` is projection times view, column-major as WebGL has it.
 * Hidden points are not found.
 */
export function pickPoint(
  triples: Float32Array,
  matrix: ArrayLike<number>,
  size: { width: number; height: number },
  x: number,
  y: number,
  reach: number,
  emphasis?: Uint8Array,
): number {
  const m = Float64Array.from(matrix);
  const targetX = (x / size.width) * 2 - 1;
  const targetY = 1 - (y / size.height) * 2;
  const scaleX = size.width / 2;
  const scaleY = size.height / 2;
  let best = -1;
  let bestDistance = reach * reach;
  let bestDepth = Infinity;
  for (let i = 0, at = 0; at < triples.length; i++, at += 3) {
    if (emphasis !== undefined && emphasis[i] === kHidden) continue;
    const px = triples[at] as number;
    const py = triples[at + 1] as number;
    const pz = triples[at + 2] as number;
    const w = m[3]! * px + m[7]! * py + m[11]! * pz + m[15]!;
    if (!(w > 0)) continue;
    const dx = ((m[0]! * px + m[4]! * py + m[8]! * pz + m[12]!) / w - targetX) * scaleX;
    const dy = ((m[1]! * px + m[5]! * py + m[9]! * pz + m[13]!) / w - targetY) * scaleY;
    const distance = dx * dx + dy * dy;
    if (!(distance <= bestDistance)) continue;
    const depth = (m[2]! * px + m[6]! * py + m[10]! * pz + m[14]!) / w;
    if (distance === bestDistance && depth >= bestDepth) continue;
    best = i;
    bestDistance = distance;
    bestDepth = depth;
  }
  return best;
}
