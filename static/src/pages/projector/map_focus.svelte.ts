// What of a map is looked at: a picked row and its neighbours, the selected rows, those that a search has found.
import { untrack } from 'svelte';
import type { Neighbours } from '../../api/types';
import { router } from '../../base/router.svelte';
import { emphasise } from './emphasise';
import { labelCandidates, type Label } from './labels';
import type { Resources } from './resources.svelte';
import { namingColumn, searchRows, type SearchResult } from './search';
import { selection } from './selection.svelte';
import type { ShownMap } from './shown_map.svelte';
import type { ShownTable } from './shown_table.svelte';

export class MapFocus {
  // Each by itself: what else is in the address bar makes none of what follows anew.
  readonly #search = $derived(router.view.search);
  readonly #column = $derived(router.view.column);
  readonly #row = $derived(router.view.row);
  readonly #isIsolated = $derived(router.view.isolated);
  readonly #isNamed = $derived(router.view.named);
  readonly #namedBy = $derived(router.view.named_by);
  /** Null: nothing is searched for, or what is searched is still to come. */
  readonly found: SearchResult | null = $derived.by(() =>
    this.#search === '' || this.table.isWaiting
      ? null
      : searchRows(this.table.known, this.map.rows, this.#column, this.#search),
  );
  /** Of the picked row; null where there are none yet. */
  readonly near: Neighbours | null = $derived.by(() => {
    const known = this.resources.neighbours.value;
    return this.#row >= 0 && known?.row === this.#row ? known : null;
  });
  readonly #nearRows = $derived.by(() => (this.near?.neighbours ?? []).map((one) => one.row));
  readonly #marked = $derived.by(() => ({
    picked: this.#row < this.map.points ? this.#row : -1,
    neighbours: this.#nearRows,
    selected: selection.rows,
    found: this.found?.rows ?? null,
    isIsolated: this.#isIsolated,
  }));
  /** The column that names are of; empty where none are written. */
  readonly naming: string = $derived.by(() => (this.#isNamed ? namingColumn(this.table.known, this.#namedBy) : ''));
  readonly names: readonly Label[] = $derived.by(() => {
    if (!this.#isNamed) return [];
    const marked = this.#row >= 0 ? [this.#row, ...this.#nearRows] : (selection.rows ?? this.found?.rows ?? []);
    const { columns, values } = this.table.known;
    return labelCandidates(this.map.points, values[columns.indexOf(this.naming)] ?? [], marked);
  });

  /** For a component while it is made. */
  constructor(
    private readonly table: ShownTable,
    private readonly map: ShownMap,
    private readonly resources: Resources,
  ) {
    $effect(() => {
      const { row, near, metric } = router.view;
      if (row < 0 || map.rows === 0 || resources.abilities.isLoading) return;
      const k = Math.min(near, Math.max(1, map.rows - 1));
      const query = { run: table.run, tag: table.tag, step: map.step, row, k, metric };
      untrack(() => resources.loadNeighbours(query));
    });
  }

  /** How strongly each of so many points is drawn. */
  emphasisOf(points: number): Uint8Array {
    return emphasise({ ...this.#marked, points });
  }
}
