// The maps of one embedding's checkpoints, in order, each laid over the one before. With a server that can start
// from a map, t-SNE goes on from the map before, so that points move only as far as the embedding did.
import * as client from '../../api/projector';
import { float32 } from '../../api/columns';
import type { Checkpoint, Projection, ProjectionRequest } from '../../api/types';
import type { Failure } from '../../base/result';
import { alignMap } from './alignment';
import { framesOf } from './frames';
import { isOver } from './job.svelte';

export interface KeyFrame {
  readonly checkpoint: Checkpoint;
  readonly coordinates: Float32Array;
  readonly projection: Projection;
}

const kPollMs = 150;

export class Timeline {
  frames = $state.raw<readonly KeyFrame[]>([]);
  wanted = $state(0);
  error = $state.raw<Failure | null>(null);
  isLoading = $state(false);
  /** The place between key frames: 1.5 is half way from frame 1 to 2. */
  position = $state(0);
  isPlaying = $state(false);
  key = '';
  #attempt = 0;
  #running: number | null = null;

  async load(
    key: string,
    checkpoints: readonly Checkpoint[],
    request: Omit<ProjectionRequest, 'step'>,
    canStart: boolean,
  ): Promise<void> {
    this.stop();
    const attempt = ++this.#attempt;
    this.key = key;
    this.frames = [];
    this.error = null;
    this.position = 0;
    const chosen = framesOf(checkpoints, request.dims);
    this.wanted = chosen.length;
    this.isLoading = true;
    for (const checkpoint of chosen) {
      const before = this.frames[this.frames.length - 1];
      const start = canStart && request.method !== 'pca' && before !== undefined ? before.projection.id : null;
      const frame = await this.#project(attempt, checkpoint, start === null ? request : { ...request, start });
      if (attempt !== this.#attempt) return;
      if (frame === null) break;
      const isFixed = before === undefined || request.method === 'axes';
      const coordinates = isFixed
        ? frame.coordinates
        : alignMap(frame.coordinates, before.coordinates, request.dims).coordinates;
      this.frames = [...this.frames, { ...frame, coordinates }];
    }
    this.isLoading = false;
  }

  /** Ends what is under way; the frames that are there stay. */
  stop(): void {
    this.#attempt++;
    this.isPlaying = false;
    this.isLoading = false;
    if (this.#running !== null) void client.cancelProjection(this.#running);
    this.#running = null;
  }

  clear(): void {
    this.stop();
    this.frames = [];
    this.key = '';
    this.error = null;
  }

  async #project(
    attempt: number,
    checkpoint: Checkpoint,
    request: Omit<ProjectionRequest, 'step'>,
  ): Promise<KeyFrame | null> {
    let answer = await client.startProjection({ ...request, step: checkpoint.step });
    // Stopped before its number was known. What was started anew meanwhile may be the same map, and goes on.
    if (attempt !== this.#attempt && answer.ok && !isOver(answer.value) && answer.value.id !== this.#running) {
      void client.cancelProjection(answer.value.id);
    }
    if (attempt !== this.#attempt) return null;
    while (answer.ok && !isOver(answer.value)) {
      this.#running = answer.value.id;
      await new Promise((resolve) => setTimeout(resolve, kPollMs));
      if (attempt !== this.#attempt) return null;
      answer = await client.getProjection(answer.value.id);
    }
    if (attempt !== this.#attempt) return null;
    this.#running = null;
    if (!answer.ok) return this.#fail(answer.error);
    const projection = answer.value;
    if (projection.state !== 'done') {
      return this.#fail({
        status: 0,
        title: `Step ${checkpoint.step}: ${projection.state}`,
        detail: projection.error ?? '',
        requestId: '',
      });
    }
    const items = await client.getCoordinates(projection.id);
    if (!items.ok) return this.#fail(items.error);
    const item = items.value[0];
    return item === undefined ? null : { checkpoint, projection, coordinates: float32(item, 'coordinates') };
  }

  #fail(error: Failure): null {
    this.error = error;
    return null;
  }
}
