import { describe, expect, it } from 'vitest';
import { formatLoad, isLoading } from '../src/base/load';

describe('isLoading', () => {
  it('is over when all is read and next to nothing waits to be copied', () => {
    expect(isLoading({ is_first_pass_done: false, bytes_to_copy: 0 })).toBe(true);
    expect(isLoading({ is_first_pass_done: true, bytes_to_copy: 2e9 })).toBe(true);
    expect(isLoading({ is_first_pass_done: true, bytes_to_copy: 1e6 })).toBe(false);
  });
});

describe('formatLoad', () => {
  it('says both amounts in the unit of the larger one', () => {
    expect(formatLoad(1.2e9, 2.6e9, 41.3)).toBe('1.2 of 2.6 GB, about 40 s left');
    expect(formatLoad(3e6, 2.6e9, null)).toBe('0.0 of 2.6 GB');
    expect(formatLoad(10, 900, null)).toBe('10 of 900 B');
    expect(formatLoad(0, 0, null)).toBe('0 of 0 B');
  });

  it('does not pretend to know the time to the second', () => {
    expect(formatLoad(1e6, 2e6, 0.2)).toBe('1.0 of 2.0 MB, about 1 s left');
    expect(formatLoad(1e6, 2e6, 12.4)).toBe('1.0 of 2.0 MB, about 12 s left');
    expect(formatLoad(1e6, 2e6, 200)).toBe('1.0 of 2.0 MB, about 3 min 20 s left');
    expect(formatLoad(1e6, 2e6, 3725)).toBe('1.0 of 2.0 MB, about 1 h 02 min left');
    expect(formatLoad(2e6, 2e6, 0)).toBe('2.0 of 2.0 MB');
  });
});
