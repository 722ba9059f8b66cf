// A projection as the page sees it: started by POST, which answers with the map where there is one; else followed on
// the live socket, and read once more by GET when it ended, since the last frame may have been merged away.
import * as client from '../../api/projector';
import { coordinatesOf, type Item } from '../../api/columns';
import { server } from '../../api/server.svelte';
import type { Projection, ProjectionRequest } from '../../api/types';
import { afterDrawn } from '../../base/frame';
import { success, type Failure, type Result } from '../../base/result';
import { kDrawnMax } from './density';
import { Motion } from './motion.svelte';

const kPollMs = 1000;

const kFields: readonly (keyof Projection)[] = ['id', 'state', 'iteration', 'points', 'dims'];

/** The fields of a frame as a Projection; null where they are not one. */
function projectionOf(item: Item): Projection | null {
  return kFields.every((name) => name in item.fields) ? (item.fields as unknown as Projection) : null;
}

export function isOver(projection: Projection): boolean {
  return projection.state !== 'queued' && projection.state !== 'running';
}

const kAskedFor: readonly (keyof Projection)[] = [
  'run',
  'tag',
  'step',
  'method',
  'dims',
  'seed',
  'metric',
  'perplexity',
  'n_neighbors',
  'min_dist',
  'start',
  'onto',
];

/** Whether the answer is of the same projection: a server that began anew gives its numbers anew. */
function isSameProjection(a: Projection, b: Projection): boolean {
  return a.id === b.id && kAskedFor.every((name) => a[name] === b[name]);
}

export class ProjectionJob {
  projection = $state.raw<Projection | null>(null);
  coordinates = $state.raw<Float32Array>(new Float32Array(0));
  /** Of the coordinates: stays that of the old picture until the first frame of a new job. */
  dims = $state(2);
  readonly motion = new Motion();
  error = $state.raw<Failure | null>(null);
  isStarting = $state(false);
  /** It is asked whether the server has a map of what is chosen. */
  isFinding = $state(false);
  /** A map that is done is on its way, or about to be drawn: what else takes time waits. */
  isReading = $state(false);
  /** A map without coordinates yet, that will have some. */
  readonly isComing = $derived(
    this.coordinates.length === 0 &&
      this.projection !== null &&
      (!isOver(this.projection) || this.projection.state === 'done'),
  );
  /** What was chosen for this map and, before it, for those that it went on from (continued.ts). */
  origin: readonly string[] = [];
  #stopListening: (() => void) | null = null;
  #stopWatching: (() => void) | null = null;
  #attempt = 0;
  #search = 0;

