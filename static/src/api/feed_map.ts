// Several feeds at once, one for each query.

interface Feed<Query> {
  show(query: Query): void;
  stop(): void;
}

/** The feeds that show these queries, by the same keys: those of `feeds` go on or are stopped, others are made. */
export function matchFeeds<Key, Query, One extends Feed<Query>>(
  feeds: ReadonlyMap<Key, One>,
  queries: ReadonlyMap<Key, Query>,
  make: () => One,
): ReadonlyMap<Key, One> {
  const next = new Map<Key, One>();
  for (const [key, feed] of feeds) {
    if (queries.has(key)) next.set(key, feed);
    else feed.stop();
  }
  for (const [key, query] of queries) {
    const feed = next.get(key) ?? make();
    next.set(key, feed);
    feed.show(query);
  }
  const isSame = next.size === feeds.size && [...next].every(([key, feed]) => feeds.get(key) === feed);
  return isSame ? feeds : next;
}
