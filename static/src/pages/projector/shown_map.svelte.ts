// The map that is seen: the one that was asked for, or a place between two of the checkpoints' maps.
import type { Projection } from '../../api/types';
import { router } from '../../base/router.svelte';
import { movement } from './alignment';
import { kDrawnMax } from './density';
import { framesAt } from './frames';
import type { ProjectionJob } from './job.svelte';
import type { ShownTable } from './shown_table.svelte';
import type { Timeline } from './timeline.svelte';

export class ShownMap {
  readonly isTime: boolean = $derived.by(() => router.view.panel === 'time' && this.timeline.frames.length > 0);
  readonly #at = $derived.by(() => framesAt(this.timeline.position, this.timeline.frames.length));
  readonly #frame = $derived.by(() => (this.isTime ? this.timeline.frames[this.#at.from] : undefined));
  readonly coordinates: Float32Array = $derived.by(() => this.#frame?.coordinates ?? this.job.coordinates);
  /** What the picture moves from; the same as `coordinates` unless a map is running. */
  readonly keyFrame: Float32Array = $derived.by(() =>
    this.isTime ? this.coordinates : (this.job.motion.from ?? this.coordinates),
  );
  /** What it moves to, and how far it is there; null: it rests. */
  readonly next: Float32Array | null = $derived.by(() => {
    if (!this.isTime) return this.job.motion.from === null ? null : this.coordinates;
    return this.#at.next === this.#at.from ? null : (this.timeline.frames[this.#at.next]?.coordinates ?? null);
  });
  readonly blend: number = $derived.by(() => (this.isTime ? this.#at.blend : this.job.motion.blend));
  readonly projection: Projection | null = $derived.by(() =>
    this.isTime ? (this.#frame?.projection ?? null) : this.job.projection,
  );
  readonly step: number = $derived.by(() => this.projection?.step ?? this.table.checkpoint?.step ?? -1);
  readonly dims: number = $derived.by(() => (this.isTime ? (this.projection?.dims ?? this.job.dims) : this.job.dims));
  readonly points: number = $derived.by(() => this.coordinates.length / this.dims);
  /** Those of a map too large to be drawn here too. */
  readonly rows: number = $derived.by(() => {
    const all = this.projection?.points ?? 0;
    return Math.max(this.points, all > kDrawnMax ? all : 0);
  });
  /** How far each row moves to the next frame; of the last frame, from the one before. Null without a pair. */
  readonly moved: Float32Array | null = $derived.by(() => {
    const { from, next } = this.#at;
    const pair = from === next && from > 0 ? [from - 1, from] : [from, next];
    const [before, after] = pair.map((i) => this.timeline.frames[i]);
    return before === undefined || after === undefined
      ? null
      : movement(before.coordinates, after.coordinates, this.dims);
  });

  constructor(
    private readonly job: ProjectionJob,
    private readonly timeline: Timeline,
    private readonly table: ShownTable,
  ) {}
}
