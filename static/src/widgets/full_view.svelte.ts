// Where one card of a page fills it.
import { tick } from 'svelte';
import { router } from '../base/router.svelte';

/** The name of the button that ends it. */
export const kCloseFull = 'Close the full view';

/**
 * The button that was pressed is gone: the focus goes to the one that takes it back, and with it the view. `openLabel`
 * is the name of the button that opens a card. For a component while it is made.
 */
export function followFull(openLabel: (full: string) => string): void {
  let shown = router.view.full;
  $effect(() => {
    const [before, now] = [shown, router.view.full];
    if (before === now) return;
    shown = now;
    const label = now === '' ? openLabel(before) : kCloseFull;
    void tick().then(() => document.querySelector<HTMLElement>(`main [aria-label="${CSS.escape(label)}"]`)?.focus());
  });
}
