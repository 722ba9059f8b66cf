import { describe, expect, it } from 'vitest';
import type { Check, CheckState } from '../src/api/types';
import {
  arrangeRuns,
  chosenRuns,
  distinctNames,
  inOrder,
  oldestFirst,
  replaceRuns,
  runsOfSubRuns,
  stillLogging,
  tagsOf,
  withoutSubRuns,
} from '../src/api/run_list';
import { assignColours, rankColour } from '../src/base/colour';
import { formatView, parseView } from '../src/base/url';
import { kDefaultView } from '../src/base/view';
import {
  cellOf,
  deletedLines,
  filterRuns,
  healthWord,
  isStillWritten,
  listRows,
  parseSort,
  parseTags,
  sortRows,
  type RunRow,
} from '../src/pages/runs/rows';
import { extendTo, kNothingSelected, selectAll, toggle, visibleIds } from '../src/pages/runs/selection';
import { csvOfRuns } from '../src/pages/runs/table_csv';
import { run } from './testing';

const row = (one: ReturnType<typeof run>, databaseBytes: number | null = null): RunRow => ({
  run: one,
  subRows: [],
  isSubRun: false,
  critical: 0,
  warning: 0,
  hparams: {},
  metrics: new Map(),
  points: one.points,
  diskBytes: one.bytes_on_disk,
  databaseBytes,
});
const ids = (runs: readonly { id: number }[]) => runs.map((one) => one.id);

describe('lists of runs', () => {
  it('puts pinned runs first and leaves archived ones out', () => {
    expect(ids(arrangeRuns([run(1), run(2, { is_archived: true }), run(3, { is_pinned: true })]))).toEqual([3, 1]);
  });
  it('goes by when runs started, not by the order in which they were found', () => {
    const runs = [
      run(1, { start_time: 30 }),
      run(2, { start_time: 10 }),
      run(3, { start_time: 10 }),
      run(4, { start_time: 0 }),
    ];
    expect(ids(oldestFirst(runs))).toEqual([2, 3, 1, 4]);
  });
  it('lists items by name, and those of one name as their runs are listed', () => {
    const items = [
      { run: 1, tag: 'w10' },
      { run: 1, tag: 'w9' },
      { run: 2, tag: 'w10' },
    ];
    expect(inOrder(items, [run(2), run(1)], (item) => item.tag)).toEqual([items[1], items[2], items[0]]);
  });
  it('tells runs of the same name apart by their paths', () => {
    const names = distinctNames([run(1, { name: 'best' }), run(2, { name: 'best' }), run(3, { name: 'other' })]);
    expect([...names.values()]).toEqual(['best (run_1)', 'best (run_2)', 'other']);
  });
  it('names a run that was called like the path of another', () => {
    const names = distinctNames([run(1), run(2, { name: 'run_1' })]);
    expect([...names.values()]).toEqual(['run_1', 'run_1 (run_2)']);
  });
  it('takes what is newer of some runs, and no other run', () => {
    const renewed = replaceRuns([run(1), run(2)], [run(2, { last_step: 9 }), run(3)]);
    expect(renewed.map((one) => [one.id, one.last_step])).toEqual([
      [1, run(1).last_step],
      [2, 9],
    ]);
  });
  it('lists each tag once', () => {
    expect(tagsOf([run(1, { tags: ['b', 'a'] }), run(2, { tags: ['b'] })])).toEqual(['a', 'b']);
  });
});

describe('a deleted run that is still written to', () => {
  const live = run(1, { status: 'running', deleted_time: 100, last_wall_time: 101 });
  it('is told from one that rests', () => {
    expect(isStillWritten(live)).toBe(true);
    expect(isStillWritten({ ...live, last_wall_time: 99 })).toBe(false);
    expect(isStillWritten({ ...live, status: 'stalled' })).toBe(false);
    expect(isStillWritten({ ...live, purge: 'running' })).toBe(false);
    expect(isStillWritten({ ...live, deleted_time: null })).toBe(false);
  });
  it('is spoken of when it is deleted', () => {
    expect(stillLogging([live])).toContain('It is still written to');
    expect(stillLogging([live, run(2)])).toContain('Some are still written to');
    expect(stillLogging([run(2)])).toBe('');
  });
});

