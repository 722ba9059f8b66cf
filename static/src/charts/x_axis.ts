// Where the ticks of an axis of steps or times are, and how they are written. Pure.
import { formatDuration, formatWallTime, stepLabels } from '../base/format';
import type { XAxis } from '../base/series';
import type { Range } from '../base/stats';

/** Pixels between two ticks at least. */
export function xSpace(x: XAxis): number {
  return x === 'step' ? 56 : 76;
}

const kLetterWidth = 6.2;

/** As `xSpace`, but on an axis of few pixels no more than its longest step needs: one tick alone tells no distance. */
export function xSpaceWithin(x: XAxis, max: number, width: number): number {
  if (x !== 'step') return xSpace(x);
  const letters = stepLabels([max])[0]?.length ?? 0;
  return Math.min(xSpace(x), Math.max(width / 4, letters * kLetterWidth + 6));
}

/** Of ticks on an axis of steps or relative times. */
export function xLabels(x: XAxis, ticks: readonly number[]): string[] {
  return x === 'relative' ? ticks.map((tick) => formatDuration(tick).replace(/ 00 (s|min)$/, '')) : stepLabels(ticks);
}

/** Distances between ticks in steps: whole ones, where uPlot would also mark tenths of a step. */
export const kStepIncrements = Array.from({ length: 16 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

/** Distances between ticks in seconds that read well as minutes, hours and days. */
export const kSecondIncrements = [
  ...[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60),
  ...[1, 2, 3, 6, 12].map((hours) => hours * 3600),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].map((days) => days * 86_400),
];

/** Local times; the day stands below the first tick and where it changes. */
export function wallLabels(ticks: readonly number[], increment: number): string[] {
  let day = '';
  return ticks.map((tick) => {
    const [date = '', time = ''] = formatWallTime(tick).split(' ');
    const shown = increment >= 86_400 ? '' : increment >= 60 ? time.slice(0, 5) : time;
    const isNewDay = date !== day;
    day = date;
    return isNewDay ? `${shown}\n${date.slice(5)}` : shown;
  });
}

/** The ticks of an axis of `width` pixels with their labels, whose second line is a day. */
export function xTicks(x: XAxis, range: Range, width: number): { at: number; label: string }[] {
  const all = x === 'step' ? kStepIncrements : kSecondIncrements;
  const least = ((range.max - range.min) * xSpace(x)) / width;
  const increment = all.find((one) => one >= least) ?? (all[all.length - 1] as number);
  // Hours and days begin where the clock on the wall says so.
  const offset = x === 'wall' ? new Date(range.min * 1000).getTimezoneOffset() * 60 : 0;
  const first = Math.ceil((range.min - offset) / increment);
  const count = Math.max(0, Math.floor((range.max - offset) / increment) - first + 1);
  const ticks = Array.from({ length: Math.min(count, 100) }, (_, i) => (first + i) * increment + offset);
  const labels = x === 'wall' ? wallLabels(ticks, increment) : xLabels(x, ticks);
  return ticks.map((at, i) => ({ at, label: labels[i] as string }));
}
