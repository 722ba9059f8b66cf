// How strongly each point is drawn, from what is looked at. Pure.
import { kFaded, kHidden, kMarked } from '../../gl/emphasis';

export interface Focus {
  readonly points: number;
  /** -1: none. */
  readonly picked: number;
  readonly neighbours: readonly number[];
  readonly selected: Uint32Array | null;
  readonly found: Uint32Array | null;
  readonly isIsolated: boolean;
}

/** How strongly each point is drawn: what is looked at in front, the rest faded, or hidden when isolated. */
export function emphasise({ points, picked, neighbours, selected, found, isIsolated }: Focus): Uint8Array {
  const marks = new Uint8Array(points);
  const focus = picked >= 0 ? [picked, ...neighbours] : (selected ?? found);
  const isHiding = isIsolated && selected !== null;
  if (focus === null && !isHiding) return marks;
  marks.fill(isHiding ? kHidden : kFaded);
  // Within an isolated selection the rest of it stays, faded only beside what is looked at.
  if (isHiding) for (const row of selected) if (row < points) marks[row] = picked >= 0 || found !== null ? kFaded : 0;
  const inFront = picked >= 0 ? focus : isHiding ? found : focus;
  for (const row of inFront ?? []) if (row < points && marks[row] !== kHidden) marks[row] = kMarked;
  if (picked >= 0 && picked < points) marks[picked] = kMarked;
  return marks;
}
