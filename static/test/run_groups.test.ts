import { describe, expect, it } from 'vitest';
import type { HparamValue, Run } from '../src/api/types';
import { csvOfGroups } from '../src/pages/metrics/group_csv';
import { curvesOfGroups, linesOfGroups } from '../src/pages/metrics/group_lines';
import { groupRuns, headingOf, hparamChoices, withoutSeeds } from '../src/pages/metrics/run_groups';
import { pointSeries } from './testing';

const runs = ['a/x1', 'a/x2', 'b/x1', 'c'].map((path, i) => ({ id: i + 1, path }) as Run);
const hparams = new Map<number, Record<string, HparamValue>>([
  [1, { lr: 0.1, opt: 'adam', seed: 0, epochs: 3 }],
  [2, { lr: 0.01, opt: 'adam', seed: 1, epochs: 3 }],
  [3, { lr: 0.1, opt: 'sgd', seed: 0, epochs: 3 }],
]);
const grouped = (by: string[]) => groupRuns(runs, hparams, by).map((group) => [group.label, ...group.runs]);

describe('groupRuns', () => {
  it('puts runs of the same hyperparameters together, numbers by size, what is missing last', () => {
    expect(grouped(['h:lr'])).toEqual([
      ['lr 0.01', 2],
      ['lr 0.1', 1, 3],
      ['lr –', 4],
    ]);
    expect(grouped(['h:opt', 'h:lr'])).toEqual([
      ['opt adam, lr 0.01', 2],
      ['opt adam, lr 0.1', 1],
      ['opt sgd, lr 0.1', 3],
      ['opt –, lr –', 4],
    ]);
  });
  it('names values alone where it groups by many, and says once what they are', () => {
    const by = ['h:opt', 'h:lr', 'folder'];
    expect(grouped(by)[0]).toEqual(['adam, 0.01, a', 2]);
    expect(headingOf(by)).toBe('opt, lr, folder');
    expect(headingOf(['h:opt'])).toBe('');
  });
  it('groups by folder', () => {
    expect(grouped(['folder'])).toEqual([
      ['no folder', 4],
      ['a', 1, 2],
      ['b', 3],
    ]);
  });
  it('groups by what an expression finds in the path: its groups, or the whole match', () => {
    expect(grouped(['path:x(\\d)'])).toEqual([
      ['1', 1, 3],
      ['2', 2],
      ['no match', 4],
    ]);
    expect(grouped(['path:[ab]/'])).toEqual([
      ['a/', 1, 2],
      ['b/', 3],
      ['no match', 4],
    ]);
  });
  it('takes what is no expression for text', () => {
    expect(grouped(['path:(a'])).toEqual([['no match', 1, 2, 3, 4]]);
  });
  it('keeps a number and the same written as a text apart', () => {
    const mixed = new Map<number, Record<string, HparamValue>>([
      [1, { k: 1 }],
      [2, { k: '1' }],
    ]);
    expect(groupRuns(runs.slice(0, 2), mixed, ['h:k']).map((group) => group.runs)).toEqual([[1], [2]]);
  });
});

describe('hparamChoices', () => {
  it('offers what differs, a missing value being one', () => {
    expect(hparamChoices(runs.slice(0, 3), hparams).map((one) => `${one.name} ${one.values}`)).toEqual([
      'lr 2',
      'opt 2',
      'seed 2',
    ]);
    expect(hparamChoices(runs, hparams).find((one) => one.name === 'epochs')?.values).toBe(2);
  });
  it('names settings with all of their digits', () => {
    const seeds = new Map([
      [1, { seed: 20240101 }],
      [2, { seed: 20240102 }],
    ]);
    const groups = groupRuns(runs.slice(0, 2), seeds, ['h:seed']);
    expect(groups.map((group) => group.label)).toEqual(['seed 20240101', 'seed 20240102']);
  });
  it('averages over whatever is called a seed', () => {
    const names = ['lr', 'seed', 'data/random_seed', 'torch.seed', 'seeds_per_run'];
    expect(withoutSeeds(names.map((name) => ({ name, values: 2 })))).toEqual(['h:lr', 'h:seeds_per_run']);
  });
});

