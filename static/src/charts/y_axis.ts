// Where the ticks of an axis of values are, and how they are written. Pure.
import { format } from 'd3-format';
import { formatValue } from '../base/format';
import { niceTicks, type Range } from '../base/stats';

/** Pixels between two ticks, about, and at least. */
const kSpace = 40;
const kSpaceMin = 26;
/** That formatValue writes at least. */
const kDigits = 4;

/** 1, 2, 5 and their decades, or powers of ten where there are many decades. */
export function logTicks(range: Range): number[] {
  const decades = Math.log10(range.max) - Math.log10(range.min);
  const mantissas =
    decades <= 1 ? [1, 1.5, 2, 3, 4, 5, 6, 8] : decades <= 2 ? [1, 2, 3, 5] : decades <= 3 ? [1, 2, 5] : [1];
  const stride = Math.max(1, Math.ceil(decades / 8));
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(range.min)); power <= Math.log10(range.max); power++) {
    if (power % stride !== 0) continue;
    for (const mantissa of mantissas) {
      const tick = mantissa * 10 ** power;
      if (tick >= range.min && tick <= range.max) ticks.push(tick);
    }
  }
  return ticks;
}

/** Round numbers come in steps of 1, 2 and 5: where they come out too few or too close, the next step is taken. */
function linearTicks(range: Range, height: number): number[] {
  const about = Math.max(2, height / kSpace);
  const most = height / kSpaceMin;
  const ticks = niceTicks(range, about);
  if (ticks.length > most) return niceTicks(range, about / 1.5);
  const finer = ticks.length < 3 ? niceTicks(range, about * 1.5) : ticks;
  return finer.length > most && ticks.length > 1 ? ticks : finer;
}

/** `height` in pixels. */
export function yTicks(range: Range, height: number, isLog: boolean): number[] {
  const ticks = isLog ? logTicks(range) : [];
  // A tenth of a decade may hold none of the round numbers.
  return ticks.length > 1 ? ticks : linearTicks(range, height);
}

/** Powers of ten, of which some are written as such: then all large ones are. */
function isManyDecades(ticks: readonly number[]): boolean {
  const isPower = (tick: number) => tick > 0 && Math.abs(Math.log10(tick) - Math.round(Math.log10(tick))) < 1e-9;
  return ticks.some((tick) => tick >= 1e7) && ticks.every(isPower);
}

/** As values elsewhere, but with the digits that tell ticks apart: between 0.99991 and 0.99995 four do not. */
export function yLabels(ticks: readonly number[]): string[] {
  const gap = ticks.reduce(
    (least, tick, i) => (i === 0 ? least : Math.min(least, tick - (ticks[i - 1] as number))),
    Infinity,
  );
  const isTold = (digits: number) =>
    ticks.every((tick) => Math.abs(Number(tick.toPrecision(digits)) - tick) <= gap / 20);
  let digits = kDigits;
  while (digits < 17 && !isTold(digits)) digits++;
  if (isManyDecades(ticks))
    return ticks.map((tick) => (tick < 1e4 ? formatValue(tick) : `1e${Math.round(Math.log10(tick))}`));
  return ticks.map(digits === kDigits ? formatValue : (tick) => format(`,.${digits}~g`)(tick).replace('e+', 'e'));
}

const kWidthMin = 54;
const kLetterWidth = 6.6;

/** The pixels that the labels and the gap beside them take. */
export function yAxisWidth(labels: readonly string[]): number {
  const longest = labels.reduce((most, label) => Math.max(most, label.length), 0);
  return Math.max(kWidthMin, Math.ceil(longest * kLetterWidth + 8));
}
