import { describe, expect, it } from 'vitest';
import { decodeColumns, float64, numberField, textsField, uint32 } from '../src/api/columns';
import { doubles, oneColumn, spc1 } from './testing';

function errorOf(buffer: ArrayBuffer): string {
  const result = decodeColumns(buffer);
  return result.ok ? '' : result.error.detail;
}

describe('decodeColumns', () => {
  it('reads fields and columns of every item', () => {
    const data = new Uint8Array(24);
    data.set(doubles(1, 2), 0);
    data.set(new Uint8Array(Uint32Array.of(7).buffer), 16);
    const columns = [
      { name: 'step', type: 'f64', offset: 0, length: 2 },
      { name: 'count', type: 'u32', offset: 16, length: 1 },
    ];
    const result = decodeColumns(spc1({ items: [{ run: 3, notes: ['é', 4], columns }, { columns: [] }] }, data));
    expect(result.ok).toBe(true);
    const item = result.ok ? result.value[0]! : undefined;
    expect(numberField(item!, 'run')).toBe(3);
    expect(textsField(item!, 'notes')).toEqual(['é']);
    expect([...float64(item!, 'step')]).toEqual([1, 2]);
    expect([...uint32(item!, 'count')]).toEqual([7]);
    expect(item!.fields).not.toHaveProperty('columns');
  });

  it('copies nothing: a column is a view of the answer', () => {
    const buffer = oneColumn({}, doubles(5));
    const result = decodeColumns(buffer);
    expect(result.ok && float64(result.value[0]!, 'step').buffer).toBe(buffer);
  });

  it('gives an empty column for one that is missing or of another type', () => {
    const result = decodeColumns(oneColumn({}, doubles(5)));
    const item = result.ok ? result.value[0]! : undefined;
    expect(float64(item!, 'mean').length).toBe(0);
    expect(uint32(item!, 'step').length).toBe(0);
  });

  it('refuses another magic', () => {
    expect(errorOf(spc1({ items: [] }, new Uint8Array(0), 'SPC2'))).toContain('SPC1');
  });

  it('refuses an answer cut at any byte, and never throws', () => {
    const whole = oneColumn({}, doubles(1, 2, 3));
    for (let length = 0; length < whole.byteLength; length++) {
      expect(decodeColumns(whole.slice(0, length)).ok, `cut at ${length}`).toBe(false);
    }
    expect(decodeColumns(whole).ok).toBe(true);
  });

  it.each([
    { name: 'an offset past the end', column: { offset: 800 }, says: 'ends at byte' },
    { name: 'a length past the end', column: { length: 4 }, says: 'ends at byte' },
    { name: 'a huge length', column: { length: 2 ** 52 }, says: 'ends at byte' },
    { name: 'a negative offset', column: { offset: -8 }, says: 'whole numbers' },
    { name: 'a broken length', column: { length: 0.5 }, says: 'whole numbers' },
    { name: 'an offset that is not aligned', column: { offset: 4, length: 1 }, says: 'multiple of 8' },
    { name: 'an unknown type', column: { type: 'f16' }, says: 'unknown type f16' },
    { name: 'a type named like a property of objects', column: { type: 'constructor' }, says: 'unknown type' },
  ])('refuses $name', ({ column, says }) => {
    expect(errorOf(oneColumn(column, doubles(1, 2)))).toContain(says);
  });

  it.each([
    { name: 'no items', header: {} },
    { name: 'items that are no list', header: { items: 1 } },
    { name: 'an item that is null', header: { items: [null] } },
    { name: 'an item without columns', header: { items: [{}] } },
    { name: 'a column without name', header: { items: [{ columns: [{}] }] } },
  ])('refuses a header with $name', ({ header }) => {
    expect(decodeColumns(spc1(header)).ok).toBe(false);
  });

  it('refuses a header that is no JSON or no UTF-8', () => {
    const buffer = spc1({ items: [] });
    new Uint8Array(buffer).set([0xff, 0xfe], 8);
    expect(decodeColumns(buffer).ok).toBe(false);
  });
});
