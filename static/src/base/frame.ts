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

/** When what changes now is on the screen: a browser begins no fourth frame while the first is being drawn. */
export async function afterDrawn(): Promise<void> {
  for (let frame = 0; frame < 4; frame++) await new Promise((resolve) => requestAnimationFrame(resolve));
}
