// What every page needs of the server, as signals: runs, tags, hyperparameters, findings, progress;
// and the live socket that keeps them fresh. Created once, in App.
import { assignColours, type RunColour } from '../base/colour';
import type { Failure } from '../base/result';
import { isLoading } from '../base/load';
import { router } from '../base/router.svelte';
import { textFilter } from '../base/regex';
import { theme } from '../base/theme.svelte';
import * as client from './client';
import type { Item } from './columns';
import { Live, type LiveState } from './live';
import { arrangeRuns, chosenRuns, distinctNames, replaceRuns, runsOfSubRuns, withoutSubRuns } from './run_list';
import type { Change, HparamValue, LiveMessage, Run, RunFindings, Status, Tag } from './types';

/** As TensorBoard does: more runs than this are not all switched on by themselves. */
export const kRunsOnByDefault = 500;
/** Runs are asked for again at most this often, however many commits come. */
const kRefreshIntervalMs = 1500;
/** Only the marked ones are, up to as many. */
const kMarkedRunsMax = 200;
/** All lists are, while something changes: counts of tags move without being marked. */
const kFullRefreshIntervalMs = 20_000;
const kStatusIntervalMs = 10_000;

class Server {
  status = $state.raw<Status | null>(null);
  /** All that are not deleted, archived ones too. */
  allRuns = $state.raw<readonly Run[]>([]);
  tags = $state.raw<readonly Tag[]>([]);
  hparams = $state.raw<ReadonlyMap<number, Record<string, HparamValue>>>(new Map());
  /** run -> the sub-runs in which its hyperparameters, and perhaps metrics, were logged. */
  subRuns = $state.raw<ReadonlyMap<number, readonly number[]>>(new Map());
  findings = $state.raw<ReadonlyMap<number, RunFindings>>(new Map());
  error = $state.raw<Failure | null>(null);
  isLoaded = $state(false);
  liveState = $state<LiveState>('closed');
  /** Since when no request reaches the server, in seconds since the epoch; 0: it answers. */
  lostAt = $state(0);
  /** Grows when a lost connection came back: marks may be missing, so data is asked for again. */
  resyncs = $state(0);

