// How wide an image is drawn. Pure.

/** Pixels: the longer side up to which a card enlarges an image, and what it is enlarged to. */
const kSmall = 96;
const kEnlargedTo = 128;
/** The highest that a card draws. */
export const kHighest = 360;
/** The same of an image that fills the page: larger ones have their own size there. */
const kFullEnlargedTo = 512;

export interface ImageSize {
  readonly width: number;
  readonly isEnlarged: boolean;
}

/**
 * Small images are enlarged by a whole factor, so that each of their pixels can be seen; a card shrinks those that are
 * higher than it should be. Undefined where the size of the image is not known.
 */
export function imageSize(width: number, height: number, isFull: boolean): ImageSize | undefined {
  if (width <= 0 || height <= 0) return undefined;
  const longer = Math.max(width, height);
  if (isFull || longer <= kSmall) {
    const factor = Math.max(1, Math.round((isFull ? kFullEnlargedTo : kEnlargedTo) / longer));
    return { width: factor * width, isEnlarged: factor > 1 };
  }
  return { width: Math.max(1, Math.round(width * Math.min(1, kHighest / height))), isEnlarged: false };
}
