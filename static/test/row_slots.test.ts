import { describe, expect, it } from 'vitest';
import { slotsOf, type Slot } from '../src/base/row_slots';

const rowsOf = (slots: readonly Slot[]) => slots.filter((slot) => slot.index >= 0).map((slot) => slot.index);
const heightOf = (slots: readonly Slot[], row: (index: number) => number) =>
  slots.reduce((sum, slot) => sum + (slot.index >= 0 ? row(slot.index) : slot.height), 0);

describe('slotsOf', () => {
  const view = { top: 0, height: 400 };

  it('draws all of a short list, without empty space', () => {
    expect(slotsOf(3, () => 30, view, -1)).toEqual([0, 1, 2].map((index) => ({ index, height: 0 })));
    expect(slotsOf(0, () => 30, view, -1)).toEqual([]);
  });

  it('draws what is in view and some rows around it, however long the list', () => {
    const slots = slotsOf(100_000, () => 40, { top: 40_000, height: 400 }, -1);
    const rows = rowsOf(slots);
    expect(rows.length).toBeLessThan(40);
    expect(rows[0]).toBeLessThan(1000);
    expect(rows.at(-1)).toBeGreaterThan(1010);
    expect(slots[0]).toEqual({ index: -1, height: (rows[0] as number) * 40 });
  });

  it('is as high as all rows, at any place and of any heights', () => {
    const row = (index: number) => (index % 3 === 0 ? 47 : 31);
    let total = 0;
    for (let index = 0; index < 5000; index++) total += row(index);
    for (const top of [0, 1, 777, 50_000, total]) {
      expect(heightOf(slotsOf(5000, row, { top, height: 600 }, 2500), row)).toBe(total);
    }
  });

  it('draws the kept row where it is, far from the view too', () => {
    const before = slotsOf(1000, () => 30, { top: 20_000, height: 300 }, 2);
    expect(before.slice(0, 3)).toEqual([
      { index: -1, height: 60 },
      { index: 2, height: 0 },
      { index: -1, height: expect.any(Number) },
    ]);
    const after = slotsOf(1000, () => 30, { top: 0, height: 300 }, 999);
    expect(after.at(-1)).toEqual({ index: 999, height: 0 });
    expect(slotsOf(1000, () => 30, { top: 0, height: 300 }, 1)).toEqual(
      slotsOf(1000, () => 30, { top: 0, height: 300 }, -1),
    );
  });

  it('draws the last rows of a list that became shorter than it is scrolled', () => {
    expect(rowsOf(slotsOf(5, () => 30, { top: 90_000, height: 300 }, -1))).toEqual([0, 1, 2, 3, 4]);
    expect(rowsOf(slotsOf(1000, () => 30, { top: 90_000, height: 300 }, -1)).at(-1)).toBe(999);
  });
});
