// Keys of the whole page. Keys typed into a field are the field's.
import type { Page } from '../base/view';
import { kPageNames } from './pages';

export interface KeyActions {
  go: (page: Page) => void;
  help: () => void;
  picker: () => void;
  theme: () => void;
}

/** A `g` waits this long for the letter of a page. By when they were pressed: a page at work may hear of both later. */
const kJumpMs = 1200;

function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.matches('input:not([type=checkbox],[type=radio],[type=range]), select, textarea')
  );
}

/**
 * A key that an input method takes to compose letters: Enter ends a word of it, not the field. Safari tells of that Enter
 * after the composition, by its code alone.
 */
export function isComposed(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** A key that means the page, not a field that has the focus, a dialog above the page or the browser. */
export function isPageKey(event: KeyboardEvent): boolean {
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
  return isPlain && !isField(event.target) && document.querySelector('dialog[open]') === null;
}

export function isPageEscape(event: KeyboardEvent): boolean {
  return event.key === 'Escape' && isPageKey(event);
}

/** Puts the focus on the page's own filter, else on the run picker's. */
function focusFilter(): boolean {
  const filter =
    document.querySelector<HTMLInputElement>('main [data-filter]') ??
    document.querySelector<HTMLInputElement>('[data-filter]');
  filter?.focus();
  filter?.select();
  return filter !== null;
}

/** Up and down in a table move the focus between its rows. */
function moveRow(target: EventTarget | null, by: number): boolean {
  const row = target instanceof HTMLElement ? target.closest<HTMLElement>('tr[tabindex]') : null;
  if (row === null) return false;
  const rows = [...(row.parentElement?.querySelectorAll<HTMLElement>(':scope > tr[tabindex]') ?? [])];
  rows[rows.indexOf(row) + by]?.focus();
  return true;
}

export function handleKeys(actions: KeyActions): (event: KeyboardEvent) => void {
  let jumpUntil = 0;
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (isField(event.target)) {
      if (event.key === 'Escape' && !isComposed(event)) (event.target as HTMLElement).blur();
      return;
    }
    if (event.timeStamp < jumpUntil) {
      jumpUntil = 0;
      for (const [page, { key }] of Object.entries(kPageNames)) {
        if (key !== event.key) continue;
        // The page that is left has keys of its own: `g m` does not mark a slice.
        event.stopImmediatePropagation();
        return void actions.go(page as Page);
      }
    }
    let isHandled = true;
    if (event.key === 'g') jumpUntil = event.timeStamp + kJumpMs;
    else if (event.key === '?') actions.help();
    else if (event.key === '\\') actions.picker();
    else if (event.key === 't') actions.theme();
    else if (event.key === '/') isHandled = focusFilter();
    else if (event.key === 'ArrowDown') isHandled = moveRow(event.target, 1);
    else if (event.key === 'ArrowUp') isHandled = moveRow(event.target, -1);
    else isHandled = false;
    if (isHandled) event.preventDefault();
  };
}
