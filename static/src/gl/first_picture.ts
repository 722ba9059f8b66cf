// The picture of many points before there is a GPU context for them, which takes longer to get than the points do:
// each lays its colour over a few pixels, as the points pass does where points are small. Pure.
import { boundsOf, boundsOfBox, pointOpacity, pointSize, rangeOf, type Bounds } from './fit';
import { eyeOf, halfSide, kFieldOfView, type Triple } from './view';

/** Of fewer points the GPU draws discs, with edges. */
export const kFirstPictureFrom = 50_000;

export interface FirstPicture {
  /** N x dims, row-major; dims is 2 or 3. */
  readonly coordinates: Float32Array;
  readonly dims: number;
  /** In CSS pixels, `ratio` device pixels each. */
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
  readonly colour: ArrayLike<number>;
}

/** How much of the background each pixel lets through, before any point is laid on it: all. */
function clear(count: number): Float32Array {
  return new Float32Array(count).fill(1);
}

function boundsOfCloud(coordinates: Float32Array, dims: number): Bounds {
  if (dims === 3) return boundsOf(coordinates);
  const [x, y] = [rangeOf(coordinates, dims, 0), rangeOf(coordinates, dims, 1)];
  if (x.low > x.high || y.low > y.high) return { centre: [0, 0, 0], radius: 1 };
  return boundsOfBox({ low: [x.low, y.low, 0], span: [x.high - x.low, y.high - y.low, 0] });
}

const dot = (a: Triple, b: Triple): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const minus = (a: Triple, b: Triple): Triple => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const cross = (a: Triple, b: Triple): Triple => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
function unit(a: Triple): Triple {
  const length = Math.hypot(...a);
  return [a[0] / length, a[1] / length, a[2] / length];
}

type Place = (at: number) => void;

/** Calls back with the place of each point, in shares of the picture's half sides from its middle. */
function placesIn({ coordinates, dims, width, height }: FirstPicture, put: (x: number, y: number) => void): Place {
  const bounds = boundsOfCloud(coordinates, dims);
  const aspect = width / height;
  if (dims !== 3) {
    const half = halfSide(bounds);
    const [x, y] = bounds.centre;
    const [scaleX, scaleY] = aspect >= 1 ? [1 / (half * aspect), 1 / half] : [1 / half, aspect / half];
    return (at) => put((coordinates[at]! - x) * scaleX, (coordinates[at + 1]! - y) * scaleY);
  }
  const eye = eyeOf(bounds, dims);
  const ahead = unit(minus(bounds.centre, eye));
  const right = unit(cross(ahead, [0, 1, 0]));
  const up = cross(right, ahead);
  const slope = Math.tan((kFieldOfView * Math.PI) / 360);
  return (at) => {
    const away: Triple = [coordinates[at]! - eye[0], coordinates[at + 1]! - eye[1], coordinates[at + 2]! - eye[2]];
    const depth = dot(away, ahead) * slope;
    if (depth > 0) put(dot(away, right) / (depth * aspect), dot(away, up) / depth);
  };
}

/** RGBA of the picture in device pixels, line by line from the top; what has no finite place is not drawn. */
export function paintFirstPicture(picture: FirstPicture): {
  pixels: Uint8ClampedArray<ArrayBuffer>;
  width: number;
  height: number;
} {
  const { coordinates, dims, colour, ratio } = picture;
  const points = Math.floor(coordinates.length / dims);
  const [width, height] = [
    Math.max(1, Math.round(picture.width * ratio)),
    Math.max(1, Math.round(picture.height * ratio)),
  ];
  const side = Math.max(1, Math.round(pointSize(points, picture.width, picture.height) * ratio));
  const through = 1 - pointOpacity(points, picture.width, picture.height);
  const background = clear(width * height);
  const place = placesIn(picture, (x, y) => {
    const left = Math.round(((x + 1) / 2) * width - side / 2);
    const top = Math.round(((1 - y) / 2) * height - side / 2);
    // Also false of NaN.
    if (!(left >= 0 && top >= 0 && left + side <= width && top + side <= height)) return;
    for (let line = top * width + left, end = line + side * width; line < end; line += width) {
      for (let pixel = line; pixel < line + side; pixel++) background[pixel]! *= through;
    }
  });
  for (let at = 0; at < points * dims; at += dims) place(at);
  const pixels = new Uint8ClampedArray(4 * width * height);
  for (let pixel = 0, at = 0; pixel < background.length; pixel++, at += 4) {
    if (background[pixel] === 1) continue;
    pixels[at] = colour[0]!;
    pixels[at + 1] = colour[1]!;
    pixels[at + 2] = colour[2]!;
    pixels[at + 3] = 255 * (1 - background[pixel]!);
  }
  return { pixels, width, height };
}
