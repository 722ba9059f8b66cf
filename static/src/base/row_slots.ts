// Which rows of a long list are drawn: those in view and some around them, and the row that holds the focus
// wherever it is. Rows may differ in height; those that were never drawn count at a guess. Pure.

export interface Slot {
  /** Of the row; -1: empty space for the rows that are not drawn here. */
  readonly index: number;
  /** Of the empty space, in CSS pixels. */
  readonly height: number;
}

export interface Viewport {
  /** How far the list is scrolled, and how much of it is seen, in CSS pixels. */
  readonly top: number;
  readonly height: number;
}

/** Rows that are drawn beyond both ends of the view, as a share of it: a page's scroll meets no empty space. */
const kSpare = 0.75;

/**
 * The list from its first row to its last, as rows and as empty spaces between them.
 * `heightOf(index)` is a row's height in CSS pixels; `kept` is drawn in any case, -1: none.
 */
export function slotsOf(count: number, heightOf: (index: number) => number, view: Viewport, kept: number): Slot[] {
  let end = 0;
  for (let index = 0; index < count; index++) end += heightOf(index);
  // A list that became shorter is still scrolled to where its rows were.
  const seen = Math.max(0, Math.min(view.top, end - view.height));
  const from = seen - view.height * kSpare;
  const to = seen + view.height * (1 + kSpare);
  const slots: Slot[] = [];
  let top = 0;
  let space = 0;
  for (let index = 0; index < count; index++) {
    const bottom = top + heightOf(index);
    if ((bottom > from && top < to) || index === kept) {
      if (space > 0) slots.push({ index: -1, height: space });
      space = 0;
      slots.push({ index, height: 0 });
    } else {
      space += bottom - top;
    }
    top = bottom;
  }
  if (space > 0) slots.push({ index: -1, height: space });
  return slots;
}
