// What one tag of one run logged at its steps, kept fresh: asks for all of it, then for what lies from its last step on
// (one step may hold several values), and for all anew where older steps changed.
import { untrack } from 'svelte';
import type { Failure, Result } from '../base/result';
import { gapOf, lastStepOf, withTail, type AtStep } from '../base/step_list';
import { goesBack } from './marks';
import { server } from './server.svelte';
import type { Change } from './types';

const kAppendIntervalMs = 1000;
/** A list that was cut down grows to so many times what was asked for, then it is cut down anew. */
const kGrowth = 1.5;

export interface StepQuery {
  run: number;
  tag: string;
  /** As the list of tags knows it: where no socket can be opened, nothing else tells. */
  lastStep: number;
  /** Another where what lies at known steps may have been replaced (`server.ageOf`). */
  age: string;
  /** Tags whose values are asked for by `tag` as well: the parts of a mesh. */
  parts?: readonly string[];
  /** Values that are asked for, spread over the steps; without it all. */
  most?: number;
}

export type FetchSteps<T> = (
  query: StepQuery,
  from: number | undefined,
  signal: AbortSignal,
) => Promise<Result<readonly T[]>>;

export class StepFeed<T extends AtStep> {
  /** By step; null until they are there. */
  value = $state.raw<readonly T[] | null>(null);
  error = $state.raw<Failure | null>(null);
  #query: StepQuery | null = null;
  #controller = new AbortController();
  #isAsking = false;
  #isPaused = false;
  #isMarked = false;
  #isStale = false;
  /** The last step of the last mark. */
  #told: number | undefined;
  #gap = 0;
  #timer = 0;

  constructor(private readonly fetch: FetchSteps<T>) {}

  /** Shows this query from now on; the same one again is not asked for twice. */
  show(query: StepQuery): void {
    const old = this.#query;
    this.#query = query;
    this.#isPaused = false;
    const isSameTag = old?.run === query.run && old.tag === query.tag;
    if (!isSameTag) {
      this.value = null;
      this.#told = undefined;
    }
    const isSame = isSameTag && old.age === query.age && old.most === query.most && this.error === null;
    if (!isSame) return void this.#load(query);
    this.#isMarked ||= this.value !== null && query.lastStep > lastStepOf(this.value);
    this.#scheduleAppend();
  }

  reload(): void {
    if (this.#query !== null) void this.#load(this.#query);
  }

  /** Out of view: remembers the marks, asks for nothing. */
  pause(): void {
    this.#isPaused = true;
  }

  stop(): void {
    window.clearTimeout(this.#timer);
    this.#controller.abort();
    this.#query = null;
  }

  /** Marks of the live socket: asks for what they speak of. */
  follow(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.run !== this.#query?.run) continue;
      if (change.tag === this.#query.tag) this.#followTag(change);
      else if (this.#query.parts?.includes(change.tag)) this.#followPart(change);
    }
    this.#scheduleAppend();
  }

  #followTag(change: Change): void {
    this.#isStale ||= this.value !== null && goesBack(change, this.#told, lastStepOf(this.value));
    this.#told = change.last_step;
    this.#isMarked = true;
  }

  /** A part that comes late belongs to samples that are listed without it. */
  #followPart(change: Change): void {
    this.#isStale ||= this.value !== null && change.first_step < lastStepOf(this.value);
    this.#isMarked = true;
  }

  #scheduleAppend(): void {
    if (this.#timer !== 0 || this.#isPaused || this.#isAsking || !this.#isMarked) return;
    this.#timer = window.setTimeout(() => {
      this.#timer = 0;
      if (!this.#isPaused && !this.#isAsking) void this.#append();
    }, kAppendIntervalMs);
  }

  async #ask(query: StepQuery, from: number | undefined): Promise<Result<readonly T[]> | null> {
    this.#controller.abort();
    const controller = new AbortController();
    this.#controller = controller;
    this.#isAsking = true;
    this.#isMarked = this.#isStale = false;
    const answer = await this.fetch(query, from, controller.signal);
    if (controller.signal.aborted) return null;
    this.#isAsking = false;
    return answer;
  }

  async #load(query: StepQuery): Promise<void> {
    const answer = await this.#ask(query, undefined);
    if (answer === null) return;
    this.error = answer.ok ? null : answer.error;
    if (!answer.ok) return;
    this.value = answer.value;
    this.#gap = gapOf(answer.value, query.most ?? Infinity);
    // What was marked meanwhile may have been logged after the answer was made.
    this.#scheduleAppend();
  }

  async #append(): Promise<void> {
    const query = this.#query;
    if (query === null) return;
    const shown = this.value ?? [];
    if (this.#isStale || shown.length === 0 || shown.length > kGrowth * (query.most ?? Infinity)) {
      return void this.#load(query);
    }
    const from = lastStepOf(shown);
    const tail = await this.#ask(query, from);
    if (tail === null) return;
    // What was not answered is asked for with the next mark.
    if (!tail.ok) this.#isMarked = true;
    else this.value = withTail(shown, tail.value, from, this.#gap);
    if (tail.ok) this.#scheduleAppend();
  }
}

/** A feed that lives as long as the component; null: out of view. */
export function useStepFeed<T extends AtStep>(query: () => StepQuery | null, fetch: FetchSteps<T>): StepFeed<T> {
  const feed = new StepFeed<T>(fetch);
  $effect(() => {
    const wanted = query();
    untrack(() => (wanted === null ? feed.pause() : feed.show(wanted)));
  });
  $effect(() => server.onChanges((changes) => feed.follow(changes)));
  $effect(() => () => feed.stop());
  return feed;
}
