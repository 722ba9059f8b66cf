// The view of the address bar as a signal. Pages read `router.view` and change it by `set`; moving to
// another page makes a step in the browser's history, and so does what a user would take back by the
// browser's button, such as a zoom; anything smaller replaces the current one.
import { formatView, parseView } from './url';
import { viewOfPage, type Page, type View } from './view';

/** Browsers refuse more than about 100 history calls in 30 s; a slider makes more than that. */
const kWriteDelayMs = 200;

class Router {
  view = $state.raw<View>(parseView(location.pathname, location.search));
  /** How far down the page is scrolled, in pixels; where it is come back to, how far it was when it was left for another. */
  top = 0;
  #timer = 0;

  constructor() {
    addEventListener('popstate', (event) => {
      this.#cancel();
      this.top = topOf(event.state);
      this.view = parseView(location.pathname, location.search);
    });
  }

  /** Changes parts of the view of this page. */
  set(change: Partial<View>): void {
    this.view = { ...this.view, ...change };
    this.#cancel();
    this.#timer = window.setTimeout(() => this.#replace(), kWriteDelayMs);
  }

  /** Goes to a page; `own` is what that page should show. */
  go(page: Page, own: Partial<View> = {}): void {
    this.#push(viewOfPage(this.view, page, own));
  }

  /** Changes parts of the view of this page, as a step that the browser's button takes back. */
  step(change: Partial<View>): void {
    this.#push({ ...this.view, ...change });
  }

  /** For links, so that they open in a new tab too. */
  href(page: Page, own: Partial<View> = {}): string {
    return formatView(viewOfPage(this.view, page, own));
  }

  #push(view: View): void {
    if (formatView(view) === formatView(this.view)) return;
    this.#cancel();
    this.#replace();
    if (view.page !== this.view.page) this.top = 0;
    this.view = view;
    history.pushState(null, '', formatView(view));
  }

  #replace(): void {
    history.replaceState({ top: this.top }, '', formatView(this.view));
  }

  #cancel(): void {
    window.clearTimeout(this.#timer);
    this.#timer = 0;
  }
}

/** What this page, or an older one of it, left in a step of the history. */
function topOf(state: unknown): number {
  const top = typeof state === 'object' && state !== null && 'top' in state ? Number(state.top) : 0;
  return Number.isFinite(top) ? top : 0;
}

export const router = new Router();
