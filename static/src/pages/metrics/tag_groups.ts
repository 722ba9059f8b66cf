// Cards of metrics in sections, and the order of these: what came out before what happened within. Pure.
import { isSummaryMetric } from '../../base/metric_names';
import { compareNames } from '../../base/natural_order';
import { tagGroup } from '../../base/regex';

/** The section of tags without a slash; no group of tags ends in one. */
export const kNoPrefix = 'no prefix/';

export interface TagGroup<Card> {
  /** As the address names it. */
  readonly id: string;
  readonly title: string;
  readonly cards: readonly Card[];
}

/** Where a section stands among the others. Programs name losses `loss/train` or `train/loss`. */
function rankOf(id: string, cards: readonly { tag: string }[]): number {
  const rank = ['loss', 'accuracy', 'auc'].indexOf(id);
  if (rank >= 0) return rank;
  if (id === 'layers') return 11;
  if (id === 'embeddings') return 12;
  // Of the results that were logged beside hyperparameters there is one point each.
  return id !== 'hparam' && cards.some((card) => isSummaryMetric(card.tag)) ? 9 : 10;
}

const rankOfCard = (card: { readonly tag: string }) => (isSummaryMetric(card.tag) ? 0 : 1);

/** By what stands before the first slash. Tags that would each be a section of one card are one section. */
export function groupTags<Card extends { readonly tag: string }>(cards: readonly Card[]): TagGroup<Card>[] {
  const byGroup = new Map<string, Card[]>();
  for (const card of cards) {
    const group = byGroup.get(tagGroup(card.tag));
    if (group === undefined) byGroup.set(tagGroup(card.tag), [card]);
    else group.push(card);
  }
  const alone = [...byGroup].filter(([group, [first, ...others]]) => others.length === 0 && first?.tag === group);
  if (alone.length > 1) {
    for (const [group] of alone) byGroup.delete(group);
    byGroup.set(
      kNoPrefix,
      alone.flatMap(([, list]) => list),
    );
  }
  const ranks = new Map([...byGroup].map(([id, list]) => [id, rankOf(id, list)]));
  return [...byGroup]
    .sort(([a], [b]) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0) || compareNames(a, b))
    .map(([id, list]) => ({
      id,
      title: id === kNoPrefix ? 'No prefix' : id,
      cards: list.sort((a, b) => (id === kNoPrefix ? rankOfCard(a) - rankOfCard(b) : 0) || compareNames(a.tag, b.tag)),
    }));
}

/** How many cards have to be made until the one of this tag is; 0: it is in no section that is open. */
export function cardsUpTo(
  groups: readonly TagGroup<{ readonly tag: string }>[],
  folded: readonly string[],
  tag: string,
): number {
  const cards = groups.flatMap((group) => (folded.includes(group.id) ? [] : group.cards));
  return cards.findIndex((card) => card.tag === tag) + 1;
}

export interface ShownGroup<Card> extends TagGroup<Card> {
  readonly shown: readonly Card[];
}

/** The first `count` cards of all sections, in these, and how many are left; a folded section shows none of its cards. */
export function firstCards<Card>(
  groups: readonly TagGroup<Card>[],
  folded: readonly string[],
  count: number,
): { groups: ShownGroup<Card>[]; left: number } {
  const first: ShownGroup<Card>[] = [];
  let room = count;
  let left = 0;
  for (const group of groups) {
    const cards = folded.includes(group.id) ? [] : group.cards;
    const shown = cards.slice(0, room);
    // No section stands behind one whose cards are left.
    if (left === 0 && (shown.length > 0 || cards.length === 0)) first.push({ ...group, shown });
    room -= shown.length;
    left += cards.length - shown.length;
  }
  return { groups: first, left };
}