  /** What pages show: pinned runs first, archived ones not at all. */
  runs = $derived(arrangeRuns(this.allRuns));
  /** The same, a run and the sub-runs that hold its hyperparameters as one. */
  lines = $derived(withoutSubRuns(this.runs, this.subRuns));
  readonly #runOfSubRun = $derived(runsOfSubRuns(this.subRuns));
  colours = $derived(assignColours(this.allRuns, this.#runOfSubRun));
  runById = $derived(new Map(this.allRuns.map((run) => [run.id, run])));
  /** Names that tell the runs apart: users may give two runs the same. */
  names = $derived(distinctNames(this.allRuns));
  selectedRuns = $derived.by((): readonly Run[] => {
    const chosen = new Set(router.view.runs ?? this.lines.slice(0, kRunsOnByDefault).map((run) => run.id));
    return chosenRuns(this.runs, (run) => chosen.has(run.id), this.#runOfSubRun);
  });
  /** Selected, and matched by the filter of the picker: what pages draw. */
  shownRuns = $derived.by((): readonly Run[] => {
    const filter = textFilter(router.view.run_filter);
    return chosenRuns(
      this.selectedRuns,
      (run) => filter.matches(run.name) || filter.matches(run.path),
      this.#runOfSubRun,
    );
  });
  /** The same, a line for each. */
  shownLines = $derived(withoutSubRuns(this.shownRuns, this.subRuns));

  /** Another where what was got of a run's tag up to a step may have been replaced: it began anew, or marks are missing. */
  ageOf(run: number): string {
    return `${this.runById.get(run)?.evidence.sessions} ${this.resyncs}`;
  }

  subRunsOf(run: number): readonly number[] {
    return this.subRuns.get(run) ?? [];
  }

  /** The title of a page that has no run to show. */
  noneShown = $derived(
    this.selectedRuns.length > 0 && this.shownRuns.length === 0
      ? 'No selected run matches the filter of the run picker'
      : 'No run is selected',
  );

  readonly #changeListeners = new Set<(changes: readonly Change[]) => void>();
  readonly #itemListeners = new Set<(item: Item) => void>();
  #refreshTimer = 0;
  #isRefreshing = false;
  #fullRefreshAt = 0;
  #runsChanged = false;
  #findingsChanged = false;
  /** How often this page has changed runs: a list that was asked for before the last time does not know of it. */
  #applied = 0;
  readonly #lastSteps = new Map<string, number>();
  readonly #markedRuns = new Set<number>();
  readonly #live = new Live(
    {
      onState: (state) => {
        this.liveState = state;
        if (state === 'open') this.lostAt = 0;
        // A socket alone may be what a proxy does not let through.
        if (state === 'waiting') void this.#refreshStatus();
      },
      onMessage: (message) => this.#onMessage(message),
      onItem: (item) => this.#itemListeners.forEach((listener) => listener(item)),
      onResync: () => {
        this.resyncs++;
        void this.refresh();
      },
    },
    {
      openSocket: () => {
        const url = new URL(`${client.kBase}/live`, location.href);
        url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
        return new WebSocket(url) as Socketlike;
      },
      setTimer: (call, delayMs) => window.setTimeout(call, delayMs),
      clearTimer: (timer) => window.clearTimeout(timer),
      random: Math.random,
    },
  );

  start(): void {
    void this.refresh();
    this.#live.open();
    // While the disk is full nothing is committed, and so nothing is told.
    window.setInterval(() => void this.#refreshStatus(), kStatusIntervalMs);
  }

  async #refreshStatus(): Promise<void> {
    if (document.hidden) return;
    const status = await client.getStatus();
    if (status.ok) this.status = status.value;
    const isLost = !status.ok && status.error.status === 0;
    this.lostAt = isLost ? this.lostAt || Date.now() / 1000 : 0;
  }

  /** Asks for all lists. */
  refresh(): Promise<void> {
    this.#fullRefreshAt = 0;
    return this.#refreshLists();
  }

  async #refreshLists(): Promise<void> {
    if (this.#isRefreshing) return this.#scheduleRefresh();
    this.#isRefreshing = true;
    const isFull = performance.now() >= this.#fullRefreshAt;
    const withTags = isFull || this.#runsChanged;
    const marked = this.#takeMarkedRuns();
    // While a logdir loads, runs grow that no mark of the newest second names.
    const isLoadingRuns = this.status === null || isLoading(this.status.progress);
    const withAllRuns = withTags || isLoadingRuns || marked.length > kMarkedRunsMax;
    const withFindings = isFull || this.#findingsChanged;
    if (isFull) this.#fullRefreshAt = performance.now() + kFullRefreshIntervalMs;
    this.#runsChanged = this.#findingsChanged = false;
    const applied = this.#applied;
    if (withTags) this.#lastSteps.clear();
    const [status, runs, tags, hparams, findings] = await Promise.all([
      client.getStatus(),
      withAllRuns ? client.getRuns() : marked.length > 0 ? client.getRunsAmong(marked) : null,
      withTags ? client.getTags() : null,
      withTags ? client.getHparams() : null,
      withFindings ? client.getFindings(undefined) : null,
    ]);
    this.#isRefreshing = false;
    if (status.ok) this.status = status.value;
    if (applied !== this.#applied) {
      this.#runsChanged = true;
      this.#scheduleRefresh();
    } else if (runs?.ok) this.allRuns = withAllRuns ? runs.value : replaceRuns(this.allRuns, runs.value);
    if (tags?.ok) this.tags = tags.value;
    else this.#moveLastSteps();
    if (hparams?.ok) {
      this.hparams = new Map(hparams.value.map((one) => [one.run, one.hparams]));
      this.subRuns = new Map(
        hparams.value.flatMap(({ run, sub_runs }) => (sub_runs === undefined ? [] : [[run, sub_runs] as const])),
      );
    }
    if (findings?.ok) this.findings = new Map(findings.value.map((one) => [one.run, one]));
    const failed = [runs, tags, status].find((result) => result?.ok === false);
    this.error = failed?.ok === false ? failed.error : null;
    if (this.error !== null) this.#fullRefreshAt = 0;
    // Loading is followed also where no socket can be opened.
    if (status.ok && isLoading(status.value.progress)) this.#scheduleRefresh();
    this.isLoaded = this.isLoaded || this.error === null;
  }

  /** Runs whose marks this page wants; empty: all. */
  subscribe(runs: readonly number[]): void {
    this.#live.subscribe(runs);
  }

  onChanges(listener: (changes: readonly Change[]) => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  onItem(listener: (item: Item) => void): () => void {
    this.#itemListeners.add(listener);
    return () => this.#itemListeners.delete(listener);
  }

  watchProjection(id: number): () => void {
    this.#live.watch(id);
    return () => this.#live.unwatch(id);
  }

  runName(id: number): string {
    return this.names.get(id) ?? `run ${id}`;
  }

  runPath(id: number): string {
    return this.runById.get(id)?.path ?? '';
  }

  /** Shows at once what a change answered; the lists are asked for again by the mark of its commit. */
  applyRuns(changed: readonly Run[]): void {
    this.#applied++;
    const kept = replaceRuns(this.allRuns, changed);
    const known = new Set(kept.map((run) => run.id));
    const restored = changed.filter((run) => !known.has(run.id));
    this.allRuns = [...kept, ...restored].filter((run) => run.deleted_time === null);
  }

  colour(id: number): string {
    const colour: RunColour | undefined = this.colours.get(id);
    if (colour === undefined) return '#888888';
    return theme.dark ? colour.dark : colour.light;
  }

  dash(id: number): readonly number[] {
    return this.colours.get(id)?.dash ?? [];
  }

  #onMessage(message: LiveMessage): void {
    if (message.type !== 'changes') return;
    if (message.progress !== undefined && this.status !== null) {
      this.status = { ...this.status, progress: message.progress };
    }
    for (const listener of this.#changeListeners) listener(message.changes);
    this.#runsChanged ||= message.runs_changed;
    this.#findingsChanged ||= message.findings_changed;
    for (const change of message.changes) {
      this.#lastSteps.set(`${change.run} ${change.tag}`, change.last_step);
      this.#markedRuns.add(change.run);
    }
    // Also without runs_changed: last step, points and state of a run move with every commit.
    this.#scheduleRefresh();
  }

  #takeMarkedRuns(): readonly number[] {
    const marked = [...this.#markedRuns];
    this.#markedRuns.clear();
    return marked;
  }

  /** What the marks say of tags that are known already. */
  #moveLastSteps(): void {
    if (this.#lastSteps.size === 0) return;
    this.tags = this.tags.map((tag) => {
      const lastStep = this.#lastSteps.get(`${tag.run} ${tag.name}`);
      return lastStep !== undefined && lastStep > tag.last_step ? { ...tag, last_step: lastStep } : tag;
    });
    this.#lastSteps.clear();
  }

  #scheduleRefresh(): void {
    if (this.#refreshTimer !== 0) return;
    this.#refreshTimer = window.setTimeout(() => {
      this.#refreshTimer = 0;
      void this.#refreshLists();
    }, kRefreshIntervalMs);
  }
}

type Socketlike = import('./live').Socket;

export const server = new Server();
