// The map that the controls describe: what the server is asked for, and what of it is asked for without a button.
import { untrack } from 'svelte';
import type { ProjectionRequest } from '../../api/types';
import { router } from '../../base/router.svelte';
import { parseView } from '../../base/url';
import { planAxes, type AxesPlan } from './axes';
import { earlierViews, settingsText } from './continued';
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
    const { method, dims, sphere, components } = router.view;
    const ofMethod = method === 'pca' ? components : this.#axes;
    return `${this.table.run} ${this.table.tag} ${method} ${dims} ${sphere} ${ofMethod.join('\n')}`;
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
    if (!waits || !this.resources.can().find || checkpoint === undefined) return '';
    const requests = [router.view, ...earlierViews(router.view)].map((view) => ({
      ...this.request(view),
      step: checkpoint.step,
    }));
    return JSON.stringify(requests);
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
      const { method, step, components } = router.view;
      // What all rows have can be asked for before it is known how many there are.
      const isKnown = checkpoint !== undefined || (method === 'pca' && step < 0 && components.length === 0);
      if (tag === '' || !isKnown) return;
      if (quick.isDue(this.key, checkpoint?.step ?? null, job.projection?.step, job.isStarting))
        untrack(() => this.start());
    });
    $effect(() => {
      if (this.#sought === '') return;
      const [request, ...earlier] = JSON.parse(this.#sought) as [ProjectionRequest, ...ProjectionRequest[]];
      untrack(() => {
        const isOneAtWork =
          job.projection !== null && job.projection.method === request.method && !isOver(job.projection);
        const origin = [...router.view.continued, settingsText(router.view)];
        if (!job.isStarting && !isOneAtWork) void job.find(request, origin, earlier);
      });
    });
  }

  request(view = router.view): Omit<ProjectionRequest, 'step'> {
    const { run, tag, checkpoint } = this.table;
    const { rows, dims } = checkpoint ?? { rows: 1, dims: 1 };
    return requestFor(view, { run, tag, rows, dims }, this.plan.axes, this.resources.can());
  }

  /** `from`: the id of the projection to go on from. */
  start(from: number | null = null): void {
    this.timeline.clear();
    const { checkpoint } = this.table;
    const at = checkpoint === undefined ? {} : { step: checkpoint.step };
    const continued = from === null ? [] : this.job.origin;
    router.set({ continued });
    const request = { ...this.request(), ...at, ...(from === null ? {} : { start: from }) };
    void this.job.start(request, [...continued, settingsText(router.view)]);
  }

  /** The map that runs goes on `more` iterations beyond what was asked for, and so will one that its link asks for. */
  async extend(more: number): Promise<void> {
    const { job } = this;
    if (!(await job.extend(more)) || job.projection === null) return;
    const { method, iterations } = job.projection;
    const change = method === 'umap' ? { epochs: iterations } : { iterations };
    router.set(change);
    const [asked = ''] = job.origin.slice(-1);
    job.origin = [...job.origin.slice(0, -1), settingsText({ ...parseView('projector', asked), ...change })];
  }
}
