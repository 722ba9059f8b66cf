// Points sent to a server as programs without a logger send them: compact scalars (docs/formats.md).
import assert from 'node:assert/strict';

/** The values of scalars, by tag, at one step of `run`; `sequence` counts what was sent of the run from 0 and is the step. */
export async function sendScalars(server, run, sequence, values) {
  const tags = Object.keys(values).map((tag) => Buffer.from(tag));
  // Of a machine whose numbers are little-endian, as those on the wire are.
  const column = (Numbers, of) => Buffer.from(Numbers.from(tags, of).buffer);
  const count = Buffer.from(Uint32Array.of(tags.length).buffer);
  const body = Buffer.concat([
    Buffer.from('SPS1'),
    count,
    ...tags.flatMap((tag) => [Buffer.from(Uint16Array.of(tag.length).buffer), tag]),
    count,
    column(Uint32Array, (_, i) => i),
    column(BigInt64Array, () => BigInt(sequence)),
    column(Float64Array, () => Date.now() / 1000),
    Buffer.from(Float64Array.from(Object.values(values)).buffer),
  ]);
  const url = new URL(`/api/v1/ingest?run=${encodeURIComponent(run)}&writer=w&sequence=${sequence}`, server.url);
  const headers = { 'Content-Type': 'application/vnd.spirogram.scalars' };
  assert.equal((await fetch(url, { method: 'POST', headers, body })).status, 200);
}

/** One point of the scalar `x`, whose value is its step. */
export function sendPoint(server, run, sequence) {
  return sendScalars(server, run, sequence, { x: sequence });
}
