// The view of the address bar as a signal. Pages read `router.view` and change it by `set`; moving to
// another page makes a step in the browser's history, and so does what a user would take back by the
// browser's button, such as a zoom; anything smaller replaces the current one.
import { kTop, placeOfState, type Place } from './place';
import { formatView, parseView } from './url';
import { viewOfPage, type Page, type View } from './view';

/** Browsers refuse more than about 100 history calls in 30 s; a slider makes more than that. */
const kWriteDelayMs = 200;

class Router {
  view = $state.raw<View>(parseView(location.pathname, location.search));
  /** Where the page begins: where it was left, if it is come back to or loaded anew. */
  place = placeOfState(history.state);
  /** Where it is scrolled to now; App says how that is found. */
  measure: () => Place = () => kTop;
  #timer = 0;

  constructor() {
    addEventListener('popstate', (event) => {
      this.#cancel();
      this.place = placeOfState(event.state);
      this.view = parseView(location.pathname, location.search);
    });
  }

  /** Changes parts of the view of this page. */
  set(change: Partial<View>): void {
    this.view = { ...this.view, ...change };
    this.#writeSoon();
  }

  /** The page was scrolled. */
  moved(): void {
    this.#writeSoon();
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
    if (view.page !== this.view.page) this.place = kTop;
    this.view = view;
    history.pushState(null, '', formatView(view));
  }

  #writeSoon(): void {
    this.#cancel();
    this.#timer = window.setTimeout(() => this.#replace(), kWriteDelayMs);
  }

  #replace(): void {
    history.replaceState(this.measure(), '', formatView(this.view));
  }

  #cancel(): void {
    window.clearTimeout(this.#timer);
    this.#timer = 0;
  }
}

export const router = new Router();
