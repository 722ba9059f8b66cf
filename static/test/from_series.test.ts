import { describe, expect, it } from 'vitest';
import { lineOfSeries } from '../src/charts/from_series';
import { pointSeries } from './testing';

describe('lineOfSeries', () => {
  it('knows on which axes a line goes back', () => {
    const look = { label: 'run', colour: '#000', dash: [], startTime: 10 };
    const back = { ...pointSeries([0, 1, 2], [1, 2, 3]), wallTime: Float64Array.from([10, 20, 12]) };
    const goesBack = (x: 'step' | 'relative' | 'wall') => lineOfSeries(back, look, x, 0).goesBack;
    expect([goesBack('step'), goesBack('relative'), goesBack('wall')]).toEqual([false, true, true]);
  });
});
