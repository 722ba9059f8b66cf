// Embeddings as files of TensorBoard's projector, for tests of the page: MNIST's digits with a sprite, where the
// data are, and tables made here.
import { readFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, deflateSync, gunzipSync } from 'node:zlib';

/** Writes a run of one embedding. `values` is a Float32Array of rows x dims; `lines` are the metadata file's,
 * `bookmarks` the states of TensorBoard's projector. */
export async function writeEmbedding(folder, { tag, values, dims, lines = null, sprite = null, bookmarks = null }) {
  await mkdir(folder, { recursive: true });
  const rows = values.length / dims;
  await writeFile(join(folder, 'tensor.bytes'), Buffer.from(values.buffer, values.byteOffset, values.byteLength));
  let config = `embeddings { tensor_name: "${tag}" tensor_shape: ${rows} tensor_shape: ${dims} tensor_path: "tensor.bytes"`;
  if (lines !== null) {
    await writeFile(join(folder, 'metadata.tsv'), lines.map((line) => `${line}\n`).join(''));
    config += ' metadata_path: "metadata.tsv"';
  }
  if (bookmarks !== null) {
    await writeFile(join(folder, 'bookmarks.json'), JSON.stringify(bookmarks));
    config += ' bookmarks_path: "bookmarks.json"';
  }
  if (sprite !== null) {
    await writeFile(join(folder, 'sprite.png'), sprite.png);
    config += ` sprite { image_path: "sprite.png" single_image_dim: ${sprite.width} single_image_dim: ${sprite.height} }`;
  }
  await writeFile(join(folder, 'projector_config.pbtxt'), `${config} }\n`);
}

/** Numbers in [0, 1) from a seed (Park and Miller 1988). */
export function random(seed) {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

/** `rows` rows of which row i lies near the place of group i % groups; the groups are far apart. */
export function tightClusters(rows, dims, groups, seed) {
  const next = random(seed);
  const places = Array.from({ length: groups * dims }, () => next() * 20 - 10);
  const values = new Float32Array(rows * dims);
  for (let at = 0; at < values.length; at++) {
    const group = Math.floor(at / dims) % groups;
    values[at] = places[group * dims + (at % dims)] + 0.05 * (next() + next() - 1);
  }
  return values;
}

/** The first `count` test digits of MNIST and their labels; null where the data are not there. */
export async function readMnist(data, count) {
  try {
    const [images, labels] = await Promise.all(
      ['images-idx3', 'labels-idx1'].map(async (name) =>
        gunzipSync(await readFile(join(data, 'mnist', `t10k-${name}-ubyte.gz`))),
      ),
    );
    return { pixels: images.subarray(16, 16 + count * 784), labels: [...labels.subarray(8, 8 + count)] };
  } catch {
    return null;
  }
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

/** Grey images of side x side pixels beside each other, `perLine` in a line, as one PNG. */
export function spriteOf(pixels, side, perLine) {
  const count = pixels.length / (side * side);
  const [width, height] = [perLine * side, Math.ceil(count / perLine) * side];
  const raw = Buffer.alloc((width + 1) * height);
  for (let at = 0; at < pixels.length; at++) {
    const [image, line, column] = [Math.floor(at / (side * side)), Math.floor(at / side) % side, at % side];
    raw[(Math.floor(image / perLine) * side + line) * (width + 1) + 1 + (image % perLine) * side + column] = pixels[at];
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 0], 8); // 8 bits, grey
  const png = Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(raw)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
  return { png, width: side, height: side };
}
