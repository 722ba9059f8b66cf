import { run } from './testing';
import { describe, expect, it } from 'vitest';
import type { Tag, TagKind } from '../src/api/types';
import { betterDirection, isSummaryMetric, judge, weightOf } from '../src/base/metric_names';
import { tagGroup, textFilter } from '../src/base/regex';
import { heatIndex, heatScale, heatShare } from '../src/charts/heat';
import { differingHparams } from '../src/pages/compare/differences';
import { tagsOfSignal } from '../src/pages/health/layer_maps';
import { textTable } from '../src/pages/media/text_table';
import { phaseColour, phaseShares } from '../src/pages/profile/phases';
import { colourOfSlice } from '../src/pages/profile/timeline_paint';
import { parseSort, sortRows, type RunRow } from '../src/pages/runs/rows';

function tag(name: string, kind: TagKind = 'scalar'): Tag {
  return { run: 1, name, kind, plugin: '', display_name: '', description: '', count: 1, first_step: 0, last_step: 0 };
}

describe('filters', () => {
  it('takes a regular expression, case ignored', () => {
    expect(textFilter('^LOSS/(a|b)$').matches('loss/b')).toBe(true);
    expect(textFilter('').matches('anything')).toBe(true);
  });
  it('takes text that is no regular expression literally, and says why', () => {
    const filter = textFilter('lr[');
    expect([filter.matches('x_LR[0]'), filter.matches('lr'), filter.error !== '']).toEqual([true, false, true]);
  });
  it('groups a tag by what stands before the first slash', () => {
    expect(['loss/train/a', 'loss', '/x'].map(tagGroup)).toEqual(['loss', 'loss', '/x']);
  });
});

describe('metric names', () => {
  it('weighs what came of held-out data most, and how fast it went least', () => {
    const tags = ['eval/loss', 'val_accuracy', 'train/loss', 'perf/tokens_per_second', 'eval/samples_per_second', 'lr'];
    expect(tags.map(weightOf)).toEqual([2, 2, 1, 0, 0, 0]);
  });
  it('knows which way is better', () => {
    const names = [
      'loss/train',
      'val_loss',
      'accuracy/validation',
      'auc/validation',
      'gloss',
      'layers/a/weight_norm',
      'val/top1',
      'rollout/ep_rew_mean',
      'stop/top10',
    ];
    expect(names.map(betterDirection)).toEqual([
      'lower',
      'lower',
      'higher',
      'higher',
      'none',
      'none',
      'higher',
      'higher',
      'none',
    ]);
    expect(isSummaryMetric('layers/loss/x')).toBe(false);
  });
  it('judges a value against the baseline, and nothing that is not a number', () => {
    expect(judge('loss/train', 1, 2)).toBe('better');
    expect(judge('accuracy/train', 1, 2)).toBe('worse');
    expect([judge('loss/train', NaN, 2), judge('loss/train', 2, 2), judge('x', 1, 2)]).toEqual([
      'same',
      'same',
      'same',
    ]);
  });
});

describe('heat maps', () => {
  const row = { label: 'a', step: Float64Array.of(10, 20, 30), value: Float64Array.of(0.1, 0, 100) };
  it('shows the last value at or before a step, and nothing outside', () => {
    expect([5, 10, 15, 30, 31].map((step) => heatIndex(row, step))).toEqual([-1, 0, 0, 2, -1]);
  });
  it('leaves out what has no logarithm', () => {
    const scale = heatScale([row], true, null);
    expect([scale.min, scale.max]).toEqual([-1, 2]);
    expect(heatShare(0, scale)).toBeNaN();
    expect(heatShare(100, scale)).toBe(1);
  });
  it('finds the tags of a signal, layers first and numbers in order', () => {
    const tags = [
      tag('embeddings/item/update_ratio'),
      tag('layers/block/layer_10/update_ratio'),
      tag('layers/block/layer_2/update_ratio'),
      tag('layers/a/gradient_norm'),
      tag('layers/b/update_ratio', 'histogram'),
    ];
    expect(tagsOfSignal(tags, 'update_ratio').map((one) => one.label)).toEqual([
      'block/layer_2',
      'block/layer_10',
      'item',
    ]);
  });
});

