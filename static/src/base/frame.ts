// One animation-frame handler for all drawing: whatever changes within a frame is drawn once, in
// the order in which it was asked for.

const pending = new Set<() => void>();
let requested = 0;

function flush(): void {
  requested = 0;
  const draws = [...pending];
  pending.clear();
  for (const draw of draws) draw();
}

/** Calls `draw` in the next frame, once, however often it is asked for. */
export function requestDraw(draw: () => void): void {
  pending.add(draw);
  if (requested === 0) requested = requestAnimationFrame(flush);
}

export function cancelDraw(draw: () => void): void {
  pending.delete(draw);
}

/** When what changes now is drawn, about: of the second frame from here on the first one is behind. */
export function afterNextFrame(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
}
