// Where one card of a page fills it.
import { tick } from 'svelte';
import { on } from 'svelte/events';
import { server } from '../api/server.svelte';
import { router } from '../base/router.svelte';
import { isPageEscape } from './keyboard';

/** The name of the button that ends it. */
export const kCloseFull = 'Close the full view';

/** A card of one tag of one run. */
export interface CardTag {
  readonly run: number;
  readonly name: string;
}

/** Tells cards apart, and names the one that fills the page. */
export function cardKey({ run, name }: CardTag): string {
  return `${run} ${name}`;
}

/** The name of the button that lets a card fill the page. */
export function openLabel({ run, name }: CardTag): string {
  return `Show ${name} of ${server.runName(run)} in full`;
}

/** The card that fills the page. */
export function fullCard<Tag extends CardTag>(cards: readonly Tag[]): Tag | undefined {
  return router.view.full === '' ? undefined : cards.find((card) => cardKey(card) === router.view.full);
}

/**
 * For a component while it is made: Escape ends the full view; and as the button that was pressed is gone, the focus
 * goes to the one that takes it back, and the page with it. `labelOf` is the name of the button that opens a card.
 */
export function followFull(labelOf: (full: string) => string): void {
  let shown = router.view.full;
  $effect(() => {
    const [before, now] = [shown, router.view.full];
    if (before === now) return;
    shown = now;
    const label = now === '' ? labelOf(before) : kCloseFull;
    void tick().then(() => document.querySelector<HTMLElement>(`main [aria-label="${CSS.escape(label)}"]`)?.focus());
  });
  $effect(() =>
    on(window, 'keydown', (event) => {
      if (isPageEscape(event) && router.view.full !== '') router.step({ full: '' });
    }),
  );
}

/**
 * The same of cards of one tag of one run. Gives the key of the card that fills the page, or did last: its place is come
 * back to.
 */
export function followFullCard(cards: () => readonly CardTag[]): () => string {
  let last = $state(router.view.full);
  $effect(() => {
    if (router.view.full !== '') last = router.view.full;
  });
  followFull((full) => {
    const card = cards().find((one) => cardKey(one) === full);
    return card === undefined ? '' : openLabel(card);
  });
  return () => last;
}
