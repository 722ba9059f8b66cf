// A list that draws the rows in view only (base/row_slots.ts), however many it has: follows the scrolling of its
// box, and learns how high rows are as they are drawn.
import { slotsOf, type Slot } from '../base/row_slots';

/** The rows are chosen anew when the list was scrolled by this share of its view. */
const kStep = 0.25;
/** Before the box was measured, in CSS pixels. */
const kFirstView = 1000;

export class RowWindow {
  #view = $state.raw({ top: 0, height: kFirstView });
  readonly #heights = new Map<number, number>();
  /** Grows with each height that became known. */
  #measured = $state(0);
  readonly #keys = new WeakMap<Element, number>();
  readonly #observer = new ResizeObserver((entries) => this.#measure(entries));

  /** `guess` is the height of a row that was not drawn yet, in CSS pixels. */
  constructor(readonly guess: number) {}

  /** `keys` name the rows, each once; the row `kept` is drawn wherever it is. Read in an effect or a template. */
  slots(keys: readonly number[], kept: number): Slot[] {
    void this.#measured;
    const heightOf = (index: number) => this.#heights.get(keys[index] as number) ?? this.guess;
    return slotsOf(keys.length, heightOf, this.#view, keys.indexOf(kept));
  }

  /** Attached to the box that scrolls. */
  readonly box = (element: HTMLElement): (() => void) => {
    const look = () => {
      const { scrollTop: top, clientHeight: height } = element;
      const step = Math.abs(top - this.#view.top) >= height * kStep;
      if (step || height !== this.#view.height) this.#view = { top, height };
    };
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  };

  /** Attached to each row, with its key. */
  row(key: number): (element: HTMLElement) => () => void {
    return (element) => {
      this.#keys.set(element, key);
      this.#observer.observe(element);
      return () => this.#observer.unobserve(element);
    };
  }

  #measure(entries: readonly ResizeObserverEntry[]): void {
    let isNew = false;
    for (const { target } of entries) {
      const key = this.#keys.get(target);
      const height = target.getBoundingClientRect().height;
      if (key === undefined || height === 0 || this.#heights.get(key) === height) continue;
      isNew ||= height !== (this.#heights.get(key) ?? this.guess);
      this.#heights.set(key, height);
    }
    if (isNew) this.#measured++;
  }
}
