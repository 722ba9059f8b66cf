import { describe, expect, it } from 'vitest';
import { formatRows, parseRows } from '../src/base/row_set';

const everyThird = Uint32Array.from({ length: 2000 }, (_, i) => 3 * i);

describe('rows in a link', () => {
  it('are ranges, or a bitmap where there are many', () => {
    expect(formatRows(Uint32Array.of(0, 1, 2, 9), 3000)).toBe('0-2,9');
    const text = formatRows(everyThird, 3000);
    expect(text?.startsWith('~')).toBe(true);
    expect(text?.length).toBeLessThan(1010);
  });
  it('survive the round trip, a million of them in one range too', () => {
    for (const rows of [
      Uint32Array.of(0),
      Uint32Array.of(7, 8, 4_000_000_000),
      everyThird,
      Uint32Array.from(Array(1_000_000).keys()),
    ]) {
      const read = parseRows(formatRows(rows, 3000) ?? '');
      expect(read.length).toBe(rows.length);
      // Not toEqual: it takes a second for each hundred thousand elements.
      expect(read.every((row, i) => row === rows[i])).toBe(true);
    }
  });
  it('are told to be too many', () => {
    expect(
      formatRows(
        Uint32Array.from({ length: 9000 }, (_, i) => 1000 * i),
        3000,
      ),
    ).toBeNull();
  });
  it('are bounded, and read from hostile text without harm', () => {
    expect(parseRows('0-4294967295').length).toBe(4_000_000);
    for (const text of ['~%%%', '~', 'a-b', '5-1', '', ',,', '99999999999']) expect(parseRows(text).length).toBe(0);
  });
});
