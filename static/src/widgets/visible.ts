// Svelte action: says when an element comes near the view or leaves it, so that a page of hundreds of
// charts asks only for those that are seen.

/** Pixels above and below the view. */
const kNear = 300;

export function visible(element: HTMLElement, onVisible: (isVisible: boolean) => void) {
  const observer = new IntersectionObserver(
    (entries) => onVisible(entries[entries.length - 1]?.isIntersecting ?? false),
    // What the page's own scroller hides is near the window's edge for no margin of the window.
    { root: element.closest('main'), rootMargin: `${kNear}px` },
  );
  observer.observe(element);
  return { destroy: () => observer.disconnect() };
}
