// From where a whole cloud is looked at. Pure: the scene's cameras stand there, and so does the first picture.
import type { Bounds } from './fit';

export type Triple = [number, number, number];

/** Degrees from the lower to the upper edge, in space. */
export const kFieldOfView = 45;
/** Air around the cloud. */
const kAir = 1.12;
const kFrom: Triple = [0.35, 0.3, 1];
/** Little farther than where the cloud fills the picture: its corners are nearer than its middle. */
const kBack = 1.1;

/** Half of the map's units that the shorter side of the picture holds. */
export const halfSide = (bounds: Bounds): number => bounds.radius * kAir;

/** Of the eye from the middle of the cloud, at which its sides would fill the picture. */
export const fillingDistance = (bounds: Bounds): number => halfSide(bounds) / Math.tan((kFieldOfView * Math.PI) / 360);

/** Where the eye is; it looks at the middle of the cloud. */
export function eyeOf(bounds: Bounds, dims: number): Triple {
  const [x, y, z] = bounds.centre;
  if (dims !== 3) return [x, y, 10];
  const away = (kBack * fillingDistance(bounds)) / Math.hypot(...kFrom);
  return [x + kFrom[0] * away, y + kFrom[1] * away, z + kFrom[2] * away];
}
