import { describe, expect, it } from 'vitest';
import { tagRegex } from '../src/base/export_query';

describe('tagRegex', () => {
  it('is not needed where all tags are shown', () => {
    expect(tagRegex(['a', 'b'], 2, '')).toBeUndefined();
  });

  it('names exactly the tags that are shown, whatever letters they have', () => {
    const names = ['loss/train', 'a.b (c) [d] {e} ^$|?*+\\'];
    const regex = new RegExp(tagRegex(names, 3, 'x') as string);
    for (const name of names) expect(regex.test(name)).toBe(true);
    expect(regex.test('loss/train2')).toBe(false);
    expect(regex.test('aXb (c) [d] {e} ^$|?*+\\')).toBe(false);
  });

  it('falls back on the pattern where the names do not fit', () => {
    const names = Array.from({ length: 500 }, (_, i) => `layers/hidden_${i}/größe`);
    expect(tagRegex(names, 1000, 'Größe$')).toBe('(?i)Größe$');
  });
});