describe('a run whose hyperparameters lie in sub-runs', () => {
  it('is one line with them', () => {
    const joins = new Map([
      [1, [2, 3]],
      [5, [6]],
    ]);
    expect(ids(withoutSubRuns([run(1), run(2), run(3), run(4), run(6)], joins))).toEqual([1, 4, 6]);
  });
  it('is chosen with them, by its own id or name', () => {
    const runOf = runsOfSubRuns(new Map([[1, [2, 3]]]));
    const runs = [run(1), run(2), run(3), run(4)];
    expect(ids(chosenRuns(runs, (one) => one.id === 1, runOf))).toEqual([1, 2, 3]);
    expect(ids(chosenRuns(runs, (one) => one.id === 3, runOf))).toEqual([3]);
    expect(ids(chosenRuns([run(2), run(4)], (one) => one.id === 1, runOf))).toEqual([]);
  });
  it('lists them below it where it is opened', () => {
    const above = { ...row(run(1)), subRows: [{ ...row(run(2)), isSubRun: true }] };
    expect(listRows([above, row(run(4))], []).map((one) => one.run.id)).toEqual([1, 4]);
    expect(listRows([above, row(run(4))], [1, 4]).map((one) => one.run.id)).toEqual([1, 2, 4]);
  });
  it('gives them its colour, but for one that a user chose', () => {
    const colours = assignColours(
      [run(1), run(2), run(3, { colour: '#123456' })],
      new Map([
        [2, 1],
        [3, 1],
      ]),
    );
    expect(colours.get(2)).toEqual(colours.get(1));
    expect(colours.get(3)?.light).toBe('#123456');
    expect(assignColours([run(2)], new Map([[2, 1]])).get(2)).toEqual(rankColour(1));
  });
});

describe('the table', () => {
  it('keeps pinned runs on top in both orders', () => {
    const rows = [row(run(1)), row(run(2, { is_pinned: true })), row(run(3))];
    expect(sortRows(rows, parseSort('disk')).map((one) => one.run.id)).toEqual([2, 1, 3]);
    expect(sortRows(rows, parseSort('-disk')).map((one) => one.run.id)).toEqual([2, 3, 1]);
  });
  it('puts what is not known last', () => {
    const rows = [row(run(1)), row(run(2), 5), row(run(3), 9)];
    expect(sortRows(rows, parseSort('-database')).map((one) => one.run.id)).toEqual([3, 2, 1]);
    expect(cellOf(row(run(1)), 'tags')).toBeNull();
  });
  it('filters by every tag, and by name, path or note', () => {
    const runs = [
      run(1, { tags: ['a', 'b'], name: 'best' }),
      run(2, { tags: ['a'], note: 'the best of them' }),
      run(3, { path: 'best/3' }),
    ];
    const all = () => true;
    const best = (text: string) => text.includes('best');
    expect(ids(filterRuns(runs, all, ['a', 'b']))).toEqual([1]);
    expect(ids(filterRuns(runs, best, []))).toEqual([1, 2, 3]);
    expect(ids(filterRuns(runs, best, ['a']))).toEqual([1, 2]);
  });
  it('reads new tags', () => {
    expect(parseTags(' a, b ,,a, c', ['c'])).toEqual(['a', 'b']);
  });
});

describe('the selection', () => {
  const order = [5, 3, 9, 1];
  it('switches one row', () => {
    const one = toggle(kNothingSelected, 3);
    expect([...one.ids]).toEqual([3]);
    expect([...toggle(one, 3).ids]).toEqual([]);
  });
  it('extends from where it began, both ways', () => {
    const down = extendTo(toggle(kNothingSelected, 3), 1, order);
    expect(visibleIds(down, order)).toEqual([3, 9, 1]);
    expect(visibleIds(extendTo(down, 5, order), order)).toEqual([5, 3, 9, 1]);
  });
  it('begins where nothing was selected', () => {
    expect(extendTo(kNothingSelected, 9, order)).toEqual({ ids: new Set([9]), anchor: 9 });
    expect(extendTo(kNothingSelected, 77, order)).toBe(kNothingSelected);
  });
  it('does not act on rows that are not listed any more', () => {
    expect(visibleIds(selectAll(order), [9, 1])).toEqual([9, 1]);
  });
});

