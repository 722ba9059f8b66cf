// The step and sample that a card shows, read from and written to the address bar.
import { chosenStep, stepIndex, withChosenStep } from './chosen_steps';
import { router } from './router.svelte';

export class SampleChoice {
  readonly #chosen = $derived.by(() => chosenStep(router.view.at, this.run(), this.tag()));
  readonly #list = $derived.by(() => this.steps());
  /** Place of the shown step in `steps`; -1 where there is none. */
  readonly at = $derived(stepIndex(this.#list, this.#chosen.step));
  /** The shown step; NaN where there is none. */
  readonly step = $derived(this.#list[this.at] ?? NaN);
  readonly index = $derived(this.#chosen.index);

  constructor(
    private readonly run: () => number,
    private readonly tag: () => string,
    /** Ascending, each once. */
    private readonly steps: () => readonly number[],
  ) {}

  /** The last place follows the run while it grows. */
  choose(at: number): void {
    const isLast = at >= this.#list.length - 1;
    this.#set(isLast ? -1 : (this.#list[at] ?? -1), this.#chosen.index);
  }

  chooseIndex(index: number): void {
    this.#set(this.#chosen.step, index);
  }

  #set(step: number, index: number): void {
    router.set({ at: withChosenStep(router.view.at, this.run(), this.tag(), { step, index }) });
  }
}

/** The steps of a list of samples, each once. */
export function stepsOf(samples: readonly { step: number }[] | null): number[] {
  return [...new Set((samples ?? []).map((one) => one.step))].sort((a, b) => a - b);
}
