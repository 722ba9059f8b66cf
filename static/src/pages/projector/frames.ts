// Which checkpoints are shown as key frames, and what lies between two. Pure.
import type { Checkpoint } from '../../api/types';

/** More key frames than this are more than one watches. */
const kFramesMax = 60;
const kBytesMax = 400 << 20;

/** `most` of them spread evenly, the first and the last among them. */
export function spread<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  if (most < 2) return all.slice(-1);
  return Array.from({ length: most }, (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))] as T);
}

/** The checkpoints of the last one's size, as many as memory allows. */
export function framesOf(checkpoints: readonly Checkpoint[], dims: number): Checkpoint[] {
  const last = checkpoints[checkpoints.length - 1];
  if (last === undefined) return [];
  const same = checkpoints.filter((one) => one.rows === last.rows && one.dims === last.dims);
  return spread(same, Math.max(2, Math.min(kFramesMax, Math.floor(kBytesMax / (last.rows * dims * 4)))));
}

/** The key frame at or before a position, the next one, and how far between them. */
export function framesAt(position: number, count: number): { from: number; next: number; blend: number } {
  const bounded = Math.min(Math.max(0, position), Math.max(0, count - 1));
  const from = Math.floor(bounded);
  return { from, next: Math.min(from + 1, Math.max(0, count - 1)), blend: bounded - from };
}