describe('the address', () => {
  it('carries tags with any letters and hidden columns', () => {
    const view = { ...kDefaultView, labels: ['a,b', 'c & d'], hidden: ['m:loss/train'] };
    const [path, query] = formatView(view).split('?');
    expect(parseView(path as string, query as string)).toEqual(view);
  });
});

describe('the word for the health of a run', () => {
  const check = (rule: string, entity: string, state: CheckState): Check => ({ rule, entity, state, reason: '' });
  const word = (...checks: Check[]) => healthWord({ run: 1, findings: [], checks });

  it('takes a finite loss alone for no health', () => {
    const loss = check('non_finite', '', 'ok');
    expect(word(loss, check('dead_units', '', 'not_checked'))).toBe('losses ok');
    expect(word(check('non_finite', '', 'not_checked'))).toBe('not checked');
    expect(word(loss, check('dead_units', 'hidden_1', 'warming'))).toBe('warming up');
    expect(word(loss, check('dead_units', 'hidden_1', 'ok'))).toBe('healthy');
  });
});

describe('deletedLines', () => {
  const start_time = 1_795_928_650;
  const parent = run(1, { path: 'sweep/a', deleted_time: 100 });
  const sub = run(2, { path: 'sweep/a/1795928655.25', start_time, deleted_time: 100 });
  const lines = (...runs: Parameters<typeof deletedLines>[0]) =>
    deletedLines(runs).map(({ run, all }) => [run.id, ids(all)]);
  it('lists a run with the sub-runs of its hyperparameters that left with it', () => {
    expect(lines(sub, parent, run(3, { deleted_time: 100 }))).toEqual([
      [1, [1, 2]],
      [3, [3]],
    ]);
    expect(
      lines(run(4, { path: '.', deleted_time: 1 }), run(5, { path: '1795928655.25', start_time, deleted_time: 1 })),
    ).toEqual([[4, [4, 5]]]);
  });
  it('lists a sub-run by itself that left at another time, alone, or is purged by itself', () => {
    expect(lines({ ...sub, deleted_time: 99 }, parent)).toEqual([
      [2, [2]],
      [1, [1]],
    ]);
    expect(lines({ ...sub, purge: 'done' }, parent)).toEqual([
      [2, [2]],
      [1, [1]],
    ]);
    expect(lines(sub)).toEqual([[2, [2]]]);
  });
  it('takes a folder that is not named by its time for a run', () => {
    expect(lines(parent, { ...sub, path: 'sweep/a/b' }, { ...sub, id: 3, start_time: 5 })).toEqual([
      [1, [1]],
      [2, [2]],
      [3, [3]],
    ]);
  });
});

describe('csvOfRuns', () => {
  it('hands no name of a log to a spreadsheet as a formula', () => {
    const named = row(run(1, { name: '=HYPERLINK("x")', path: '-a' }));
    expect(
      csvOfRuns(
        [{ ...named, hparams: { lr: -0.5, note: '@x' } }],
        ['lr', 'note'].map((name) => ({ key: `h:${name}`, label: name, isNumber: true, startsDescending: false })),
      ).split('\r\n')[1],
    ).toBe(`"'=HYPERLINK(""x"")",'-a,-0.5,'@x`);
  });
  const column = (key: string, label = key) => ({ key, label, isNumber: true, startsDescending: false });
  it('writes what is listed, in its columns, with every digit', () => {
    const metrics = new Map([
      ['loss', 0.1 + 0.2],
      ['bad', NaN],
    ]);
    const named = run(1, { name: 'a, "b"', tags: ['x', 'y'], start_time: 1000.5, last_wall_time: 1002 });
    const one = { ...row(named), metrics, hparams: { lr: 1e-5, adam: true }, critical: 1, warning: 2 };
    const columns = ['tags', 'findings', 'duration'].map((key) => column(key));
    const values = [
      ...['loss', 'bad', 'none'].map((tag) => column(`m:${tag}`, tag)),
      ...['lr', 'adam'].map((name) => column(`h:${name}`, name)),
    ];
    expect(csvOfRuns([one], [...columns, ...values]).split('\r\n')).toEqual([
      'run,path,tags,open_findings,duration_s,loss,bad,none,lr,adam',
      '"a, ""b""",run_1,x; y,3,1.5,0.30000000000000004,NaN,,0.00001,true',
      '',
    ]);
  });
});
