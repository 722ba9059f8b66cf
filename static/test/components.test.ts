import { describe, expect, it } from 'vitest';
import { chosenFor, componentsOf, saidOf } from '../src/pages/projector/components';

describe('componentsOf', () => {
  it('fills up what was chosen by the first that are left', () => {
    expect(componentsOf([], 2, 8)).toEqual([1, 2]);
    expect(componentsOf([3], 3, 8)).toEqual([3, 1, 2]);
    expect(componentsOf([2, 1], 3, 8)).toEqual([2, 1, 3]);
  });
  it('leaves out what there is no axis for, what stands there twice, and what rows have not', () => {
    expect(componentsOf([3, 1, 2], 2, 8)).toEqual([3, 1]);
    expect(componentsOf([3, 3], 2, 8)).toEqual([3, 1]);
    expect(componentsOf([7, 11], 2, 5)).toEqual([1, 2]);
    expect(componentsOf([], 3, 2)).toEqual([1, 2, 3]);
  });
});

describe('chosenFor', () => {
  it('changes places with the axis that had the component', () => {
    expect(chosenFor([1, 2, 3], 0, 5)).toEqual([5, 2, 3]);
    expect(chosenFor([1, 2, 3], 0, 3)).toEqual([3, 2, 1]);
  });
});

describe('saidOf', () => {
  it('leaves the first unsaid, in their order', () => {
    expect(saidOf([1, 2])).toEqual([]);
    expect(saidOf([2, 1])).toEqual([2, 1]);
  });
});
