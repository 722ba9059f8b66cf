import { describe, expect, it } from 'vitest';
import { gpuSplit, kUses } from '../src/pages/profile/gpu_split';
import type { Slices } from '../src/pages/profile/timeline';
import { kKindNames } from '../src/pages/profile/timeline';

type Slice = [kind: (typeof kKindNames)[number], name: string, start: number, duration: number];

function slicesOf(list: readonly Slice[]): Slices {
  const names = [...new Set(list.map(([, name]) => name))];
  return {
    names,
    phases: [],
    kind: Uint8Array.from(list, ([kind]) => kKindNames.indexOf(kind)),
    name: Uint32Array.from(list, ([, name]) => names.indexOf(name)),
    start: Float64Array.from(list, ([, , start]) => start),
    duration: Float64Array.from(list, ([, , , duration]) => duration),
    step: new Float64Array(list.length),
    stream: new Uint32Array(list.length),
    correlation: new Uint32Array(list.length),
  };
}

/** By label, of what is more than nothing. */
function usesOf(list: readonly Slice[], from: number, to: number): Record<string, number> {
  const times = gpuSplit(slicesOf(list), { from, to }) ?? [];
  return Object.fromEntries(kUses.map(({ label }, i) => [label, times[i] ?? 0] as const).filter(([, ms]) => ms > 0));
}

describe('gpuSplit', () => {
  it('counts an instant once, for the first use that it belongs to', () => {
    const list: Slice[] = [
      ['kernel', 'gemm', 10, 10],
      ['kernel', 'ncclDevKernel_AllReduce', 15, 10], // 5 of it beside the gemm
      ['copy', 'HtoD', 18, 10], // 3 of it alone
      ['memset', 'memset', 40, 2],
      ['phase', 'input_wait', 0, 12], // 10 before the gemm
      ['call', 'cudaStreamSynchronize', 28, 4],
      ['call', 'cudaLaunchKernel', 30, 6], // 4 of it behind the other call
      ['call', 'aten::mm', 29, 20], // an operator, which calls CUDA but is no call of it
      ['phase', 'forward', 12, 60],
    ];
    expect(usesOf(list, 0, 60)).toEqual({
      computing: 12,
      communicating: 5,
      copying: 3,
      'idle: waits for input': 10,
      'idle: host synchronises': 4,
      'idle: host launches': 4,
      'idle: host elsewhere': 22,
    });
    expect(usesOf(list, 16, 24)).toEqual({ computing: 4, communicating: 4 });
  });

  it('sums up to the range, whatever overlaps', () => {
    let seed = 1;
    const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
    const names = ['gemm', 'ncclKernel', 'input_wait', 'cudaDeviceSynchronize', 'cudaMalloc', 'forward'];
    for (let round = 0; round < 50; round++) {
      const list = Array.from({ length: 40 }, (): Slice => {
        const kind = kKindNames[Math.floor(random() * kKindNames.length)] as (typeof kKindNames)[number];
        return [kind, names[Math.floor(random() * names.length)] as string, random() * 100, random() * 20];
      });
      const times = gpuSplit(slicesOf([...list, ['kernel', 'gemm', 0, 1]]), { from: 10, to: 90 }) as number[];
      expect(times.every((ms) => ms >= 0)).toBe(true);
      expect(times.reduce((a, b) => a + b)).toBeCloseTo(80, 9);
    }
  });

  it('is not there where no GPU was looked into', () => {
    expect(gpuSplit(slicesOf([['phase', 'forward', 0, 5]]), { from: 0, to: 5 })).toBeNull();
    expect(gpuSplit(slicesOf([]), { from: 0, to: 5 })).toBeNull();
  });
});
