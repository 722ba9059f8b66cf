import { describe, expect, it } from 'vitest';
import { kPickerWidth, widthAfterKey, widthWithin } from '../src/widgets/picker_width.svelte';

describe('the width of the run picker', () => {
  it('stays within its bounds, and what is no width is the standard one', () => {
    expect([300.4, 1, 1e9, NaN, 0, -5].map(widthWithin)).toEqual([
      300,
      kPickerWidth.min,
      kPickerWidth.max,
      kPickerWidth.standard,
      kPickerWidth.standard,
      kPickerWidth.standard,
    ]);
  });
  it('follows the keys of its edge, and no others', () => {
    const after = (key: string, isShift = false) => widthAfterKey(300, key, isShift);
    expect([after('ArrowLeft'), after('ArrowRight'), after('ArrowRight', true)]).toEqual([284, 316, 380]);
    expect([after('Home'), after('End'), after('Enter'), after('x')]).toEqual([
      kPickerWidth.min,
      kPickerWidth.max,
      kPickerWidth.standard,
      undefined,
    ]);
    expect(widthAfterKey(kPickerWidth.min, 'ArrowLeft', true)).toBe(kPickerWidth.min);
  });
});
