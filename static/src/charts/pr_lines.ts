// Precision over recall: which point of which curve is meant, and how curves are drawn. The drawing takes
// any place-to-pixel functions, so that the rest needs no canvas.

export interface PrLine {
  readonly id: string;
  readonly label: string;
  readonly colour: string;
  readonly dash: readonly number[];
  /** Ascending. */
  readonly threshold: Float64Array;
  readonly recall: Float64Array;
  readonly precision: Float64Array;
  readonly truePositives: Float64Array;
  readonly falsePositives: Float64Array;
  readonly trueNegatives: Float64Array;
  readonly falseNegatives: Float64Array;
}

export interface Place {
  readonly x: (recall: number) => number;
  readonly y: (precision: number) => number;
}

/** The row whose threshold is nearest; -1 of an empty curve. */
export function rowAtThreshold(line: PrLine, threshold: number): number {
  let best = -1;
  let distance = Infinity;
  line.threshold.forEach((value, i) => {
    const away = Math.abs(value - threshold);
    if (away < distance) [best, distance] = [i, away];
  });
  return best;
}

/** The threshold of the point nearest to a place on the screen, over all curves; null without points. */
export function nearestThreshold(lines: readonly PrLine[], place: Place, x: number, y: number): number | null {
  let found: number | null = null;
  let distance = Infinity;
  for (const line of lines) {
    for (let i = 0; i < line.threshold.length; i++) {
      const dx = place.x(line.recall[i] as number) - x;
      const dy = place.y(line.precision[i] as number) - y;
      const away = dx * dx + dy * dy;
      if (away < distance) [found, distance] = [line.threshold[i] as number, away];
    }
  }
  return found;
}

/** The threshold `by` rows further along the first curve; the first step from no choice is to its middle. */
export function moveThreshold(lines: readonly PrLine[], threshold: number | null, by: number): number | null {
  const line = lines.find((one) => one.threshold.length > 0);
  if (line === undefined) return null;
  const rows = line.threshold.length;
  const begin = threshold === null ? Math.floor(rows / 2) : rowAtThreshold(line, threshold);
  const row = threshold === null && Number.isFinite(by) ? begin : begin + by;
  return line.threshold[Math.min(rows - 1, Math.max(0, row))] as number;
}

/** The place of all of a curve's points, where that is one: a classifier that finds nothing draws no line. */
export function onlyPlace({ recall, precision }: PrLine): { recall: number; precision: number } | null {
  const finite = [...recall.keys()].filter((i) => Number.isFinite(recall[i]) && Number.isFinite(precision[i]));
  const [first] = finite;
  if (first === undefined) return null;
  const isSame = (i: number) => recall[i] === recall[first] && precision[i] === precision[first];
  return finite.every(isSame) ? { recall: recall[first] as number, precision: precision[first] as number } : null;
}

/** Curves with a gap where a value is not finite, and a dot at the chosen threshold of each, or at all of a curve. */
export function drawPrLines(
  context: CanvasRenderingContext2D,
  lines: readonly PrLine[],
  place: Place,
  threshold: number | null,
  ratio: number,
  surface: string,
): void {
  context.lineJoin = 'round';
  context.lineWidth = 1.7 * ratio;
  for (const line of lines) {
    context.strokeStyle = line.colour;
    context.setLineDash(line.dash.map((length) => length * ratio));
    context.beginPath();
    let isPenDown = false;
    for (let i = 0; i < line.threshold.length; i++) {
      const [x, y] = [place.x(line.recall[i] as number), place.y(line.precision[i] as number)];
      const isFinite = Number.isFinite(x) && Number.isFinite(y);
      if (isFinite && isPenDown) context.lineTo(x, y);
      else if (isFinite) context.moveTo(x, y);
      isPenDown = isFinite;
    }
    context.stroke();
    const only = onlyPlace(line);
    if (only === null) continue;
    context.fillStyle = line.colour;
    context.beginPath();
    context.arc(place.x(only.recall), place.y(only.precision), 3 * ratio, 0, 2 * Math.PI);
    context.fill();
  }
  context.setLineDash([]);
  if (threshold === null) return;
  context.strokeStyle = surface;
  for (const line of lines) {
    const row = rowAtThreshold(line, threshold);
    const [x, y] = [place.x(line.recall[row] ?? NaN), place.y(line.precision[row] ?? NaN)];
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    context.fillStyle = line.colour;
    context.beginPath();
    context.arc(x, y, 4.5 * ratio, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }
}
