// Slices laid out in rows: phases on top, then one row per GPU stream (more where slices overlap).
export const kKindNames = ['phase', 'kernel', 'copy', 'memset'] as const;

export interface Slices {
  readonly names: readonly string[];
  readonly kind: Uint8Array;
  readonly name: Uint32Array;
  readonly start: Float64Array;
  readonly duration: Float64Array;
  readonly step: Float64Array;
  readonly stream: Uint32Array;
}

export interface Track {
  readonly label: string;
  /** Indices of slices, by start; none overlaps the next. */
  readonly slices: readonly number[];
}

/** Rows of one track at most: beyond, slices are drawn over each other. */
const kRowsOfTrackMax = 8;

function splitOverlaps(label: string, indices: number[], slices: Slices): Track[] {
  indices.sort((a, b) => (slices.start[a] as number) - (slices.start[b] as number));
  const rows: { end: number; list: number[] }[] = [];
  for (const index of indices) {
    const start = slices.start[index] as number;
    // Times are rounded to doubles of milliseconds: back-to-back slices may seem to overlap by that.
    let row = rows.find((one) => one.end <= start + 1e-6);
    if (row === undefined && rows.length < kRowsOfTrackMax) rows.push((row = { end: 0, list: [] }));
    row ??= rows[0] as { end: number; list: number[] };
    row.list.push(index);
    row.end = start + (slices.duration[index] as number);
  }
  return rows.map((row, i) => ({ label: i === 0 ? label : '', slices: row.list }));
}

export function layOut(slices: Slices): Track[] {
  const phases: number[] = [];
  const streams = new Map<number, number[]>();
  slices.kind.forEach((kind, index) => {
    if (kind === 0) phases.push(index);
    else {
      const stream = slices.stream[index] as number;
      const list = streams.get(stream) ?? [];
      list.push(index);
      streams.set(stream, list);
    }
  });
  const tracks = splitOverlaps('phases', phases, slices);
  for (const stream of [...streams.keys()].sort((a, b) => a - b)) {
    tracks.push(...splitOverlaps(`stream ${stream}`, streams.get(stream) ?? [], slices));
  }
  return tracks;
}
