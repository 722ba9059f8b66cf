// Cells of a layer x time heat map: every row has steps of its own; a pixel column shows the last
// value at or before its step, so a slow signal is not torn into dots.
import { lowerBound } from '../base/search';

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

export function scaledValue(value: number, isLog: boolean): number {
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
