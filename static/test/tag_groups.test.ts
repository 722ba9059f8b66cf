import { describe, expect, it } from 'vitest';
import { groupTags, kNoPrefix } from '../src/pages/metrics/tag_groups';

const grouped = (...tags: string[]) => groupTags(tags.map((tag) => ({ tag }))).map(({ id, cards }) => [id, ...cards.map((card) => card.tag)]);

describe('sections of metrics', () => {
  it('groups tags by what stands before their first slash, in natural order', () => {
    expect(grouped('a/10', 'b/x/y', 'a/9', 'a')).toEqual([['a', 'a', 'a/9', 'a/10'], ['b', 'b/x/y']]);
  });
  it('puts results before what layers do, whichever way round they are named', () => {
    const tags = ['grad_norm/layer.0', 'embeddings/a', 'layers/1/loss', 'hparam/val_loss', 'train/loss', 'train/lr', 'loss/val', 'val/loss', 'lr/a'];
    expect(grouped(...tags).map(([id]) => id)).toEqual(['loss', 'train', 'val', 'grad_norm', 'hparam', 'lr', 'layers', 'embeddings']);
  });
  it('makes one section of tags without a slash: each alone would be as wide as the page', () => {
    expect(grouped('train_loss', 'epoch', 'lr/adam', 'a/b')).toEqual([[kNoPrefix, 'train_loss', 'epoch'], ['a', 'a/b'], ['lr', 'lr/adam']]);
    expect(grouped('epoch', 'a/b')).toEqual([['a', 'a/b'], ['epoch', 'epoch']]);
  });
});
