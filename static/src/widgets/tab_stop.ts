// One row of a long table is a stop of the Tab key, with what is in it; arrows go from row to row. So Tab passes a table
// of a thousand rows in a few steps.
import type { Attachment } from 'svelte/attachments';

/** What a row's own keys do: the row is selected by the space bar. */
const kOfTheRow = 'input[type=checkbox]';

/** Attached to a row: whether it is the one that has, or had last, the focus. */
export function tabStop(isCurrent: boolean): Attachment<HTMLElement> {
  return (row) => {
    const stop = isCurrent ? 0 : -1;
    row.tabIndex = stop;
    const reach = () => {
      for (const one of row.querySelectorAll<HTMLElement>('a, button, input, select')) {
        if (!one.matches(kOfTheRow) && one.tabIndex !== stop) one.tabIndex = stop;
      }
    };
    reach();
    // Tags come and go.
    const observer = new MutationObserver(reach);
    observer.observe(row, { childList: true, subtree: true });
    return () => observer.disconnect();
  };
}

/** The row, by its key, that Tab stops at: the one that had the focus last, else the first; 0 of no rows. */
export function currentOf(order: readonly number[], focused: number): number {
  return order.includes(focused) ? focused : (order[0] ?? 0);
}

/** Where a key leads from a row; undefined: nowhere. */
export function nextOf(order: readonly number[], current: number, key: string, page = 10): number | undefined {
  const at = order.indexOf(current);
  const to = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: order.length - 1,
  }[key];
  return to === undefined ? undefined : order[Math.min(order.length - 1, Math.max(0, to))];
}
