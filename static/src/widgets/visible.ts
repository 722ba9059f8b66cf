// Svelte action: says when an element comes near the view or leaves it, so that a page of hundreds of
// charts asks only for those that are seen.

export function visible(element: HTMLElement, onVisible: (isVisible: boolean) => void) {
  const observer = new IntersectionObserver(
    (entries) => onVisible(entries[entries.length - 1]?.isIntersecting ?? false),
    { rootMargin: '300px' },
  );
  observer.observe(element);
  return { destroy: () => observer.disconnect() };
}
