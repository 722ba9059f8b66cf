// The map beside the map: of another checkpoint, or of the same table of another run, laid over the one that is shown.
import { untrack } from 'svelte';
import * as client from '../../api/client';
import * as projector from '../../api/projector';
import { server } from '../../api/server.svelte';
import type { Checkpoint, ProjectionRequest } from '../../api/types';
import { formatStep } from '../../base/format';
import { router } from '../../base/router.svelte';
import { alignMap, type Aligned } from './alignment';
import type { ProjectionJob } from './job.svelte';
import type { Resources } from './resources.svelte';
import type { ShownMap } from './shown_map.svelte';
import type { ShownTable } from './shown_table.svelte';

const kChangeNeighbours = 10;

interface Sides {
  readonly table: ShownTable;
  readonly map: ShownMap;
  /** Of the map that is compared, and of the other one. */
  readonly job: ProjectionJob;
  readonly other: ProjectionJob;
  readonly resources: Resources;
  /** What is chosen on the page. */
  readonly requestOf: () => Omit<ProjectionRequest, 'step'>;
}

export class Comparison {
  readonly isOn: boolean = $derived(router.view.panel === 'compare' && router.view.from_step >= 0);
  /** The other run; that of the table where none is chosen. */
  readonly run: number = $derived.by(() => (router.view.from_run === 0 ? this.sides.table.run : router.view.from_run));
  readonly checkpoints: readonly Checkpoint[] = $derived.by(() =>
    this.run === this.sides.table.run
      ? this.sides.table.checkpoints
      : (this.sides.resources.otherCheckpoints.value ?? []),
  );
  readonly points: number = $derived.by(() => this.sides.other.coordinates.length / this.sides.other.dims);
  /** Axes mean the same in both maps as they are; others are free to be turned. */
  readonly aligned: Aligned = $derived.by(() =>
    this.sides.job.projection?.method === 'axes'
      ? { coordinates: this.sides.other.coordinates, residual: NaN }
      : alignMap(this.sides.other.coordinates, this.sides.map.coordinates, this.sides.map.dims),
  );
  /** Why the two cannot be laid over each other; empty where they can. */
  readonly problem: string = $derived.by(() => {
    const { map, other } = this.sides;
    if (other.error !== null) return `${other.error.title}. ${other.error.detail}`;
    if (other.coordinates.length === 0 || other.coordinates.length === map.coordinates.length) return '';
    return `The other table has ${formatStep(this.points)} rows, this one ${formatStep(map.points)}: the maps are shown as they are, rows are linked by number.`;
  });
  #key = '';

  /** For a component while it is made. */
  constructor(private readonly sides: Sides) {
    const { table, resources } = sides;
    $effect(() => {
      const [id, name] = [this.run, table.tag];
      if (id !== table.run && server.tags.some((one) => one.run === id && one.name === name)) {
        untrack(() =>
          resources.otherCheckpoints.load(`${id} ${name}|`, (signal) => client.getCheckpoints(id, name, signal)),
        );
      } else untrack(() => (resources.otherCheckpoints.value = null));
    });
    $effect(() => this.#follow());
  }

  /** How far the neighbours of each row have changed. */
  loadChanges(): void {
    const { table, map, resources } = this.sides;
    const query = {
      run: table.run,
      tag: table.tag,
      step: map.step,
      from_step: router.view.from_step,
      k: kChangeNeighbours,
      ...(this.run === table.run ? {} : { from_run: this.run, from_tag: table.tag }),
    };
    resources.changes.load(`${JSON.stringify(query)}|`, (signal) => projector.getChanges(query, signal));
  }

  /** Starts the other map once there is one to compare it with. */
  #follow(): void {
    const { table, job, other, resources } = this.sides;
    const done = job.projection;
    const key =
      this.isOn && done?.state === 'done' ? `${this.run} ${table.tag} ${router.view.from_step} ${done.id}` : '';
    if (key === this.#key || (this.isOn && key === '')) return;
    this.#key = key;
    if (key === '' || done === null) return void untrack(() => other.clear());
    untrack(() => {
      const isStarting = resources.can().start && done.method !== 'pca';
      void other.start({
        ...this.sides.requestOf(),
        method: done.method,
        dims: done.dims,
        run: this.run,
        step: router.view.from_step,
        ...(isStarting ? { start: done.id } : {}),
      });
      if (resources.can().changes) this.loadChanges();
    });
  }
}
