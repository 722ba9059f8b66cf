// A picture of how dense a map is, made of what the server counted for each pixel. Pure.

/** A part of the map in its own units; y goes up. */
export interface MapRect {
  readonly xMin: number;
  readonly yMin: number;
  readonly xMax: number;
  readonly yMax: number;
}

/** Points that a page draws itself; of larger maps the server sends the density. */
export const kDrawnMax = 4_000_000;

/** Pixels to each side that a look at a place takes in: one pixel alone is hard to meet. */
export const kLookPixels = 4;
const kCountMax = 65_535;

/** How many points lie in the square around a pixel; `isMore` where a pixel holds more than can be told. */
export function countAround(
  counts: Uint16Array,
  width: number,
  height: number,
  x: number,
  y: number,
): { count: number; isMore: boolean } {
  let count = 0;
  let isMore = false;
  for (let line = Math.max(0, y - kLookPixels); line <= Math.min(height - 1, y + kLookPixels); line++) {
    for (let column = Math.max(0, x - kLookPixels); column <= Math.min(width - 1, x + kLookPixels); column++) {
      const here = counts[line * width + column] as number;
      count += here;
      isMore ||= here === kCountMax;
    }
  }
  return { count, isMore };
}

type Rgb = readonly [number, number, number];

/** RGBA of each pixel: clear where there is nothing, from `few` to `many` by the logarithm of the count. */
export function paintDensity(counts: Uint16Array, most: number, few: Rgb, many: Rgb): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(counts.length * 4);
  const table = new Map<number, Rgb>();
  const scale = most > 1 ? 1 / Math.log(most) : 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] as number;
    if (count === 0) continue;
    let colour = table.get(count);
    if (colour === undefined) {
      const share = Math.min(1, Math.log(count) * scale);
      colour = few.map((from, channel) => from + share * ((many[channel] as number) - from)) as unknown as Rgb;
      table.set(count, colour);
    }
    pixels.set(colour, 4 * i);
    pixels[4 * i + 3] = 255;
  }
  return pixels;
}

/** Moved by shares of its sides: what is to the right and above comes into view. */
export function panned({ xMin, yMin, xMax, yMax }: MapRect, right: number, up: number): MapRect {
  const [x, y] = [right * (xMax - xMin), up * (yMax - yMin)];
  return { xMin: xMin + x, yMin: yMin + y, xMax: xMax + x, yMax: yMax + y };
}

/** `factor` above 1 is nearer; the place at (u, v), shares from the left and the bottom, stays where it is. */
export function zoomed({ xMin, yMin, xMax, yMax }: MapRect, factor: number, u = 0.5, v = 0.5): MapRect {
  const [x, y] = [xMin + u * (xMax - xMin), yMin + v * (yMax - yMin)];
  return {
    xMin: x - (x - xMin) / factor,
    yMin: y - (y - yMin) / factor,
    xMax: x + (xMax - x) / factor,
    yMax: y + (yMax - y) / factor,
  };
}

/** Where `inner` lies on a picture of `outer`, in shares from its left and top. */
export function placeOn(outer: MapRect, inner: MapRect): { left: number; top: number; width: number; height: number } {
  const [width, height] = [outer.xMax - outer.xMin, outer.yMax - outer.yMin];
  return {
    left: (inner.xMin - outer.xMin) / width,
    top: (outer.yMax - inner.yMax) / height,
    width: (inner.xMax - inner.xMin) / width,
    height: (inner.yMax - inner.yMin) / height,
  };
}
