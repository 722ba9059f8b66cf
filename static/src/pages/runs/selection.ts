// Which rows of a table are selected, as keys and clicks change it. Pure.
export interface Selection {
  readonly ids: ReadonlySet<number>;
  /** Where a range begins that Shift extends; 0: nowhere. */
  readonly anchor: number;
}

export const kNothingSelected: Selection = { ids: new Set(), anchor: 0 };

export function toggle(selection: Selection, id: number): Selection {
  const ids = new Set(selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { ids, anchor: id };
}

/** Adds every row from the anchor to `id`, in the table's order. */
export function extendTo(selection: Selection, id: number, order: readonly number[]): Selection {
  const from = order.indexOf(selection.anchor);
  const to = order.indexOf(id);
  if (to < 0) return selection;
  const range = from < 0 ? [id] : order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { ids: new Set([...selection.ids, ...range]), anchor: from < 0 ? id : selection.anchor };
}

export function selectAll(order: readonly number[]): Selection {
  return { ids: new Set(order), anchor: order[0] ?? 0 };
}

/** Rows that are no longer listed are not acted upon: what is not seen is not selected. */
export function visibleIds(selection: Selection, order: readonly number[]): number[] {
  return order.filter((id) => selection.ids.has(id));
}
