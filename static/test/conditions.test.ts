import { describe, expect, it } from 'vitest';
import { fulfils, parseSearch } from '../src/pages/runs/conditions';
import type { RunRow } from '../src/pages/runs/rows';
import { run } from './testing';

const keys = new Map([
  ['status', 'status'],
  ['lr', 'h:lr'],
  ['opt', 'h:opt'],
  ['nesterov', 'h:nesterov'],
  ['loss/val', 'm:loss/val'],
]);
const row: RunRow = {
  run: run(1, { status: 'failed' }),
  subRows: [],
  isSubRun: false,
  critical: 0,
  warning: 0,
  hparams: { lr: 0.001, opt: 'Adam', nesterov: true },
  metrics: new Map([['loss/val', NaN]]),
  points: 1,
  diskBytes: 1,
  databaseBytes: null,
};
const holds = (search: string) => parseSearch(search, keys).conditions.map((condition) => fulfils(row, condition));

describe('a search of the table of runs', () => {
  it('takes conditions out of the text', () => {
    expect(parseSearch('sweep lr<=1e-3 .*7$ status=failed', keys)).toEqual({
      text: 'sweep .*7$',
      conditions: [
        { key: 'h:lr', operator: '<=', value: '1e-3' },
        { key: 'status', operator: '=', value: 'failed' },
      ],
      unknown: [],
    });
  });
  it('leaves an expression as it is, and what names no column in it', () => {
    expect(parseSearch('a  b(?=c) bs=64', keys)).toEqual({
      text: 'a  b(?=c) bs=64',
      conditions: [],
      unknown: ['b(?', 'bs'],
    });
  });
  it('passes a condition over that is still being typed', () => {
    expect(parseSearch('lr<', keys)).toEqual({ text: '', conditions: [], unknown: [] });
    expect(parseSearch('sweep lr', keys).text).toBe('sweep lr');
  });
  it('holds numbers, texts and truths against a row', () => {
    expect(holds('lr=0.001 lr=1e-3 lr<0.001 lr<=0.001 lr>0 lr>=1 lr!=2')).toEqual([
      true,
      true,
      false,
      true,
      true,
      false,
      true,
    ]);
    expect(holds('opt=adam opt=ada opt!=sgd opt<1 nesterov=true status=failed')).toEqual([
      true,
      false,
      true,
      false,
      true,
      true,
    ]);
  });
  it('finds what is not a number, and nothing in what is not there', () => {
    expect(holds('loss/val=NaN loss/val<1 loss/val>=1')).toEqual([true, false, false]);
    const bare = { ...row, hparams: {} };
    const [isEqual, isLess, isOther] = parseSearch('lr=1 lr<1 lr!=1', keys).conditions;
    expect([isEqual, isLess, isOther].map((condition) => fulfils(bare, condition!))).toEqual([false, false, true]);
  });
});
