// Where the ticks of an axis of steps or times are, and how they are written. Pure.
import { formatDuration, formatWallTime, stepLabels } from '../base/format';
import type { XAxis } from '../base/series';
import { lowerBound } from '../base/search';
import type { Range } from '../base/stats';
import { yLabels } from './y_axis';

/** Distances between ticks in steps: whole ones, where uPlot would also mark tenths of a step. */
const kStepIncrements = Array.from({ length: 20 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

/** Distances between ticks in seconds that read well as minutes, hours and days. */
const kSecondIncrements = [
  ...[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60),
  ...[1, 2, 3, 6, 12].map((hours) => hours * 3600),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].map((days) => days * 86_400),
];

/** Distances between ticks of what a metric measures. */
const kValueIncrements = Array.from({ length: 41 }, (_, i) =>
  [1, 2, 5].map((digit) => Number(`${digit}e${i - 20}`)),
).flat();

/** Distances between ticks; those of wall time are uPlot's own on the page. */
export function incrementsOf(x: XAxis): readonly number[] {
  return x === 'step' ? kStepIncrements : x === 'metric' ? kValueIncrements : kSecondIncrements;
}

/** More ticks than any axis has room for: where neighbouring numbers are further apart than ticks, these would never end. */
const kTicksMax = 100;

/** The multiples of a distance between ticks, from `offset` on, that lie within a range. */
export function multiplesWithin(range: Range, increment: number, offset = 0): number[] {
  const first = Math.ceil((range.min - offset) / increment);
  const count = Math.max(0, Math.floor((range.max - offset) / increment) - first + 1);
  return Array.from({ length: Math.min(count, kTicksMax) }, (_, i) => (first + i) * increment + offset);
}

/** Pixels between two ticks at least. */
export function xSpace(x: XAxis): number {
  return x === 'step' ? 56 : x === 'metric' ? 60 : 76;
}

const kLetterWidth = 6.2;

/**
 * The least distance between ticks of steps at which their labels stand apart, also where each needs all of its digits;
 * on few pixels no more than that: one tick alone tells no distance.
 */
function stepIncrement(range: Range, width: number): number {
  const least = Math.min(xSpace('step'), width / 4);
  const isWideEnough = (increment: number) => {
    const space = (width * increment) / (range.max - range.min);
    if (space < least) return false;
    const ticks = multiplesWithin(range, increment);
    return space >= Math.max(...stepLabels(ticks).map((label) => label.length)) * kLetterWidth + 6;
  };
  return kStepIncrements.find(isWideEnough) ?? (kStepIncrements[kStepIncrements.length - 1] as number);
}

/** As `xSpace`, on an axis of `width` pixels that shows this range. */
export function xSpaceWithin(x: XAxis, range: Range, width: number): number {
  if (x === 'step') return (width * stepIncrement(range, width)) / (range.max - range.min);
  // Times that no calendar has get no ticks: uPlot would look for their days without end.
  const isKnown = x !== 'wall' || !Number.isNaN(new Date(range.max * 1000).getTime());
  return isKnown ? xSpace(x) : Infinity;
}

/** Of ticks on an axis of steps, relative times or values. */
export function xLabels(x: XAxis, ticks: readonly number[]): string[] {
  if (x === 'metric') return yLabels(ticks);
  return x === 'relative' ? ticks.map((tick) => formatDuration(tick).replace(/ 00 (s|min)$/, '')) : stepLabels(ticks);
}

/** Without those that the end of a picture would cut, so many pixels behind their ticks: 1,500,100,000 would read 1,500,100. */
export function uncutLabels(labels: readonly string[], pixelsToEnd: readonly number[]): string[] {
  return labels.map((label, i) => ((label.length * kLetterWidth) / 2 - 2 <= (pixelsToEnd[i] as number) ? label : ''));
}

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

export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** The ticks of an axis of steps, `width` pixels wide: at whole steps, each with a label of its own. */
export function stepTicks(range: Range, width: number): Tick[] {
  const ticks = multiplesWithin(range, stepIncrement(range, width));
  const labels = stepLabels(ticks);
  return ticks.map((at, i) => ({ at, label: labels[i] as string }));
}

/**
 * The ticks below bars of `barWidth` pixels, one for each of `steps`, which rise: at whole steps, by how many bars stand
 * before. Where a bar is the mean of several steps, a tick may lie between two.
 */
export function barTicks(steps: ArrayLike<number>, barWidth: number): Tick[] {
  if (steps.length === 0) return [];
  const range = { min: steps[0] as number, max: steps[steps.length - 1] as number };
  let end = -Infinity;
  return stepTicks(range, barWidth * steps.length).flatMap(({ at, label }) => {
    const above = lowerBound(steps, at);
    const [low, high] = [steps[above - 1] ?? at, steps[above] as number];
    const place = high > low ? above - (high - at) / (high - low) : above;
    // Bars of steps that are far apart stand side by side all the same.
    if ((place - end) * barWidth < xSpace('step') / 2) return [];
    end = place;
    return [{ at: place, label }];
  });
}

/** The ticks of an axis of `width` pixels, `margin` before the end of the picture, with their labels, whose second line is a day. */
export function xTicks(x: XAxis, range: Range, width: number, margin: number): Tick[] {
  const least = ((range.max - range.min) * xSpace(x)) / width;
  const increments = incrementsOf(x);
  const other = increments.find((one) => one >= least) ?? (increments[increments.length - 1] as number);
  const increment = x === 'step' ? stepIncrement(range, width) : other;
  // Hours and days begin where the clock on the wall says so.
  const offset = x === 'wall' ? new Date(range.min * 1000).getTimezoneOffset() * 60 : 0;
  const ticks = multiplesWithin(range, increment, offset);
  const pixelsToEnd = ticks.map((tick) => (width * (range.max - tick)) / (range.max - range.min) + margin);
  const labels = x === 'wall' ? wallLabels(ticks, increment) : uncutLabels(xLabels(x, ticks), pixelsToEnd);
  return ticks.map((at, i) => ({ at, label: labels[i] as string }));
}
