import { describe, expect, it } from 'vitest';
import { applyEdits, problemOf, readEdits, type MetadataEdit } from '../src/pages/projector/metadata_edits';

const kCities = { columns: ['city'], values: [['Oslo', 'Lima', 'Rome']] };

describe('edits of metadata', () => {
  it('are made in order, over columns that others added or renamed', () => {
    const edits: MetadataEdit[] = [
      { kind: 'set', column: 'city', rows: '1-2', value: 'Ōsaka' },
      { kind: 'add', column: 'kind' },
      { kind: 'set', column: 'kind', rows: '0,2', value: 'good\tone' },
      { kind: 'rename', column: 'city', to: 'town' },
      { kind: 'set', column: 'town', rows: '0', value: '' },
    ];
    expect(applyEdits(kCities, 3, edits)).toEqual({
      columns: ['town', 'kind'],
      values: [
        ['', 'Ōsaka', 'Ōsaka'],
        ['good\tone', '', 'good\tone'],
      ],
    });
    expect(kCities.values[0]).toEqual(['Oslo', 'Lima', 'Rome']);
    expect(applyEdits(kCities, 3, edits.slice(0, 1))?.values[0]).toEqual(['Oslo', 'Ōsaka', 'Ōsaka']);
  });
  it('give a table without metadata its first column', () => {
    const edits: MetadataEdit[] = [
      { kind: 'add', column: 'mine' },
      { kind: 'set', column: 'mine', rows: '1,7', value: 'x' },
    ];
    expect(applyEdits(null, 2, edits)).toEqual({ columns: ['mine'], values: [['', 'x']] });
    expect(applyEdits(null, 2, [])).toBeNull();
  });
  it('are refused with a reason', () => {
    const why = (edit: MetadataEdit) => problemOf(edit, ['city', 'age']);
    expect(why({ kind: 'add', column: 'age' })).toContain('age already');
    expect(why({ kind: 'add', column: '  ' })).toContain('needs a name');
    expect(why({ kind: 'add', column: '@finding' })).toContain('cannot be called');
    expect(why({ kind: 'rename', column: 'town', to: 'x' })).toContain('no column town');
    expect(why({ kind: 'rename', column: 'city', to: 'age' })).toContain('age already');
    expect(why({ kind: 'set', column: 'city', rows: '0', value: 'x'.repeat(1001) })).toContain('at most 1000');
    expect(why({ kind: 'set', column: 'city', rows: '0', value: '' })).toBe('');
  });
  it('that are kept are read again, and nonsense is none', () => {
    const edits: MetadataEdit[] = [
      { kind: 'add', column: 'a' },
      { kind: 'set', column: 'a', rows: '0', value: 'b' },
    ];
    expect(readEdits(JSON.stringify(edits))).toEqual(edits);
    for (const text of [null, '', '{', '{}', '[1,null,{"kind":"set","column":"a"},{"kind":"drop","column":"a"}]'])
      expect(readEdits(text)).toEqual([]);
  });
});
