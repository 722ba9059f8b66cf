import { expect, test } from 'vitest';

import type { Finding } from '../src/api/types';
import { affectedOf, placeOf } from '../src/pages/health/finding_facts';

function finding(rule: string, entity: string, affected = 0, total = 0): Finding {
  return { rule, entity, affected, total } as unknown as Finding;
}

test('a finding about a loss counts nothing, one about units does', () => {
  expect(affectedOf(finding('loss_flat', 'train/loss'))).toBeNull();
  expect(affectedOf(finding('dead_units', 'hidden_1', 3, 64))).toEqual({ affected: 3, total: 64 });
});

test('a finding leads to where its tensor or its curve is', () => {
  for (const rule of ['still_tensors', 'fallen_silent']) {
    expect(placeOf(finding(rule, 'grads/1.weight'))).toMatchObject({
      page: 'distributions',
      view: { tag_filter: '/grads/1\\.weight/' },
    });
  }
  expect(placeOf(finding('overfitting', 'eval/loss'))).toMatchObject({
    page: 'metrics',
    view: { tag_filter: '/eval/loss/' },
  });
  expect(placeOf(finding('embedding_collapse', 'embeddings/user'))).toMatchObject({
    page: 'projector',
    view: { tag: 'embeddings/user' },
  });
});
