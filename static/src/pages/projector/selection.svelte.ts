// Which rows are selected, hovered and looked at: shared by the maps and panels of the page. The selection is
// kept in the address bar while its ranges are short enough for a link.
import { router } from '../../base/router.svelte';
import { formatRows, parseRows } from '../../base/row_set';

/** Longer lists of ranges break links in mails and logs. */
const kLinkCharactersMax = 3000;

class Selection {
  rows = $state.raw<Uint32Array | null>(null);
  /** What the rows have in common: "lasso", "hubs". */
  title = $state('');
  hovered = $state(-1);
  /** The selection is too long for the address bar. */
  isLong = $state(false);

  /** What the link that opened the page selects. */
  readLink(): void {
    const rows = parseRows(router.view.rows);
    if (rows.length > 0) this.rows = rows;
    this.title = 'from the link';
  }

  /** `rows` ascending, each once. */
  set(rows: Uint32Array, title: string): void {
    if (rows.length === 0) return this.clear();
    this.rows = rows;
    this.title = title;
    const text = formatRows(rows, kLinkCharactersMax);
    this.isLong = text === null;
    router.set({ rows: text ?? '', row: -1 });
  }

  clear(): void {
    this.rows = null;
    this.isLong = false;
    router.set({ rows: '', isolated: false, row: -1 });
  }
}

export const selection = new Selection();
