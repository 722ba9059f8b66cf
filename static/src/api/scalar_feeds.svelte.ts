// Several tags in one chart: a feed for each, made and stopped as the chart's tags come and go.
import { untrack } from 'svelte';
import type { Failure } from '../base/result';
import type { Series } from '../base/series';
import { matchFeeds } from './feed_map';
import { ScalarFeed, type FeedQuery } from './scalar_feed.svelte';
import { server } from './server.svelte';

export class ScalarFeeds {
  #feeds = $state.raw<ReadonlyMap<string, ScalarFeed>>(new Map());
  series = $derived.by((): readonly Series[] => [...this.#feeds.values()].flatMap((feed) => feed.series));
  error = $derived.by(
    (): Failure | null => [...this.#feeds.values()].find((feed) => feed.error !== null)?.error ?? null,
  );
  isLoaded = $derived.by(() => [...this.#feeds.values()].every((feed) => feed.isLoaded));
  isLoading = $derived.by(() => [...this.#feeds.values()].some((feed) => feed.isLoading));

  /** Shows these queries, one per tag, from now on. */
  show(queries: readonly FeedQuery[]): void {
    this.#feeds = matchFeeds(this.#feeds, new Map(queries.map((query) => [query.tag, query])), () => new ScalarFeed());
  }

  each(visit: (feed: ScalarFeed) => void): void {
    this.#feeds.forEach(visit);
  }
}

/** Feeds that live as long as the component; null: out of view. */
export function useScalarFeeds(queries: () => readonly FeedQuery[] | null): ScalarFeeds {
  const feeds = new ScalarFeeds();
  $effect(() => {
    const wanted = queries();
    untrack(() => (wanted === null ? feeds.each((feed) => feed.pause()) : feeds.show(wanted)));
  });
  $effect(() => server.onChanges((changes) => feeds.each((feed) => feed.follow(changes))));
  $effect(() => {
    if (server.resyncs > 0) untrack(() => feeds.each((feed) => feed.reload()));
  });
  $effect(() => () => untrack(() => feeds.each((feed) => feed.stop())));
  return feeds;
}
