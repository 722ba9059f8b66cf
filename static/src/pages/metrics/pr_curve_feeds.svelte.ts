// The PR curves of a tag in several runs: of each run which steps have one, kept fresh, and the curve that is shown.
import { untrack } from 'svelte';
import * as client from '../../api/client';
import type { Item } from '../../api/columns';
import { matchFeeds } from '../../api/feed_map';
import type { ValueInfo } from '../../api/media_types';
import { Resource } from '../../api/resource.svelte';
import { server } from '../../api/server.svelte';
import { StepFeed, type StepQuery } from '../../api/step_feed.svelte';
import type { Change } from '../../api/types';
import { stepIndex } from '../../base/chosen_steps';
import { stepsOf } from '../../base/sample_choice.svelte';

export interface PrCurveQuery extends StepQuery {
  /** The step that is shown; -1: the last. */
  step: number;
}

export class PrCurveFeed {
  #query = $state.raw<PrCurveQuery | null>(null);
  #list = new StepFeed<ValueInfo>((query, from, signal) => client.listPrCurves({ ...query, from }, signal));
  #curves = new Resource<readonly Item[]>();
  readonly steps = $derived(stepsOf(this.#list.value));
  /** Place of the shown step in `steps`. */
  readonly at = $derived(stepIndex(this.steps, this.#query?.step ?? -1));
  #info = $derived(this.#list.value?.filter((one) => one.step === this.steps[this.at]).at(-1));
  /** While the next curve is on its way, the last one stays; null where there is none. */
  readonly item = $derived(this.#info === undefined ? null : (this.#curves.value?.at(-1) ?? null));
  readonly error = $derived(this.#list.error ?? this.#curves.error);
  readonly isLoaded = $derived(this.#list.value !== null && (this.#info === undefined || this.item !== null));

  show(query: PrCurveQuery): void {
    this.#query = query;
    this.#list.show(query);
  }

  /** An effect calls it: asks for the curve of the shown step, once that is known. */
  loadCurve(): void {
    const [query, info] = [this.#query, this.#info];
    if (query === null || info === undefined) return;
    const key = `curve|${info.step} ${info.wall_time} ${info.bytes} ${query.age}`;
    this.#curves.load(key, (signal) => client.getPrCurvesAt(query.run, query.tag, info.step, signal));
  }

  retry(): void {
    if (this.#list.error !== null) this.#list.reload();
    if (this.#curves.error !== null) this.loadCurve();
  }

  follow(changes: readonly Change[]): void {
    this.#list.follow(changes);
  }

  pause(): void {
    this.#list.pause();
  }

  stop(): void {
    this.#list.stop();
    this.#curves.stop();
  }
}

/** A feed for each run, as long as the component lives; null: out of view. */
export function usePrCurveFeeds(queries: () => readonly PrCurveQuery[] | null): {
  readonly feeds: ReadonlyMap<number, PrCurveFeed>;
} {
  let feeds = $state.raw<ReadonlyMap<number, PrCurveFeed>>(new Map());
  const each = (visit: (feed: PrCurveFeed) => void) => untrack(() => feeds).forEach(visit);
  $effect(() => {
    const wanted = queries();
    untrack(() => {
      if (wanted === null) return void each((feed) => feed.pause());
      feeds = matchFeeds(feeds, new Map(wanted.map((query) => [query.run, query])), () => new PrCurveFeed());
    });
  });
  $effect(() => {
    if (queries() !== null) feeds.forEach((feed) => feed.loadCurve());
  });
  $effect(() => server.onChanges((changes) => each((feed) => feed.follow(changes))));
  $effect(() => () => each((feed) => feed.stop()));
  return {
    get feeds() {
      return feeds;
    },
  };
}
