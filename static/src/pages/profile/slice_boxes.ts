// What is drawn of a track: slices that are narrower than a pixel are one box with the others of that pixel, so that a
// picture has as many boxes as it has pixels, however many slices there are. Pure.
import { lowerBound } from '../../base/search';
import type { TimeView } from './time_view';
import { endOf, type Slices, type Track } from './timeline';

export interface Box {
  /** Pixels from the left edge of the view; those of slices that begin before it are below 0. */
  readonly x: number;
  readonly width: number;
  /** The slice, or of those in a box of several the longest, of those that are searched for if there are any. */
  readonly index: number;
  readonly count: number;
  /** The share of the box that its slices fill, up to 1. */
  readonly busy: number;
}

/**
 * `width` is that of the view in pixels. A box for each slice of a pixel or more, and one per pixel for all narrower ones.
 * `isMatch` says of each name whether it is searched for; null: nothing is.
 */
export function boxesOf(
  track: Track,
  slices: Slices,
  view: TimeView,
  width: number,
  isMatch: readonly boolean[] | null = null,
): Box[] {
  const isSought = (index: number) => isMatch?.[slices.name[index] as number] === true;
  const scale = width / (view.to - view.from);
  const boxes: Box[] = [];
  const last = lowerBound(track.start, view.to);
  for (let i = lowerBound(track.reach, view.from); i < last;) {
    const index = track.slices[i] as number;
    const x = ((track.start[i] as number) - view.from) * scale;
    const size = (slices.duration[index] as number) * scale;
    if (size >= 1) {
      // Of those that are drawn over each other some have ended before the view.
      if (endOf(slices, index) >= view.from) boxes.push({ x, width: size, index, count: 1, busy: 1 });
      i++;
      continue;
    }
    const column = Math.floor(x);
    let [longest, filled, first] = [index, 0, i];
    for (; i < last && ((track.start[i] as number) - view.from) * scale < column + 1; i++) {
      const one = track.slices[i] as number;
      const duration = slices.duration[one] as number;
      if (duration * scale >= 1) break;
      filled += duration * scale;
      if (isSought(one) === isSought(longest) ? duration > (slices.duration[longest] as number) : isSought(one))
        longest = one;
    }
    boxes.push({ x: column, width: 1, index: longest, count: i - first, busy: Math.min(1, filled) });
  }
  return boxes;
}
