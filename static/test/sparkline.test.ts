import { describe, expect, it } from 'vitest';

import { sparklinePaths } from '../src/charts/sparkline';

describe('sparklinePaths', () => {
  it('fills the width by step and the height by value', () => {
    expect(sparklinePaths([0, 10, 100], [1, 3, 2], 105, 25)).toEqual({
      path: 'M2.5 22.5L12.5 2.5L102.5 12.5',
      last: { x: 102.5, y: 12.5 },
    });
  });

  it('leaves gaps where there is no number', () => {
    expect(sparklinePaths([0, 1, 2, 3], [1, null, 2, null], 105, 25).path).toBe('M2.5 22.5M69.2 2.5');
  });

  it('draws a constant in the middle', () => {
    expect(sparklinePaths([0, 1], [7, 7], 105, 25).path).toBe('M2.5 12.5L102.5 12.5');
  });

  it('shows a small change as small', () => {
    expect(sparklinePaths([0, 1], [10, 9.5], 105, 25, [5, 10]).path).toBe('M2.5 2.5L102.5 4.5');
  });

  it('has nothing to draw without numbers', () => {
    expect(sparklinePaths([0, 1], [null, null], 105, 25)).toEqual({ path: '', last: null });
    expect(sparklinePaths([], [], 105, 25)).toEqual({ path: '', last: null });
  });
});
