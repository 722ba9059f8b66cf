import { describe, expect, it } from 'vitest';
import { cutNames, inOneLine } from '../src/base/cut_names';
import { lettersIn, namesOf } from '../src/pages/runs/names';
import type { RunRow } from '../src/pages/runs/rows';
import { run } from './testing';

describe('inOneLine', () => {
  it('shows a sign for what would break or turn a line, and nothing else', () => {
    expect(inOneLine('a\nb\tc\u0000')).toBe('a\ufffdb\ufffdc\ufffd');
    expect(inOneLine('run \u202egpj.exe\u2028\u0085')).toBe('run \ufffdgpj.exe\ufffd\ufffd');
    expect(inOneLine('größe/重み 🚀 אובדן a  b')).toBe('größe/重み 🚀 אובדן a  b');
  });
  it('says where there is no name', () => expect(inOneLine('')).toBe('(empty)'));
});

describe('names of runs where there is little room', () => {
  it('leaves names that fit as they are', () => {
    expect(cutNames(['sweep/lr_0.1', 'alone', ''], 12)).toEqual(['sweep/lr_0.1', 'alone', '']);
  });
  it('leaves out folders before a letter of the name itself', () => {
    expect(cutNames(['sweep-2026-11/adam_lr1e-3_seed0', 'a/b/adam_lr1e-3_seed1_long'], 24)).toEqual([
      '…/adam_lr1e-3_seed0',
      '…/adam_lr1e-3_seed1_long',
    ]);
  });
  it('cuts the name itself in its middle where it alone is too long', () => {
    expect(cutNames(['sweep/adamw_bs64_lr7.9e-04_seed0'], 16)).toEqual(['adamw_bs…4_seed0']);
    expect(cutNames(['adamw_bs64_lr7.9e-04_seed0'], 16)).toEqual(['adamw_bs…4_seed0']);
  });
  it('tells names by their folders that would look alike without them', () => {
    expect(
      cutNames(
        ['first/lightning_logs/version_0', 'second/lightning_logs/version_0', 'second/lightning_logs/version_1'],
        20,
      ),
    ).toEqual(['first/ligh…version_0', 'second/lig…version_0', '…/version_1']);
    expect(cutNames(['lightning_logs_of_a/version_0', 'lightning_logs_of_b/version_0'], 20)).toEqual([
      '…logs_of_a/version_0',
      '…logs_of_b/version_0',
    ]);
  });
  it('never splits a letter of two units', () => {
    expect(cutNames(['folder/😀😀😀😀😀😀'], 8)).toEqual(['…/😀😀😀😀😀😀']);
  });
});

describe('names in the runs table', () => {
  it('takes more letters where the table is wider', () => {
    expect([0, 640, 990, 5000].map(lettersIn)).toEqual([32, 32, 41, 60]);
  });
  it('calls a sub-run without the path of its run, unless a user named it', () => {
    const row = (path: string, name: string, isSubRun: boolean) =>
      ({ run: run(1, { path, name }), isSubRun }) as RunRow;
    const rows = [row('a/b', 'a/b', false), row('a/b/12.5', 'a/b/12.5', true), row('a/b/13.5', 'mine/own', true)];
    expect(namesOf(rows, 40)).toEqual(['a/b', '12.5', 'mine/own']);
  });
});
