// Cells of a layer x time heat map: every row has steps of its own; a pixel column shows the last
// value at or before its step, so a slow signal is not torn into dots.
import { lowerBound, nearestIndex } from '../base/search';

export interface HeatRow {
  readonly label: string;
  readonly step: Float64Array;
  readonly value: Float64Array;
}

export interface HeatScale {
  readonly min: number;
  readonly max: number;
  /** Values are shown by their log10. */
  readonly isLog: boolean;
}

function scaledValue(value: number, isLog: boolean): number {
  return isLog ? (value > 0 ? Math.log10(value) : NaN) : value;
}

/** Position on the scale in [0, 1]; NaN where there is no value. */
export function heatShare(value: number, scale: HeatScale): number {
  const scaled = scaledValue(value, scale.isLog);
  const span = scale.max - scale.min;
  return Math.min(1, Math.max(0, span > 0 ? (scaled - scale.min) / span : 0.5));
}

/** Index of the row's last value at or before `step`; -1 before the first and after the end. */
export function heatIndex(row: HeatRow, step: number): number {
  const above = lowerBound(row.step, step);
  if (row.step[above] === step) return above;
  return above === row.step.length ? -1 : above - 1;
}

/** The part of a map that has a canvas, in pixels below its top. */
export interface HeatPart {
  readonly top: number;
  readonly height: number;
}

/**
 * What of a map that begins `above` pixels above the window is drawn: the window that is scrolled to and one more on each
 * side, moved by whole windows. A canvas as high as a map of thousands of rows would be larger than browsers draw.
 */
export function partInView(above: number, height: number, windowHeight: number): HeatPart {
  const first = Math.min(Math.floor(above / windowHeight), Math.ceil(height / windowHeight) - 2);
  const top = Math.max(0, (first - 1) * windowHeight);
  return { top, height: Math.min(height - top, 3 * windowHeight) };
}

/** A row and a step of it, or of the row that it was come from. */
export interface HeatPlace {
  readonly row: number;
  readonly step: number;
}

/** Where an arrow, Home or End leads to, at first to the last step of the first row; null: it is none of these keys. */
export function walkHeat(rows: readonly HeatRow[], from: HeatPlace | null, key: string): HeatPlace | null {
  const down = { ArrowDown: 1, ArrowUp: -1 }[key];
  const along = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[key];
  if ((down === undefined && along === undefined) || rows.length === 0) return null;
  const at = from ?? { row: 0, step: rows[0]?.step.at(-1) ?? 0 };
  const row = Math.min(rows.length - 1, Math.max(0, at.row + (from === null ? 0 : (down ?? 0))));
  const steps = rows[row]?.step ?? new Float64Array(0);
  if (from === null || along === undefined || steps.length === 0) return { row, step: at.step };
  const index = heatIndex(rows[row] as HeatRow, at.step);
  const next = (index < 0 ? nearestIndex(steps, at.step) : index) + along;
  return { row, step: steps[Math.min(steps.length - 1, Math.max(0, next))] as number };
}

export function heatScale(rows: readonly HeatRow[], isLog: boolean, fixed: [number, number] | null): HeatScale {
  if (fixed !== null) return { min: fixed[0], max: fixed[1], isLog };
  let min = Infinity;
  let max = -Infinity;
  for (const row of rows) {
    for (const value of row.value) {
      const scaled = scaledValue(value, isLog);
      if (!Number.isFinite(scaled)) continue;
      min = Math.min(min, scaled);
      max = Math.max(max, scaled);
    }
  }
  return min <= max ? { min, max, isLog } : { min: 0, max: 1, isLog };
}
