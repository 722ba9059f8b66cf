import { describe, expect, it } from 'vitest';
import { chromeTrace } from '../src/pages/profile/chrome_trace';
import { linksOf } from '../src/pages/profile/slice_links';
import { layOut, type Slices } from '../src/pages/profile/timeline';

const kSlices: Slices = {
  names: ['forward "größe"', 'launch', 'gemm'],
  phases: [],
  kind: Uint8Array.of(0, 4, 1, 4),
  name: Uint32Array.of(0, 1, 2, 1),
  start: Float64Array.of(0, 1, 2.000001, 9),
  duration: Float64Array.of(5, 0.5, 1.25, 1),
  step: Float64Array.of(7, 7, 7, 8),
  stream: Uint32Array.of(0, 11, 20, 12),
  correlation: Uint32Array.of(0, 3, 3, 0),
};

function eventsOf(from: number, to: number, isShown: Uint8Array | null = null): Record<string, unknown>[] {
  return JSON.parse(chromeTrace(kSlices, layOut(kSlices), linksOf(kSlices), { from, to }, isShown)).traceEvents;
}

describe('chromeTrace', () => {
  it('names the tracks and has each slice on its own, in microseconds', () => {
    const events = eventsOf(0, 20);
    const named = events.filter((one) => one.name === 'process_name' || one.name === 'thread_name');
    expect(named.map(({ pid, tid, args }) => [pid, tid, (args as { name: string }).name])).toEqual([
      [1, undefined, 'host'],
      [1, 1, 'phases'],
      [1, 2, 'calls 1'],
      [1, 3, 'calls 2'],
      [2, undefined, 'GPU'],
      [2, 1, 'stream 20'],
    ]);
    expect(events.filter((one) => one.ph === 'X')).toEqual([
      { ph: 'X', name: 'forward "größe"', cat: 'phase', ts: 0, dur: 5000, pid: 1, tid: 1, args: { step: 7 } },
      {
        ...{ ph: 'X', name: 'launch', cat: 'call', ts: 1000, dur: 500, pid: 1, tid: 2 },
        args: { step: 7, correlation: 3 },
      },
      {
        ...{ ph: 'X', name: 'gemm', cat: 'kernel', ts: 2000.001, dur: 1250, pid: 2, tid: 1 },
        args: { step: 7, correlation: 3 },
      },
      { ph: 'X', name: 'launch', cat: 'call', ts: 9000, dur: 1000, pid: 1, tid: 3, args: { step: 8 } },
    ]);
  });
  it('leads a flow from a call to what it launched, where both are in it', () => {
    const flows = (events: Record<string, unknown>[]) =>
      events.filter((one) => one.cat === 'launch').map(({ ph, id, ts, pid, tid }) => [ph, id, ts, pid, tid]);
    expect(flows(eventsOf(0, 20))).toEqual([
      ['s', 2, 1000, 1, 2],
      ['f', 2, 2000.001, 2, 1],
    ]);
    expect(flows(eventsOf(1.9, 20))).toEqual([]);
  });
  it('has what lies in the range, wholly or in part, and is shown', () => {
    const names = (events: Record<string, unknown>[]) => events.filter((one) => one.ph === 'X').map(({ ts }) => ts);
    expect(names(eventsOf(3, 8))).toEqual([0, 2000.001]);
    expect(names(eventsOf(3, 8, Uint8Array.of(0, 1, 1, 1)))).toEqual([2000.001]);
    expect(names(eventsOf(30, 40))).toEqual([]);
  });
});
