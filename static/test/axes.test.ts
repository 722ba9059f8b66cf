import { describe, expect, it } from 'vitest';
import {
  formatGroup,
  kAllRows,
  nameOfGroup,
  parseGroup,
  planAxes,
  rowsOfGroup,
  suggestAxes,
} from '../src/pages/projector/axes';

const kCities = {
  columns: ['city', 'age:group'],
  values: [
    ['Oslo', 'Lima', 'Oslo', 'Rome'],
    ['young', 'old', 'old', 'young'],
  ],
};

describe('a group of rows in a link', () => {
  it.each([
    { kind: 'is', column: 'age:group', text: 'a:b=~#' },
    { kind: 'matches', column: '', text: '^O.*o$' },
    { kind: 'rows', column: '', text: '0-4,9' },
    { kind: 'is', column: 'city', text: '' },
    { kind: 'matches', column: 'city', text: '' },
    kAllRows,
  ] as const)('survives the way there and back: %o', (group) => {
    expect(parseGroup(formatGroup(group))).toEqual(group);
  });
  it('is all rows where the text is none', () => {
    for (const text of [undefined, '', 'Oslo', '~', '=%E0%A4%A:x']) expect(parseGroup(text)).toEqual(kAllRows);
  });
});

describe('the rows of a group', () => {
  const rows = (text: string) => rowsOfGroup(parseGroup(text), kCities, 4);
  it('are those that match, that are a value, or that are listed', () => {
    expect([...(rows('~city:o').rows ?? [])]).toEqual([0, 2, 3]);
    expect([...(rows('=city:Oslo').rows ?? [])]).toEqual([0, 2]);
    expect([...(rows('=:old').rows ?? [])]).toEqual([1, 2]);
    expect([...(rows('#1-9').rows ?? [])]).toEqual([1, 2, 3]);
    expect(rows('')).toEqual({ rows: null, count: 4, problem: '' });
  });
  it('say what is wrong with them', () => {
    expect(rows('=city:Bonn').problem).toBe('No row matches.');
    expect(rows('=town:Oslo').problem).toContain('no column town');
    expect(rows('~city:(')).toMatchObject({ count: 0, problem: 'No row matches.' });
  });
});

describe('the plan of the axes', () => {
  const plan = (...texts: string[]) => planAxes(texts, 2, kCities, 4);
  it('is what the server is asked', () => {
    expect(plan('=city:Oslo', '=city:Lima', '', '~age%3Agroup:old').axes).toEqual([
      { from: '0,2', to: '1' },
      { from: null, to: '1-2' },
    ]);
  });
  it('names what is missing', () => {
    expect(plan().problem).toContain('Choose left or right');
    expect(plan('=city:Oslo').problem).toContain('Choose down or up');
    expect(plan('=city:Bonn', '', '=city:Oslo', '').problem).toContain('across has no rows');
    expect(plan('=city:Oslo', '~city:^Os', '', '=city:Lima').problem).toContain('the same rows');
    expect(plan('=city:Oslo', '=city:Lima', '', '=city:Rome').groups.map((group) => group.count)).toEqual([2, 1, 4, 1]);
  });
  it('begins with the commonest values', () => {
    expect(suggestAxes('city', kCities.values[0]!, 2)).toEqual(['=city:Oslo', '=city:Lima', '=city:Rome']);
    expect(nameOfGroup(parseGroup('=city:Oslo'))).toBe('city = Oslo');
    expect(nameOfGroup(kAllRows)).toBe('all rows');
  });
});
