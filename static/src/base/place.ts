// How far down a page is scrolled, so that it is come back to where it was left: by the first card in view, as those
// above it may be of other heights until they have been drawn.

export interface Place {
  /** Pixels. */
  readonly top: number;
  /** Which of the page's cards; -1: none is in view. */
  readonly card: number;
  /** Pixels from the upper edge of the view to that of the card. */
  readonly offset: number;
}

export const kTop: Place = { top: 0, card: -1, offset: 0 };

export function placeOf(page: HTMLElement): Place {
  if (page.scrollTop <= 0) return kTop;
  const edge = page.getBoundingClientRect().top;
  const boxes = [...page.querySelectorAll('article')].map((card) => card.getBoundingClientRect());
  const card = boxes.findIndex((box) => box.bottom > edge);
  return { top: page.scrollTop, card, offset: card < 0 ? 0 : (boxes[card] as DOMRect).top - edge };
}

/** What is above or below may come in so long after the place was found. */
const kGrowingMs = 3000;
/** What never becomes so long again, as when runs are gone. */
const kLongestMs = 60_000;
const kAgainMs = 100;

/**
 * Goes there, and again while what is above or below comes in, until somebody turns the wheel or presses anything. What it
 * gives ends that, too.
 */
export function comeTo(page: HTMLElement, place: Place): () => void {
  scrollToPlace(page, place);
  const controller = new AbortController();
  const stop = () => controller.abort();
  if (place.top === 0) return stop;
  let foundAt = 0;
  const beginAt = performance.now();
  const again = window.setInterval(() => {
    const isThere = scrollToPlace(page, place);
    if (!isThere) foundAt = 0;
    else if (foundAt === 0) foundAt = performance.now();
    const isOver = foundAt > 0 && performance.now() - foundAt > kGrowingMs;
    if (isOver || performance.now() - beginAt > kLongestMs) stop();
  }, kAgainMs);
  controller.signal.addEventListener('abort', () => window.clearInterval(again));
  for (const press of ['wheel', 'pointerdown', 'keydown'])
    window.addEventListener(press, stop, { signal: controller.signal, capture: true });
  return stop;
}

/** Whether the page is long enough for it. */
function scrollToPlace(page: HTMLElement, { top, card, offset }: Place): boolean {
  const found = page.querySelectorAll('article')[card];
  const away = () =>
    found === undefined
      ? top - page.scrollTop
      : found.getBoundingClientRect().top - page.getBoundingClientRect().top - offset;
  page.scrollBy(0, away());
  return Math.abs(away()) < 2 && (found !== undefined || card < 0);
}

/** What this page, or an older one of it, left in a step of the history. */
export function placeOfState(state: unknown): Place {
  const said = { ...kTop, ...(typeof state === 'object' ? state : {}) };
  return Object.values(said).every(Number.isFinite) ? said : kTop;
}
