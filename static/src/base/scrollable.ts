// Svelte action: a box that is too small for what it holds can be scrolled by keys too. Not every browser lets the
// keyboard into one that holds nothing to press.

const kPressable = 'a[href], button, input, select, textarea, [tabindex="0"]';

export function scrollable(box: HTMLElement, label: string) {
  const setFocusable = () => {
    const isCut = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
    const isFocusable = isCut && box.querySelector(kPressable) === null;
    for (const [name, value] of Object.entries({ tabindex: '0', role: 'region', 'aria-label': label })) {
      if (isFocusable) box.setAttribute(name, value);
      else box.removeAttribute(name);
    }
  };
  const observer = new ResizeObserver(setFocusable);
  observer.observe(box);
  for (const child of box.children) observer.observe(child);
  return {
    update: (next: string) => {
      label = next;
      setFocusable();
    },
    destroy: () => observer.disconnect(),
  };
}
