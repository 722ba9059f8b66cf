// The series of one tag over some runs, kept fresh: loads, follows the live marks by asking only for
// what lies behind the last step, and loads anew when old steps change or the tail has grown long.
import { untrack } from 'svelte';
import type { Failure } from '../base/result';
import { lastStep, mergeSeries, type Series } from '../base/series';
import * as client from './client';
import { goesBack } from './marks';
import { server } from './server.svelte';
import type { Change } from './types';

const kAppendIntervalMs = 500;
/** Rows of all series of one chart together: what a canvas can draw in a frame. */
const kRowsOfChart = 100_000;
/** Many runs go in several requests: the API takes 1000, and a URL has its limits too. */
const kRunsOfRequest = 500;

export interface FeedQuery {
  tag: string;
  runs: readonly number[];
  zoom: { from: number; to: number } | null;
  /** Rows per series that the chart has pixels for. */
  rows: number;
}

function rowsFor(query: FeedQuery): number {
  const share = Math.floor(kRowsOfChart / Math.max(1, query.runs.length));
  return Math.max(50, Math.min(10_000, query.rows, share));
}

export class ScalarFeed {
  series = $state.raw<readonly Series[]>([]);
  error = $state.raw<Failure | null>(null);
  isLoading = $state(false);
  isLoaded = $state(false);
  #query: FeedQuery | null = null;
  #controller: AbortController | null = null;
  #isAppending = false;
  #isPaused = false;
  #timer = 0;
  #isStale = false;
  readonly #marked = new Set<number>();
  /** The last step that a mark has told of, by run. */
  readonly #told = new Map<number, number>();

  /** Shows this query from now on; the same one again is not asked for twice. */
  show(query: FeedQuery): void {
    const old = this.#query;
    this.#query = query;
    this.#isPaused = false;
    const isSame = old !== null && this.error === null && JSON.stringify(old) === JSON.stringify(query);
    if (!isSame) void this.#load(query);
    else this.#scheduleAppend();
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
    this.#controller?.abort();
    this.#query = null;
    this.isLoading = false;
  }

  /** Marks of the live socket: appends what they speak of. */
  follow(changes: readonly Change[]): void {
    const query = this.#query;
    if (query === null) return;
    const runs = new Set(query.runs);
    for (const change of changes) {
      if (change.tag !== query.tag || !runs.has(change.run)) continue;
      this.#isStale ||= this.#goesBack(change);
      this.#told.set(change.run, change.last_step);
      this.#marked.add(change.run);
    }
    this.#scheduleAppend();
  }

  #goesBack(change: Change): boolean {
    const told = this.#told.get(change.run);
    const shown = this.isLoading ? undefined : this.series.find((one) => one.run === change.run);
    return goesBack(change, told, shown === undefined ? -Infinity : lastStep(shown));
  }

  /** A server commits up to ten times a second; a curve need not be asked for that often. */
  #scheduleAppend(): void {
    if (this.#timer !== 0 || this.#isPaused || this.isLoading || this.#marked.size === 0) return;
    this.#timer = window.setTimeout(() => {
      this.#timer = 0;
      void this.#append();
    }, kAppendIntervalMs);
  }

  async #load(query: FeedQuery): Promise<void> {
    this.#controller?.abort();
    const controller = new AbortController();
    this.#controller = controller;
    this.#marked.clear();
    this.#isStale = false;
    this.isLoading = true;
    const requests: ReturnType<typeof client.getScalars>[] = [];
    for (let i = 0; i < Math.max(1, query.runs.length); i += kRunsOfRequest) {
      requests.push(this.#fetch(query, query.runs.slice(i, i + kRunsOfRequest), query.zoom?.from, controller.signal));
    }
    const answers = await Promise.all(requests);
    if (controller.signal.aborted) return;
    this.isLoading = false;
    this.isLoaded = true;
    const failed = answers.find((answer) => !answer.ok);
    this.error = failed !== undefined && !failed.ok ? failed.error : null;
    if (this.error !== null) return;
    this.series = answers.flatMap((answer) => (answer.ok ? answer.value : []));
    // What was marked meanwhile may have been logged after the answer was made.
    this.#scheduleAppend();
  }

  #fetch(query: FeedQuery, run: readonly number[], from: number | undefined, signal: AbortSignal) {
    const to = query.zoom?.to;
    return client.getScalars({ run, tag: query.tag, rows: rowsFor(query), from, to }, signal);
  }

  async #append(): Promise<void> {
    const query = this.#query;
    if (this.#isAppending || this.isLoading || this.#isPaused || query === null || this.#marked.size === 0) return;
    const grown = this.series.some((one) => one.step.length > 2.5 * rowsFor(query));
    if (this.#isStale || grown || this.#marked.size > kRunsOfRequest) return void this.#load(query);
    const runs = [...this.#marked];
    this.#marked.clear();
    let from = Infinity;
    for (const run of runs) {
      const shown = this.series.find((one) => one.run === run);
      from = Math.min(from, shown === undefined ? -1 : lastStep(shown));
    }
    if (query.zoom !== null && from >= query.zoom.to) return;
    this.#isAppending = true;
    const controller = this.#controller ?? new AbortController();
    const after = Math.max(from + 1, query.zoom?.from ?? 0);
    const tails = await this.#fetch(query, runs, after, controller.signal);
    this.#isAppending = false;
    if (controller.signal.aborted || query !== this.#query) return;
    // What was not answered is asked for with the next mark.
    if (!tails.ok) return runs.forEach((run) => this.#marked.add(run));
    this.series = mergeSeries(this.series, tails.value);
    this.#scheduleAppend();
  }
}

/** A feed that lives as long as the component: follows marks, loads anew after a reconnect. */
export function useScalarFeed(query: () => FeedQuery | null): ScalarFeed {
  const feed = new ScalarFeed();
  $effect(() => {
    const wanted = query();
    untrack(() => (wanted === null ? feed.pause() : feed.show(wanted)));
  });
  $effect(() => server.onChanges((changes) => feed.follow(changes)));
  $effect(() => {
    if (server.resyncs > 0) untrack(() => feed.reload());
  });
  $effect(() => () => feed.stop());
  return feed;
}