describe('the runs table', () => {
  const row = (id: number, loss: number | null, name = `run_${id}`): RunRow => ({
    run: run(id, { name, start_time: id, last_wall_time: id + 1, last_step: 1 }),
    subRows: [],
    isSubRun: false,
    points: 1,
    diskBytes: 1,
    databaseBytes: null,
    critical: 0,
    warning: 0,
    hparams: {},
    metrics: loss === null ? new Map() : new Map([['loss', loss]]),
  });
  it('puts what is missing last in both directions', () => {
    const rows = [row(1, null), row(2, 3), row(3, NaN), row(4, 1)];
    expect(sortRows(rows, parseSort('m:loss')).map((one) => one.run.id)).toEqual([4, 2, 1, 3]);
    expect(sortRows(rows, parseSort('-m:loss')).map((one) => one.run.id)).toEqual([2, 4, 1, 3]);
  });
  it('orders names by their numbers, and begins with the newest run', () => {
    const rows = [row(1, 1, 'run_10'), row(2, 1, 'run_9')];
    expect(sortRows(rows, parseSort('name')).map((one) => one.run.name)).toEqual(['run_9', 'run_10']);
    expect(sortRows(rows, parseSort('')).map((one) => one.run.id)).toEqual([2, 1]);
  });
});

describe('differingHparams', () => {
  it('puts those that differ first, a missing one among them', () => {
    const rows = differingHparams([
      { a: 1, b: 2, c: true },
      { a: 1, b: 3 },
    ]);
    expect(rows.map((one) => [one.name, one.isDifferent])).toEqual([
      ['b', true],
      ['c', true],
      ['a', false],
    ]);
  });
  it('does not call a setting different because a run logged no setting at all', () => {
    const rows = differingHparams([{}, { a: 1, b: 2 }, { a: 1, b: 3 }]);
    expect(rows).toEqual([
      { name: 'b', values: [undefined, 2, 3], isDifferent: true },
      { name: 'a', values: [undefined, 1, 1], isDifferent: false },
    ]);
    expect(differingHparams([{}, {}])).toEqual([]);
  });
});

describe('textTable', () => {
  it('makes the last dimension the columns', () => {
    expect(textTable(['a', 'b', 'c', 'd'], [2, 2])).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(textTable(['a', 'b'], [2])).toEqual([['a'], ['b']]);
    expect(textTable(['a'], [])).toEqual([['a']]);
    expect(textTable(['a'], [0, 0])).toEqual([['a']]);
  });
});

describe('profiles', () => {
  const none = new Float64Array(0);
  const kNoSlices = {
    start: none,
    duration: none,
    step: none,
    stream: new Uint32Array(0),
    correlation: new Uint32Array(0),
  };

  it('gives shares that sum to one, the greatest first, and leaves out what is not finite', () => {
    const layer = (name: string, ...value: number[]) => ({ name, colour: '', value: Float64Array.from(value) });
    const shares = phaseShares([layer('forward', 1, NaN, 3), layer('backward', 6, 6, 6)]);
    expect(shares.map((one) => [one.name, one.meanMs, one.share])).toEqual([
      ['backward', 6, 0.75],
      ['forward', 2, 0.25],
    ]);
  });

  it('draws a phase in one colour in the bars of steps and in the timeline', () => {
    const phases = ['forward', 'augment', 'tokenize'];
    const names = ['tokenize', 'gemm', 'forward', 'augment'];
    const slices = { ...kNoSlices, names, phases, kind: Uint8Array.of(0, 0, 0), name: Uint32Array.of(0, 2, 3) };
    const drawn = [0, 1, 2].map((index) => colourOfSlice(slices, index, false));
    expect(drawn).toEqual(['tokenize', 'forward', 'augment'].map((name) => phaseColour(name, phases, false)));
    expect(new Set(drawn).size).toBe(3);
  });
});
