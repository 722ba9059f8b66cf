// Helpers of the tests: columns as the server writes them, series from plain numbers.
import type { Series } from '../src/base/series';
import type { Run } from '../src/api/types';

type TestColumn = { name: string; type: string; offset: number; length: number };

/** Bytes of an SPC1 answer with this header and data. */
export function spc1(header: unknown, data: Uint8Array = new Uint8Array(0), magic = 'SPC1'): ArrayBuffer {
  const unpadded = new TextEncoder().encode(JSON.stringify(header));
  const text = new Uint8Array(Math.ceil(unpadded.length / 8) * 8).fill(0x20);
  text.set(unpadded);
  const bytes = new Uint8Array(8 + text.length + data.length);
  bytes.set(new TextEncoder().encode(magic), 0);
  new DataView(bytes.buffer).setUint32(4, text.length, true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes.buffer;
}

/** One item with one column. */
export function oneColumn(column: Partial<TestColumn>, data: Uint8Array): ArrayBuffer {
  const whole: TestColumn = { name: 'step', type: 'f64', offset: 0, length: data.length / 8, ...column };
  return spc1({ items: [{ run: 1, columns: [whole] }] }, data);
}

export function doubles(...values: number[]): Uint8Array {
  return new Uint8Array(Float64Array.from(values).buffer);
}

/** A series of points: wall time is the step, one row per point. */
export function pointSeries(steps: readonly number[], values: readonly number[], run = 1): Series {
  return {
    run,
    tag: 'loss/train',
    points: steps.length,
    step: Float64Array.from(steps),
    wallTime: Float64Array.from(steps),
    mean: Float64Array.from(values),
    min: Float64Array.from(values),
    max: Float64Array.from(values),
    count: new Uint32Array(steps.length).fill(1),
    nonfinite: Uint32Array.from(values, (value) => (Number.isFinite(value) ? 0 : 1)),
  };
}

/** A run as the server lists it; `own` is what the test is about. */
export function run(id: number, own: Partial<Run> = {}): Run {
  return {
    id,
    name: `run_${id}`,
    path: `run_${id}`,
    status: 'stopped',
    evidence: { sessions: 1 },
    status_reason: '',
    start_time: 100 + id,
    last_wall_time: 200,
    last_step: 10,
    points: 1,
    bytes_read: 1,
    bytes_on_disk: 1000 * id,
    note: '',
    note_bytes: 0,
    tags: [],
    colour: null,
    is_archived: false,
    is_pinned: false,
    deleted_time: null,
    purge: 'none',
    revision: 0,
    ...own,
  };
}
