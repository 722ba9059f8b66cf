import { describe, expect, it } from 'vitest';
import type { Tag } from '../src/api/types';
import { countNames, mostCommon, shownNames, switchShown } from '../src/base/common_names';
import { columnsByDefault, hparamNames, metricNames } from '../src/pages/runs/columns';

const tags = ['layers/1/gradient_norm', 'loss/train', 'queue', 'loss/validation', 'loss/train'].map(
  (name, run) => ({ name, run, kind: 'scalar' }) as Tag,
);

describe('columns of the runs table', () => {
  it('offers every scalar once, results of the whole model first', () => {
    const text = { name: 'answer', run: 1, kind: 'text' } as Tag;
    expect(metricNames([...tags, text])).toEqual(['loss/train', 'loss/validation', 'layers/1/gradient_norm', 'queue']);
  });
  it('offers every hyperparameter, those that differ first', () => {
    expect(
      hparamNames([
        { epochs: 3, lr: 1 },
        { epochs: 3, lr: 2 },
      ]),
    ).toEqual(['lr', 'epochs']);
  });
  it('shows a few by itself, others when asked, and none that is hidden', () => {
    const metrics = ['loss/0', 'loss/1', 'loss/2', 'loss/3', 'loss/4', 'loss/5', 'queue'];
    const byDefault = columnsByDefault(metrics, [], { metrics: countNames(metrics), hparams: countNames([]) });
    expect(shownNames('m', metrics, byDefault, { hidden: [], columns: [] })).toEqual(metrics.slice(0, 5));
    expect(shownNames('m', metrics, byDefault, { hidden: ['m:loss/0'], columns: ['m:queue'] })).toEqual([
      'loss/1',
      'loss/2',
      'loss/3',
      'loss/4',
      'queue',
    ]);
  });
  it('shows what most runs have, not what two runs of another project have', () => {
    const sweep = Array.from({ length: 38 }, () => ['loss/train', 'loss/val']);
    const counts = countNames([...sweep, ['loss/train'], ['accuracy', 'accuracy/test'], ['accuracy']].flat());
    const names = ['accuracy', 'accuracy/test', 'loss/train', 'loss/val'];
    expect(mostCommon(names, counts, 5)).toEqual(['loss/train', 'loss/val']);
    expect(mostCommon(names, counts, 1)).toEqual(['loss/train']);
    expect([
      ...columnsByDefault(names, ['bits', 'lr'], {
        metrics: counts,
        hparams: countNames([...sweep.map(() => 'lr'), 'bits']),
      }),
    ]).toEqual(['m:loss/train', 'm:loss/val', 'h:lr']);
  });
  it('shows all names where each run has its own, and none where there is none', () => {
    expect(mostCommon(['a', 'b'], countNames(['a', 'a', 'b']), 5)).toEqual(['a', 'b']);
    expect(mostCommon([], countNames([]), 5)).toEqual([]);
  });
  it('switches a column that is shown by itself off and on, and another one on and off', () => {
    const byDefault = new Set(['m:loss']);
    expect(switchShown('m:loss', byDefault, { hidden: [], columns: [] })).toEqual({ hidden: ['m:loss'] });
    expect(switchShown('m:queue', byDefault, { hidden: [], columns: ['m:queue'] })).toEqual({ columns: [] });
    expect(switchShown('duration', byDefault, { hidden: ['duration'], columns: [] })).toEqual({ hidden: [] });
  });
});
