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

/** A page that nobody sees draws no frame, and a busy machine few. */
const kDrawnMaxMs = 600;

/** When what changes now is on the screen: a browser begins no fourth frame while the first is being drawn. */
export function afterDrawn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, kDrawnMaxMs);
    const count = (left: number) => (left === 0 ? resolve() : requestAnimationFrame(() => count(left - 1)));
    count(4);
  });
}
