import { describe, expect, it } from 'vitest';
import { editBetween, fieldsOf, isOvertaken } from '../src/pages/runs/run_edit';
import { run } from './testing';

describe('what the dialog of a run saves', () => {
  const first = run(1, {
    name: 'best',
    path: 'sweep/1',
    tags: ['a'],
    note: 'old',
    note_bytes: 3,
    revision: 3,
  });
  const before = fieldsOf(first);

  it('is what its user changed', () => {
    expect(editBetween(before, before)).toEqual({});
    expect(editBetween(before, { ...before, tags: ['a', 'b'] })).toEqual({ tags: ['a', 'b'] });
    expect(editBetween(before, { ...before, name: '', note: '' })).toEqual({ name: null, note: '' });
    expect(editBetween({ ...before, colour: '#112233' }, before)).toEqual({ colour: null });
  });

  it('is refused where another page has changed the same since', () => {
    const noted = { ...first, note: 'of another', note_bytes: 10, revision: 4 };
    expect(isOvertaken(first, noted, { note: 'mine' })).toBe(true);
    expect(isOvertaken(first, noted, { tags: [] })).toBe(false);
    expect(isOvertaken(first, first, { note: 'mine' })).toBe(false);
    expect(isOvertaken(first, noted, { note: 'of another' })).toBe(false);
    expect(isOvertaken(noted, { ...first, revision: 5 }, { note: 'old' })).toBe(false);
    expect(isOvertaken(first, { ...first, name: 'sweep/1', revision: 4 }, { name: null })).toBe(false);
  });

  it('holds a long note, of which lists have the beginning, against any change', () => {
    const long = { ...first, note_bytes: 5_000 };
    expect(isOvertaken(long, { ...long, tags: [], revision: 4 }, { note: 'mine' })).toBe(true);
    expect(isOvertaken(long, { ...long, tags: [], revision: 4 }, { name: 'mine' })).toBe(false);
  });
});
