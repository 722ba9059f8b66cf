import { describe, expect, it } from 'vitest';
import type { Tag } from '../src/api/types';
import { columnsByDefault, hparamNames, metricNames, shownNames } from '../src/pages/runs/columns';

const tags = ['layers/1/gradient_norm', 'loss/train', 'queue', 'loss/validation', 'loss/train'].map((name, run) => ({ name, run, kind: 'scalar' }) as Tag);

describe('columns of the runs table', () => {
  it('offers every scalar once, results of the whole model first', () => {
    const text = { name: 'answer', run: 1, kind: 'text' } as Tag;
    expect(metricNames([...tags, text])).toEqual(['loss/train', 'loss/validation', 'layers/1/gradient_norm', 'queue']);
  });
  it('offers every hyperparameter, those that differ first', () => {
    expect(hparamNames([{ epochs: 3, lr: 1 }, { epochs: 3, lr: 2 }])).toEqual(['lr', 'epochs']);
  });
  it('shows a few by itself, others when asked, and none that is hidden', () => {
    const metrics = ['loss/0', 'loss/1', 'loss/2', 'loss/3', 'loss/4', 'loss/5', 'queue'];
    const byDefault = columnsByDefault(metrics, []);
    expect(shownNames('m', metrics, byDefault, { hidden: [], columns: [] })).toEqual(metrics.slice(0, 5));
    expect(shownNames('m', metrics, byDefault, { hidden: ['m:loss/0'], columns: ['m:queue'] })).toEqual(['loss/1', 'loss/2', 'loss/3', 'loss/4', 'queue']);
  });
});
