// The last value of some tags for many runs, or the best: three rows per series are enough, since first and last
// point are always rows of their own, and every row knows the extremes of its points.
import { askEach } from '../base/ask_each';
import { betterDirection } from '../base/metric_names';
import type { Series } from '../base/series';
import { extent } from '../base/stats';
import * as client from './client';

/** Asked again at most this often while runs are training. */
const kIntervalMs = 4000;

/** Of a series: the last value; or the best, where the name of its tag tells which is. */
function valueOf({ tag, mean, min, max }: Series, isBest: boolean): number | undefined {
  const direction = isBest ? betterDirection(tag) : 'none';
  const best = direction === 'none' ? null : extent(direction === 'lower' ? [min] : [max]);
  if (best !== null) return direction === 'lower' ? best.min : best.max;
  return mean[mean.length - 1];
}

export class FinalValues {
  /** run -> tag -> value */
  values = $state.raw<ReadonlyMap<number, ReadonlyMap<string, number>>>(new Map());
  #key = '';
  #timer = 0;
  #askedAt = -Infinity;
  /** How often was to be asked. */
  #attempt = 0;
  #controller = new AbortController();
  #underWay: Promise<void> = Promise.resolve();

  show(runs: readonly number[], tags: readonly string[], version: number, isBest = false): void {
    const key = `${runs.join()}|${isBest}|${tags.join('\n')}`;
    window.clearTimeout(this.#timer);
    const wait = key === this.#key ? Math.max(0, this.#askedAt + kIntervalMs - performance.now()) : 0;
    void version;
    this.#timer = window.setTimeout(() => void this.#load(runs, tags, isBest, key), wait);
  }

  stop(): void {
    window.clearTimeout(this.#timer);
    this.#controller.abort();
  }

  /** Of the run, or of the newest of its sub-runs that has the metric. */
  of(run: number, subRuns: readonly number[], tag: string): number | undefined {
    return [run, ...[...subRuns].reverse()]
      .map((id) => this.values.get(id)?.get(tag))
      .find((value) => value !== undefined);
  }

  async #load(runs: readonly number[], tags: readonly string[], isBest: boolean, key: string): Promise<void> {
    const attempt = ++this.#attempt;
    // Nobody looks at the others any more; a server that is slow with the same is not asked for them twice at a time.
    if (key !== this.#key) this.#controller.abort();
    await this.#underWay;
    if (attempt !== this.#attempt) return;
    this.#key = key;
    this.#askedAt = performance.now();
    this.#controller = new AbortController();
    this.#underWay = this.#ask(runs, tags, isBest, this.#controller.signal);
  }

  async #ask(runs: readonly number[], tags: readonly string[], isBest: boolean, signal: AbortSignal): Promise<void> {
    const parts = Array.from({ length: Math.ceil(runs.length / client.kRunsPerRequest) }, (_, i) =>
      runs.slice(i * client.kRunsPerRequest, (i + 1) * client.kRunsPerRequest),
    );
    const queries = tags.flatMap((tag) => parts.map((run) => ({ run, tag, rows: 3 })));
    const answers = await askEach(queries, (query) => client.getScalars(query, signal), signal);
    if (signal.aborted) return;
    // What could not be asked for anew stays as it was.
    const isWhole = answers.every((answer) => answer.ok);
    const known = isWhole ? [] : [...this.values].map(([run, ofRun]) => [run, new Map(ofRun)] as const);
    const values = new Map<number, Map<string, number>>(known);
    for (const answer of answers) {
      if (!answer.ok) continue;
      for (const series of answer.value) {
        const value = valueOf(series, isBest);
        if (value === undefined) continue;
        const ofRun = values.get(series.run) ?? new Map<string, number>();
        ofRun.set(series.tag, value);
        values.set(series.run, ofRun);
      }
    }
    this.values = values;
  }
}
