// When a map that takes a moment is asked for by itself.
import { expect, test } from 'vitest';
import { QuickStart } from '../src/pages/projector/quick_start';

test('asks for the newest map before its step is known, and not again once it is', () => {
  const quick = new QuickStart();
  expect(quick.isDue('pca', null, undefined, false)).toBe(true);
  expect(quick.isDue('pca', null, undefined, true)).toBe(false);
  expect(quick.isDue('pca', 9, undefined, true), 'the list came first').toBe(false);
  expect(quick.isDue('pca', 9, 9, false)).toBe(false);
  expect(quick.isDue('pca', 9, 4, false), 'another method was shown meanwhile').toBe(false);
});

test('asks again where a checkpoint came between the map and the list', () => {
  const quick = new QuickStart();
  quick.isDue('pca', null, undefined, false);
  expect(quick.isDue('pca', 10, 9, false)).toBe(true);
  expect(quick.isDue('pca', 10, 9, true)).toBe(false);
});

test('asks for each step and each choice once, and anew after another method', () => {
  const quick = new QuickStart();
  expect(quick.isDue('pca', 1, undefined, false)).toBe(true);
  expect(quick.isDue('pca', 2, 1, false)).toBe(true);
  expect(quick.isDue('pca 3-D', 2, 2, false)).toBe(true);
  expect(quick.isDue('pca 3-D', 2, 2, false)).toBe(false);
  quick.forget();
  expect(quick.isDue('pca 3-D', 2, 2, false)).toBe(true);
});

test('asks once more for a map that was refused, then no more', () => {
  const quick = new QuickStart();
  quick.isDue('pca', null, undefined, false);
  expect(quick.isDue('pca', 3, undefined, false)).toBe(true);
  expect(quick.isDue('pca', 3, undefined, false)).toBe(false);
});
