// A request as a signal: what came last, whether another is under way, and what went wrong. The last
// good value stays while a new one is fetched, so that nothing flickers.
import { untrack } from 'svelte';
import type { Failure, Result } from '../base/result';

export class Resource<T> {
  value = $state.raw<T | null>(null);
  error = $state.raw<Failure | null>(null);
  isLoading = $state(false);
  #controller: AbortController | null = null;
  #key = '';

  /**
   * Starts `fetch` unless the same `key` is there or under way. A key with another `family` (the part
   * before '|') is other data: the old value is dropped at once. An effect that calls this does not run again when the
   * request fails: it would ask on and on.
   */
  load(key: string, fetch: (signal: AbortSignal) => Promise<Result<T>>): void {
    if (key === this.#key && untrack(() => this.error) === null) return;
    if (family(key) !== family(this.#key)) this.value = null;
    this.#key = key;
    void this.#run(fetch);
  }

  async #run(fetch: (signal: AbortSignal) => Promise<Result<T>>): Promise<void> {
    this.#controller?.abort();
    const controller = new AbortController();
    this.#controller = controller;
    this.isLoading = true;
    const result = await fetch(controller.signal);
    if (controller.signal.aborted) return;
    this.isLoading = false;
    if (result.ok) {
      this.value = result.value;
      this.error = null;
    } else {
      this.error = result.error;
    }
  }

  stop(): void {
    this.#controller?.abort();
    this.isLoading = false;
    this.#key = '';
  }

  /** What came is of something else than what is shown now. */
  forget(): void {
    this.stop();
    this.value = null;
    this.error = null;
  }
}

function family(key: string): string {
  const bar = key.indexOf('|');
  return bar < 0 ? key : key.slice(0, bar);
}
