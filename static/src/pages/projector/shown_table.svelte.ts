// Which embedding table the page shows, of which run and at which step, and what its rows are called.
import { untrack } from 'svelte';
import * as client from '../../api/client';
import { choosePageRun } from '../../api/page_run';
import { server } from '../../api/server.svelte';
import type { Checkpoint, EmbeddingMetadata, Run, Tag } from '../../api/types';
import { router } from '../../base/router.svelte';
import { applyEdits } from './metadata_edits';
import { MetadataEdits } from './metadata_edits.svelte';
import { missingOf } from './missing';
import type { Resources } from './resources.svelte';

const kNoMetadata: EmbeddingMetadata = { columns: [], values: [] };

export class ShownTable {
  readonly edits = new MetadataEdits();
  readonly #choice = $derived(choosePageRun(router.view.run, ['embedding']));
  /** Runs that have embeddings, and those of the run that is shown. */
  readonly runs: readonly Run[] = $derived.by(() => this.#choice.runs);
  readonly run: number = $derived.by(() => this.#choice.run);
  readonly tags: readonly Tag[] = $derived.by(() => this.#choice.tags);
  readonly #info = $derived.by(
    () =>
      this.tags.find((one) => one.name === router.view.tag) ??
      this.tags.find((one) => one.name === this.resources.largest.value) ??
      (this.resources.largest.isLoading ? undefined : this.tags[0]),
  );
  readonly tag: string = $derived.by(() => this.#info?.name ?? '');
  readonly checkpoints: readonly Checkpoint[] = $derived.by(() => this.resources.checkpoints.value ?? []);
  /** Undefined while none is known. */
  readonly checkpoint: Checkpoint | undefined = $derived.by(
    () =>
      this.checkpoints.find((one) => one.step === router.view.step) ?? this.checkpoints[this.checkpoints.length - 1],
  );
  readonly rows: number = $derived.by(() => this.checkpoint?.rows ?? 0);
  /** What of the address is not there, and what is shown instead; empty where all is. */
  readonly missing: string = $derived.by(() =>
    missingOf(router.view, { run: this.run, tag: this.tag, step: this.checkpoint?.step ?? -1 }, (id) =>
      server.runName(id),
    ),
  );
  /** What is edited or saved before the metadata are there would be something else. */
  readonly isWaiting: boolean = $derived.by(
    () => this.resources.metadata.value === null && this.resources.metadata.error === null,
  );
  /** With the edits; null where there are none. */
  readonly metadata: EmbeddingMetadata | null = $derived.by(() =>
    applyEdits(this.resources.metadata.value, this.rows, this.edits.list),
  );
  /** The same, empty where there are none. */
  readonly known: EmbeddingMetadata = $derived.by(() => this.metadata ?? kNoMetadata);

  /** For a component while it is made; `onOther` is called when another table is shown. */
  constructor(
    private readonly resources: Resources,
    onOther: () => void,
  ) {
    // What is asked for before the page's elements are made is answered while the GPU's context is.
    // A run's largest table is shown first: it is the one that a list cannot show.
    $effect.pre(() => {
      const names = this.tags.map((one) => one.name);
      const id = this.run;
      if (names.length > 1)
        untrack(() =>
          resources.largest.load(`${id} ${names.join(' ')}|`, (signal) =>
            client.findLargestEmbedding(id, names, signal),
          ),
        );
    });
    $effect.pre(() => this.load());
    let shown = '';
    $effect.pre(() => {
      const now = `${this.run} ${this.tag}`;
      if (this.tag === '' || now === shown) return;
      shown = now;
      untrack(() => this.edits.open(this.run, this.tag));
      untrack(onOther);
    });
  }

  /** Its checkpoints, and what the server can do with them. */
  load(): void {
    const [mark, tag] = [`${this.#info?.last_step} ${server.resyncs}`, this.tag];
    untrack(() => tag !== '' && this.resources.loadTable(this.run, tag, mark));
  }
}
