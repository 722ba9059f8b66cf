// Which maps are computed without being asked for. The newest checkpoint's is asked for before its step is known,
// since the list of checkpoints comes beside it: once it does, the map that came is not asked for again. Pure.

export class QuickStart {
  #key = '';
  #step: number | null = null;

  /** The next map is another, whatever it is. */
  forget(): void {
    this.#key = '';
  }

  /**
   * Whether the map of `key` at `step` (null: the newest, which is not known yet) is another than the last one of which
   * this was asked; it counts as asked for from then on. `shown` is the step of the map that came, undefined before.
   */
  isDue(key: string, step: number | null, shown: number | undefined, isStarting: boolean): boolean {
    if (key === this.#key) {
      if (step === null || step === this.#step) return false;
      if (this.#step === null && isStarting) return false;
      if (this.#step === null && step === shown) {
        this.#step = step;
        return false;
      }
    }
    this.#key = key;
    this.#step = step;
    return true;
  }
}
