// What the points of a map are coloured by: a column of the metadata, or what the page has found out about rows.
import { router } from '../../base/router.svelte';
import { theme } from '../../base/theme.svelte';
import { colourGroups, colourNumbers, colourPoints, tellingColumn, type Colouring } from './colouring';
import type { Comparison } from './comparison.svelte';
import { groupsOf, type Resources } from './resources.svelte';
import type { ShownMap } from './shown_map.svelte';
import type { ShownTable } from './shown_table.svelte';

export class MapColours {
  readonly #groups = $derived.by(() => groupsOf(this.resources.statistics.value));
  /** What there is beside columns. */
  readonly special: readonly { value: string; label: string }[] = $derived.by(() => [
    ...(this.#groups.length > 0 ? [{ value: '@finding', label: 'finding' }] : []),
    ...(this.resources.changes.value !== null && this.comparison.isOn
      ? [{ value: '@change', label: 'neighbour change' }]
      : []),
    ...(this.map.isTime && this.map.moved !== null ? [{ value: '@moved', label: 'movement' }] : []),
  ]);
  /** By itself; empty where no column tells anything. */
  readonly telling: string = $derived.by(() => tellingColumn(this.table.known.columns, this.table.known.values));
  readonly #wanted = $derived(router.view.colour);
  readonly #hasSpecial = $derived.by(() => this.special.some((one) => one.value === this.#wanted));
  readonly #column = $derived.by(() =>
    this.table.known.columns.includes(this.#wanted) ? this.#wanted : this.#wanted === 'none' ? '' : this.telling,
  );
  /** As the list of colours names it. */
  readonly chosen: string = $derived.by(() => (this.#hasSpecial ? this.#wanted : this.#column));
  /** Of the map's own rows. */
  readonly own: Colouring = $derived.by(() => {
    const { points, moved } = this.map;
    if (this.#hasSpecial && !this.table.known.columns.includes(this.#wanted)) {
      if (this.#wanted === '@finding') return colourGroups(points, this.#groups, theme.dark);
      const numbers = this.#wanted === '@change' ? this.resources.changes.value?.change : moved;
      if (numbers?.length === points) return colourNumbers(numbers, theme.dark);
    }
    return colourPoints(points, this.columnOf(this.table.known), theme.dark);
  });

  constructor(
    private readonly table: ShownTable,
    private readonly map: ShownMap,
    private readonly comparison: Comparison,
    private readonly resources: Resources,
  ) {}

  /** The values of the column that colours, in this table or in another; undefined where it has none. */
  columnOf({ columns, values }: ShownTable['known']): readonly string[] | undefined {
    return values[columns.indexOf(this.#column)];
  }
}
