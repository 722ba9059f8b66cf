import { describe, expect, it } from 'vitest';
import { cardsUpTo, firstCards, groupTags, kNoPrefix } from '../src/pages/metrics/tag_groups';

const grouped = (...tags: string[]) =>
  groupTags(tags.map((tag) => ({ tag }))).map(({ id, cards }) => [id, ...cards.map((card) => card.tag)]);

describe('sections of metrics', () => {
  it('groups tags by what stands before their first slash, in natural order', () => {
    expect(grouped('a/10', 'b/x/y', 'a/9', 'a')).toEqual([
      ['a', 'a', 'a/9', 'a/10'],
      ['b', 'b/x/y'],
    ]);
  });
  it('puts results before what layers do, whichever way round they are named', () => {
    const tags = [
      'grad_norm/layer.0',
      'embeddings/a',
      'layers/1/loss',
      'hparam/val_loss',
      'train/loss',
      'train/lr',
      'loss/val',
      'val/loss',
      'lr/a',
    ];
    expect(grouped(...tags).map(([id]) => id)).toEqual([
      'loss',
      'train',
      'val',
      'grad_norm',
      'hparam',
      'lr',
      'layers',
      'embeddings',
    ]);
  });
  it('makes one section of tags without a slash: each alone would be as wide as the page', () => {
    expect(grouped('train_loss', 'epoch', 'lr/adam', 'a/b')).toEqual([
      [kNoPrefix, 'train_loss', 'epoch'],
      ['a', 'a/b'],
      ['lr', 'lr/adam'],
    ]);
    expect(grouped('epoch', 'a/b')).toEqual([
      ['a', 'a/b'],
      ['epoch', 'epoch'],
    ]);
  });
});

describe('firstCards', () => {
  const groups = groupTags(['a/1', 'a/2', 'a/3', 'b/1', 'b/2', 'c/1', 'c/2'].map((tag) => ({ tag })));
  const first = (count: number, ...folded: string[]) => {
    const { groups: shown, left } = firstCards(groups, folded, count);
    return [...shown.map((group) => `${group.id}${group.shown.length}/${group.cards.length}`), left];
  };
  it('makes the first cards, and the sections that these stand in', () => {
    expect(first(0)).toEqual([7]);
    expect(first(2)).toEqual(['a2/3', 5]);
    expect(first(3)).toEqual(['a3/3', 4]);
    expect(first(4)).toEqual(['a3/3', 'b1/2', 3]);
    expect(first(99)).toEqual(['a3/3', 'b2/2', 'c2/2', 0]);
  });
  it('makes none of folded sections, and shows these where all before them are whole', () => {
    expect(first(4, 'a')).toEqual(['a0/3', 'b2/2', 'c2/2', 0]);
    expect(first(3, 'b', 'c')).toEqual(['a3/3', 'b0/2', 'c0/2', 0]);
    expect(first(2, 'b')).toEqual(['a2/3', 3]);
  });
  it('knows how many have to be made for one to be among them', () => {
    expect(cardsUpTo(groups, [], 'b/2')).toBe(5);
    expect(cardsUpTo(groups, ['a'], 'b/2')).toBe(2);
    expect([cardsUpTo(groups, ['b'], 'b/2'), cardsUpTo(groups, [], 'other')]).toEqual([0, 0]);
  });
});
