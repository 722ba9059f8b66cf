// Short messages that appear over the page for a while, some with a way back ("Undo").
export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly isProblem: boolean;
  readonly action: { readonly label: string; readonly run: () => void } | null;
}

/** Long enough to read and to reach for the button. */
const kShownMs = 10_000;
const kNoticesMax = 3;

class Notices {
  list = $state.raw<readonly Notice[]>([]);
  #lastId = 0;
  readonly #timers = new Map<number, number>();

  tell(text: string, action: Notice['action'] = null, isProblem = false): void {
    const id = ++this.#lastId;
    this.list = [...this.list, { id, text, isProblem, action }].slice(-kNoticesMax);
    this.resume(id);
  }

  dismiss(id: number): void {
    this.pause(id);
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  /** While someone points at a notice it stays. */
  pause(id: number): void {
    window.clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  resume(id: number): void {
    this.pause(id);
    this.#timers.set(
      id,
      window.setTimeout(() => this.dismiss(id), kShownMs),
    );
  }
}

export const notices = new Notices();
