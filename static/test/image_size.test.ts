import { describe, expect, it } from 'vitest';
import { imageSize } from '../src/pages/media/image_size';

describe('imageSize', () => {
  it('enlarges small images by a whole factor', () => {
    expect(imageSize(28, 28, false)).toEqual({ width: 140, isEnlarged: true });
    expect(imageSize(96, 10, false)).toEqual({ width: 96, isEnlarged: false });
  });

  it('goes by the longer side: a narrow image is not made into a tower', () => {
    expect(imageSize(3, 400, false)).toEqual({ width: 3, isEnlarged: false });
    expect(imageSize(4, 64, false)).toEqual({ width: 8, isEnlarged: true });
  });

  it('shrinks what is higher than a card should be', () => {
    expect(imageSize(640, 720, false)?.width).toBe(320);
    expect(imageSize(1, 100_000, false)?.width).toBe(1);
  });

  it('gives an image that fills the page its own size, or more', () => {
    expect(imageSize(28, 28, true)).toEqual({ width: 504, isEnlarged: true });
    expect(imageSize(2000, 4000, true)).toEqual({ width: 2000, isEnlarged: false });
  });

  it('knows nothing of an image without a size', () => {
    expect(imageSize(0, 0, false)).toBeUndefined();
  });
});
