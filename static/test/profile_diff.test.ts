import { describe, expect, it } from 'vitest';
import type { Kernel } from '../src/api/types';
import { formatTimeDelta } from '../src/base/format';
import { kernelPairs, phasePairs, verdict } from '../src/pages/profile/profile_diff';

const phase = (name: string, meanMs: number) => ({ name, colour: '', meanMs, share: 0 });
const kernel = (name: string, mean_ms: number, share: number, kind = 'kernel'): Kernel => ({
  name,
  kind,
  count: 10,
  total_ms: 10 * mean_ms,
  mean_ms,
  max_ms: mean_ms,
  share,
});

describe('phasePairs', () => {
  it('begin with what changes a step most, whichever run has it', () => {
    const mine = [phase('forward', 2), phase('input_wait', 9), phase('logging', 1)];
    const others = [phase('forward', 2.5), phase('input_wait', 3), phase('checkpoint', 4)];
    expect(phasePairs(mine, others)).toEqual([
      { name: 'input_wait', ms: 9, otherMs: 3 },
      { name: 'checkpoint', ms: NaN, otherMs: 4 },
      { name: 'logging', ms: 1, otherMs: NaN },
      { name: 'forward', ms: 2, otherMs: 2.5 },
    ]);
  });
});

describe('kernelPairs', () => {
  it('are joined by kind and name, the greatest share of either run first', () => {
    const mine = [kernel('gemm', 4, 0.6), kernel('memcpy', 1, 0.1, 'copy')];
    const others = [kernel('memcpy', 2, 0.8, 'copy'), kernel('memcpy', 3, 0.2)];
    expect(kernelPairs(mine, others).map(({ kind, name, ms, otherMs }) => [kind, name, ms, otherMs])).toEqual([
      ['copy', 'memcpy', 1, 2],
      ['kernel', 'gemm', 4, NaN],
      ['kernel', 'memcpy', NaN, 3],
    ]);
    expect(kernelPairs(mine, others)[1]).toMatchObject({ count: 10, otherCount: 0 });
  });
});

describe('verdict', () => {
  it('is passed on what differs by more than a fiftieth', () => {
    const of = (ms: number, otherMs: number) => verdict({ name: '', ms, otherMs });
    expect([of(1.03, 1), of(0.97, 1), of(1.01, 1), of(NaN, 1), of(1, NaN), of(1, 0)]).toEqual([
      'slower',
      'faster',
      '',
      '',
      '',
      'slower',
    ]);
  });
});

describe('formatTimeDelta', () => {
  it('has a sign, a unit and the share of the base', () => {
    expect(formatTimeDelta(3, 2)).toBe('+1 ms (+50 %)');
    expect(formatTimeDelta(2, 2.5)).toBe('−500 µs (−20 %)');
    expect([formatTimeDelta(2, 2), formatTimeDelta(2, 0), formatTimeDelta(NaN, 1)]).toEqual(['±0', '+2 ms', '–']);
  });
});
