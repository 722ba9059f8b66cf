// The view of the address bar as a signal. Pages read `router.view` and change it by `set`; moving to
// another page makes a step in the browser's history, anything smaller replaces the current one.
import { formatView, parseView, viewOfPage, type Page, type View } from './url';

/** Browsers refuse more than about 100 history calls in 30 s; a slider makes more than that. */
const kWriteDelayMs = 200;

class Router {
  view = $state.raw<View>(parseView(location.pathname, location.search));
  #timer = 0;

  constructor() {
    addEventListener('popstate', () => {
      this.#cancel();
      this.view = parseView(location.pathname, location.search);
    });
  }

  /** Changes parts of the view of this page. */
  set(change: Partial<View>): void {
    this.view = { ...this.view, ...change };
    this.#cancel();
    this.#timer = window.setTimeout(() => {
      history.replaceState(null, '', formatView(this.view));
    }, kWriteDelayMs);
  }

  /** Goes to a page; `own` is what that page should show. */
  go(page: Page, own: Partial<View> = {}): void {
    if (this.#timer !== 0) history.replaceState(null, '', formatView(this.view));
    this.#cancel();
    this.view = viewOfPage(this.view, page, own);
    history.pushState(null, '', formatView(this.view));
  }

  /** For links, so that they open in a new tab too. */
  href(page: Page, own: Partial<View> = {}): string {
    return formatView(viewOfPage(this.view, page, own));
  }

  #cancel(): void {
    window.clearTimeout(this.#timer);
    this.#timer = 0;
  }
}

export const router = new Router();