describe('linesOfGroups', () => {
  const context = {
    colour: () => ({ colour: '#000', dash: [] }),
    startTime: () => 0,
    x: 'step',
    smoothing: 0,
    band: 'range',
  } as const;
  it('draws the mean of each group that has points', () => {
    const lines = linesOfGroups(
      [
        { label: 'none', runs: [9] },
        { label: 'both', runs: [1, 2] },
      ],
      [pointSeries([0, 1], [1, 2], 1), pointSeries([0, 1], [3, 6], 2)],
      context,
    );
    expect(lines.map((line) => line.label)).toEqual(['both']);
    expect([...lines[0]!.y]).toEqual([2, 4]);
    expect([...lines[0]!.min!, ...lines[0]!.max!]).toEqual([1, 2, 3, 6]);
    expect([...lines[0]!.members!]).toEqual([2, 2]);
  });
  it('keeps a smoothed mean inside its band', () => {
    const steps = Array.from({ length: 60 }, (_, i) => i);
    const series = [1, 2, 3].map((run) =>
      pointSeries(
        steps,
        steps.map((i) => Math.sin(i * run) * run),
        run,
      ),
    );
    const [line] = linesOfGroups([{ label: 'all', runs: [1, 2, 3] }], series, { ...context, smoothing: 0.8 });
    line!.y.forEach((value, i) => {
      expect(value).toBeGreaterThanOrEqual(line!.min![i]!);
      expect(value).toBeLessThanOrEqual(line!.max![i]!);
    });
  });
  it('names the steps that runs had reached where the axis shows time', () => {
    const [line] = linesOfGroups([{ label: 'all', runs: [1] }], [pointSeries([5, 9], [1, 2], 1)], {
      ...context,
      x: 'wall',
    });
    expect([...line!.step]).toEqual([5, 9]);
  });
  it('takes the mean by time where a clock was set back', () => {
    const back = { ...pointSeries([0, 1, 2, 3], [1, 2, 3, 4], 1), wallTime: Float64Array.from([10, 20, 12, 14]) };
    const [line] = linesOfGroups([{ label: 'all', runs: [1] }], [back], { ...context, x: 'wall' });
    expect([[...line!.x], [...line!.y], [...line!.step]]).toEqual([
      [10, 12, 14, 20],
      [1, 3, 4, 2],
      [0, 2, 3, 1],
    ]);
  });
  it('does not carry a run that ended into the smoothed mean of the others', () => {
    const series = [pointSeries([0, 1, 2, 3], [1, 1, 1, 1], 1), pointSeries([0, 1], [9, 9], 2)];
    const [line] = linesOfGroups([{ label: 'all', runs: [1, 2] }], series, { ...context, smoothing: 0.9 });
    expect([...line!.y]).toEqual([5, 5, 1, 1]);
    expect(line!.parts).toEqual([
      { from: 0, to: 2, count: 2 },
      { from: 2, to: 4, count: 1 },
    ]);
  });
});

describe('csvOfGroups', () => {
  it('has mean, band and number of runs of each x', () => {
    const series = [pointSeries([0, 1], [1, 2], 1), pointSeries([0], [3], 2)];
    const curves = curvesOfGroups([{ label: 'lr 0.1, "adam"', runs: [1, 2] }], series, {
      startTime: () => 0,
      x: 'step',
    });
    expect(csvOfGroups(curves, 'step').split('\r\n')).toEqual([
      'group,step,mean,deviation,min,max,runs,nonfinite',
      `"lr 0.1, ""adam""",0,2,${Math.SQRT2},1,3,2,0`,
      '"lr 0.1, ""adam""",1,2,0,2,2,1,0',
      '',
    ]);
  });
  it('has the time as well where the axis shows it', () => {
    const curves = curvesOfGroups([{ label: 'all', runs: [1] }], [pointSeries([5], [1], 1)], {
      startTime: () => 0,
      x: 'wall',
    });
    const [head, line] = csvOfGroups(curves, 'wall').split('\r\n');
    expect(head).toMatch(/^group,step,wall_time,mean/);
    expect(line).toMatch(/^all,5,\d+(\.\d+)?,1,0,1,1,1,0$/);
  });
  it('has the values of the metric over which the mean is drawn', () => {
    const over = { ...pointSeries([5, 9], [1, 2], 1), at: Float64Array.of(0.5, 1) };
    const curves = curvesOfGroups([{ label: 'all', runs: [1] }], [over], { startTime: () => 0, x: 'metric' });
    expect(csvOfGroups(curves, 'metric', 'train,epoch').split('\r\n')).toEqual([
      'group,step,"train,epoch",mean,deviation,min,max,runs,nonfinite',
      'all,5,0.5,1,0,1,1,1,0',
      'all,9,1,2,0,2,2,1,0',
      '',
    ]);
  });
});
