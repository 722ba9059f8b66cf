// The map that the controls describe: what the server is asked for, and what of it is asked for without a button.
import { untrack } from 'svelte';
import type { ProjectionRequest } from '../../api/types';
import { router } from '../../base/router.svelte';
import { planAxes, type AxesPlan } from './axes';
import { isOver, type ProjectionJob } from './job.svelte';
import { QuickStart } from './quick_start';
import { requestFor, tooFewRows } from './request';
import type { Resources } from './resources.svelte';
import type { ShownTable } from './shown_table.svelte';
import type { Timeline } from './timeline.svelte';

const kNoAxes: readonly string[] = [];

export class ChosenMap {
  // Of what is in the address bar, what costs work over all rows is told apart: moving the camera changes none of it.
  readonly #axes = $derived(router.view.method === 'axes' ? router.view.axes : kNoAxes);
  readonly plan: AxesPlan = $derived.by(() =>
    planAxes(this.#axes, router.view.dims, this.table.known, this.table.rows),
  );
  /** The same for maps of one table that are drawn alike, whatever the checkpoint. */
  readonly key: string = $derived.by(() => {
    const { method, dims, sphere } = router.view;
    return `${this.table.run} ${this.table.tag} ${method} ${dims} ${sphere} ${this.#axes.join('\n')}`;
  });
  /** Why the method cannot take these rows; empty where it can. */
  readonly tooFew: string = $derived.by(() => tooFewRows(router.view.method, this.table.checkpoint?.rows));
  /** All is named that the method needs. */
  readonly hasAxes: boolean = $derived.by(() => router.view.method !== 'axes' || this.plan.axes !== null);
  readonly isReady: boolean = $derived.by(
    () => this.table.checkpoint !== undefined && this.tooFew === '' && this.hasAxes,
  );
  /** PCA and chosen axes take a moment: they are drawn at once. The rest waits for the button. */
  readonly #isQuick = $derived.by(
    () => router.view.method === 'pca' || (router.view.method === 'axes' && this.hasAxes),
  );
  /** Of those that wait for it, a map that is there already is shown: a link opens on what it was made of. */
  readonly #sought = $derived.by(() => {
    const { checkpoint } = this.table;
    const waits = !this.#isQuick && router.view.method !== 'axes' && this.tooFew === '';
    return waits && this.resources.can().find && checkpoint !== undefined
      ? JSON.stringify({ ...this.request(), step: checkpoint.step })
      : '';
  });

  /** For a component while it is made. */
  constructor(
    private readonly table: ShownTable,
    private readonly job: ProjectionJob,
    private readonly timeline: Timeline,
    private readonly resources: Resources,
  ) {
    const quick = new QuickStart();
    $effect.pre(() => {
      if (!this.#isQuick) return quick.forget();
      const { tag, checkpoint } = table;
      const isKnown = checkpoint !== undefined || (router.view.method === 'pca' && router.view.step < 0);
      if (tag === '' || !isKnown) return;
      if (quick.isDue(this.key, checkpoint?.step ?? null, job.projection?.step, job.isStarting))
        untrack(() => this.start());
    });
    $effect(() => {
      if (this.#sought === '') return;
      const request = JSON.parse(this.#sought) as ProjectionRequest;
      untrack(() => {
        const isOneAtWork =
          job.projection !== null && job.projection.method === request.method && !isOver(job.projection);
        if (!job.isStarting && !isOneAtWork) void job.find(request);
      });
    });
  }

  request(): Omit<ProjectionRequest, 'step'> {
    const { run, tag, checkpoint } = this.table;
    return requestFor(router.view, { run, tag, rows: checkpoint?.rows ?? 1 }, this.plan.axes, this.resources.can());
  }

  /** `from`: the id of the projection to go on from. */
  start(from: number | null = null): void {
    this.timeline.clear();
    const { checkpoint } = this.table;
    const at = checkpoint === undefined ? {} : { step: checkpoint.step };
    void this.job.start({ ...this.request(), ...at, ...(from === null ? {} : { start: from }) });
  }
}
