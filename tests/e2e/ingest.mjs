// Points sent to a server as programs without a logger send them: compact scalars (docs/formats.md).
import assert from 'node:assert/strict';

/** One point of the scalar `x` of `run`; `sequence` counts the run's points from 0 and is step and value as well. */
export async function sendPoint(server, run, sequence) {
  const body = new DataView(new ArrayBuffer(43));
  [...'SPS1'].forEach((letter, i) => body.setUint8(i, letter.charCodeAt(0)));
  body.setUint32(4, 1, true);
  body.setUint16(8, 1, true);
  body.setUint8(10, 'x'.charCodeAt(0));
  body.setUint32(11, 1, true);
  body.setUint32(15, 0, true);
  body.setBigInt64(19, BigInt(sequence), true);
  body.setFloat64(27, Date.now() / 1000, true);
  body.setFloat64(35, sequence, true);
  const url = new URL(`/api/v1/ingest?run=${encodeURIComponent(run)}&writer=w&sequence=${sequence}`, server.url);
  const headers = { 'Content-Type': 'application/vnd.spirogram.scalars' };
  assert.equal((await fetch(url, { method: 'POST', headers, body: body.buffer })).status, 200);
}
