// Names beside points without overlap: the most important first, each only where no other stands. Pure.

export interface Label {
  readonly row: number;
  readonly text: string;
  readonly isStrong: boolean;
}

export interface PlacedLabel extends Label {
  readonly x: number;
  readonly y: number;
}

/** Cells of the grid that says what is taken, in CSS pixels. */
const kCell = 8;
const kHeight = 16;
const kTextMax = 28;

export function shorten(text: string): string {
  return text.length <= kTextMax ? text : `${text.slice(0, kTextMax - 1)}…`;
}

/**
 * Labels in the order of their importance; `place` says where a row's point is (null: not on the picture) and
 * `widthOf` how wide a text is. A label stands to the right of its point.
 */
export function placeLabels(
  labels: Iterable<Label>,
  place: (row: number) => { x: number; y: number } | null,
  widthOf: (text: string) => number,
  size: { width: number; height: number },
): PlacedLabel[] {
  const columns = Math.ceil(size.width / kCell);
  const rows = Math.ceil(size.height / kCell);
  const taken = new Uint8Array(Math.max(0, columns * rows));
  const placed: PlacedLabel[] = [];
  for (const label of labels) {
    const at = label.text === '' ? null : place(label.row);
    if (at === null) continue;
    const text = shorten(label.text);
    const [left, top] = [Math.floor((at.x + 6) / kCell), Math.floor((at.y - kHeight / 2) / kCell)];
    const [right, bottom] = [Math.floor((at.x + 8 + widthOf(text)) / kCell), Math.floor((at.y + kHeight / 2) / kCell)];
    if (left < 0 || top < 0 || right >= columns || bottom >= rows) continue;
    let isFree = true;
    for (let y = top; y <= bottom && isFree; y++)
      isFree = taken.subarray(y * columns + left, y * columns + right + 1).every((cell) => cell === 0);
    if (!isFree) continue;
    for (let y = top; y <= bottom; y++) taken.fill(1, y * columns + left, y * columns + right + 1);
    placed.push({ ...label, text, x: at.x + 8, y: at.y });
  }
  return placed;
}

/** Marked rows first, then rows spread evenly over the table: as many as a picture can name. */
export function labelCandidates(
  points: number,
  names: readonly string[],
  marked: Iterable<number>,
  most = 1500,
): Label[] {
  const labels: Label[] = [];
  const have = new Set<number>();
  const add = (row: number, isStrong: boolean) => {
    if (have.has(row) || labels.length >= most) return;
    have.add(row);
    labels.push({ row, text: names[row] ?? `${row}`, isStrong });
  };
  for (const row of marked) add(row, true);
  const every = Math.max(1, Math.ceil(points / most));
  for (let row = 0; row < points; row += every) add(row, false);
  return labels;
}