  async start(request: ProjectionRequest, origin: readonly string[] = []): Promise<void> {
    const attempt = ++this.#attempt;
    this.#unfollow();
    this.error = null;
    this.isStarting = true;
    this.isReading = false;
    const answer = await client.openProjection(request, kDrawnMax);
    if (attempt !== this.#attempt) return;
    this.isStarting = false;
    if (!answer.ok) return void (this.error = answer.error);
    this.origin = origin;
    this.#open(answer.value);
  }

  /**
   * Shows the map of these parameters if the server has one or is at it: the one that went on from those of `earlier`,
   * each from the one before, or else one that began by itself. Nothing is started; without a map all stays as it is.
   */
  async find(
    request: ProjectionRequest,
    origin: readonly string[] = [],
    earlier: readonly ProjectionRequest[] = [],
  ): Promise<void> {
    const attempt = this.#attempt;
    const search = ++this.#search;
    this.isFinding = true;
    const start = await this.#lastOf(earlier);
    let answer = start === null ? null : await client.findProjection({ ...request, start }, kDrawnMax);
    const isContinued = answer?.ok === true && answer.value !== null;
    if (!isContinued && search === this.#search) answer = await client.findProjection(request, kDrawnMax);
    if (search !== this.#search) return;
    this.isFinding = false;
    if (attempt !== this.#attempt || answer?.ok !== true || answer.value === null) return;
    this.#attempt++;
    this.#unfollow();
    this.error = null;
    this.origin = isContinued ? origin : origin.slice(-1);
    this.#open(answer.value);
  }

  /** The id of the last of maps that went on from each other; null where the server lacks one. */
  async #lastOf(requests: readonly ProjectionRequest[]): Promise<number | null> {
    let start: number | null = null;
    for (const request of requests) {
      const answer = await client.findProjection({ ...request, ...(start === null ? {} : { start }) }, 0);
      if (!answer.ok || answer.value === null || 'columns' in answer.value) return null;
      start = answer.value.id;
    }
    return start;
  }

  /** Stops the descent where it is, or lets it go on; its memory stays taken meanwhile. */
  async setPaused(isPaused: boolean): Promise<void> {
    await this.#change(({ id }) => client.pauseProjection(id, isPaused ? 'pause' : 'resume'));
  }

  /** While it runs: goes on `more` iterations beyond what was asked for. */
  async extend(more: number): Promise<boolean> {
    return this.#change(({ id, iterations }) => client.extendProjection(id, iterations + more));
  }

  async cancel(): Promise<void> {
    const isChanged = await this.#change(async ({ id }) => {
      const answer = await client.cancelProjection(id);
      return answer.ok ? success({ state: 'cancelled' as const }) : answer;
    });
    if (isChanged) this.#unfollow();
  }

  /** Of no account where the map has ended, or another was chosen, before the answer came. */
  async #change(ask: (projection: Projection) => Promise<Result<Partial<Projection>>>): Promise<boolean> {
    const asked = this.projection;
    if (asked === null || isOver(asked)) return false;
    const attempt = this.#attempt;
    const answer = await ask(asked);
    const now = this.projection;
    if (attempt !== this.#attempt || now === null || isOver(now)) return false;
    if (answer.ok) this.projection = { ...now, ...answer.value };
    else this.error = answer.error;
    return answer.ok;
  }

  /** After the connection was lost: it may have ended meanwhile, or the server, which knows nothing of it then. */
  async recheck(): Promise<void> {
    const projection = this.projection;
    if (projection === null || isOver(projection)) return;
    const attempt = this.#attempt;
    const answer = await client.getProjection(projection.id);
    if (attempt !== this.#attempt) return;
    if (answer.ok && isSameProjection(answer.value, projection)) {
      this.projection = answer.value;
      if (isOver(answer.value)) this.#unfollow();
      if (answer.value.state === 'done') void this.#readResult(projection.id);
    } else if (answer.ok || answer.error.status === 404) {
      this.#unfollow();
      this.projection = {
        ...projection,
        state: 'failed',
        error: 'The server began anew while it made this map: run it again.',
      };
    }
  }

  /** Another embedding is chosen: forgets the picture. */
  clear(): void {
    this.#attempt++;
    this.#unfollow();
    this.projection = null;
    this.motion.stop();
    this.coordinates = new Float32Array(0);
    this.error = null;
    this.isStarting = this.isReading = false;
  }

  stop(): void {
    this.#attempt++;
    this.motion.stop();
    this.#unfollow();
  }

  #open(answer: Projection | Item): void {
    if ('columns' in answer) return void this.#show(answer);
    this.projection = answer;
    if (isOver(answer)) void this.#readResult(answer.id);
    else this.#follow(answer.id);
  }

  #follow(id: number): void {
    // Its frames would be larger than what is drawn of them.
    if ((this.projection?.points ?? 0) > kDrawnMax) return void this.#poll(id);
    this.#stopListening = server.onItem((item) => this.#onItem(id, item));
    this.#stopWatching = server.watchProjection(id);
  }

  #unfollow(): void {
    this.#stopListening?.();
    this.#stopWatching?.();
    this.#stopListening = this.#stopWatching = null;
  }

  async #poll(id: number): Promise<void> {
    const attempt = this.#attempt;
    while (this.projection !== null && !isOver(this.projection)) {
      await new Promise((resolve) => setTimeout(resolve, kPollMs));
      const answer = await client.getProjection(id);
      if (attempt !== this.#attempt) return;
      if (answer.ok) this.projection = answer.value;
      else this.error = answer.error;
    }
  }

  #onItem(id: number, item: Item): void {
    const projection = projectionOf(item);
    if (projection === null || projection.id !== id) return;
    this.#take(projection, coordinatesOf(item));
    if (!isOver(projection)) return;
    this.#unfollow();
    if (projection.state === 'done') void this.#readResult(id);
  }

  async #readResult(id: number): Promise<void> {
    if ((this.projection?.points ?? 0) > kDrawnMax) return;
    const attempt = this.#attempt;
    this.isReading = true;
    const answer = await client.getCoordinates(id);
    if (attempt !== this.#attempt) return;
    if (!answer.ok) this.error = answer.error;
    await this.#show(answer.ok ? answer.value[0] : undefined);
  }

  /** A map that is done. */
  async #show(item: Item | undefined): Promise<void> {
    const attempt = this.#attempt;
    this.isReading = true;
    const projection = item === undefined ? null : projectionOf(item);
    if (item !== undefined && projection !== null) this.#take(projection, coordinatesOf(item));
    await afterDrawn();
    if (attempt === this.#attempt) this.isReading = false;
  }

  #take(projection: Projection, coordinates: Float32Array): void {
    this.projection = projection;
    if (coordinates.length === 0) return;
    if (!isOver(projection) && projection.dims === this.dims) this.motion.move(this.coordinates, coordinates);
    else this.motion.stop();
    this.dims = projection.dims;
    this.coordinates = coordinates;
  }
}
