import { expect, test } from 'vitest';

import type { Finding } from '../src/api/types';
import { keysOf } from '../src/pages/health/finding_keys';

function finding(label: string, onset_step = 1): Finding {
  const evidence = [{ label, unit: '', step: [], value: [], threshold: null, is_log: false }];
  return { rule: 'stalled_rows', entity: 'item_embedding', onset_step, evidence } as unknown as Finding;
}

test('two faults of a table that begin at one step have keys of their own, in either order', () => {
  const still = finding('share of the used rows that never change');
  const slow = finding('share of the used rows that hardly move');
  const [a, b] = keysOf([still, slow]);
  expect(a).not.toBe(b);
  expect(keysOf([slow, still])).toEqual([b, a]);
});

test('no two keys are alike', () => {
  const same = finding('dead share of layer hidden_1');
  expect(new Set(keysOf([same, same, same, finding('dead share of layer hidden_1', 7)])).size).toBe(4);
});
