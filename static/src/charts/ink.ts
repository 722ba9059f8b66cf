// What every canvas needs: device pixels, and the page's colours as CSS knows them.

export interface Ink {
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  readonly axis: string;
  readonly surface: string;
  readonly accent: string;
  readonly critical: string;
  readonly font: string;
}

/** Reads the custom properties of src/style.css; call again when the theme changes. */
export function readInk(element: Element): Ink {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: read('--text'),
    muted: read('--text-muted'),
    grid: read('--grid'),
    axis: read('--line-strong'),
    surface: read('--surface'),
    accent: read('--accent'),
    critical: read('--critical'),
    font: '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  };
}

/** Sizes a canvas for the screen's pixels and returns a context that draws in CSS pixels. */
export function prepareCanvas(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio || 1;
  const deviceWidth = Math.max(1, Math.round(width * ratio));
  const deviceHeight = Math.max(1, Math.round(height * ratio));
  if (canvas.width !== deviceWidth) canvas.width = deviceWidth;
  if (canvas.height !== deviceHeight) canvas.height = deviceHeight;
  const context = canvas.getContext('2d');
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  context?.clearRect(0, 0, width, height);
  return context;
}

/** Svelte action: calls back with the element's inner size, at once and on every change. */
export function sized(element: HTMLElement, onSize: (width: number, height: number) => void) {
  const observer = new ResizeObserver(() => onSize(element.clientWidth, element.clientHeight));
  observer.observe(element);
  onSize(element.clientWidth, element.clientHeight);
  return { destroy: () => observer.disconnect() };
}

/** Svelte action: calls back with whether any part of the element is in view, on every change. */
export function seen(element: HTMLElement, onSeen: (isSeen: boolean) => void) {
  const observer = new IntersectionObserver((entries) => onSeen(entries.at(-1)?.isIntersecting ?? false));
  observer.observe(element);
  return { destroy: () => observer.disconnect() };
}
