// Colours of points by a column of metadata: up to 20 categories and "other", or a scale for numbers.
import { categoryColour, colourBytes, kCategoriesMax, kOtherColour, scaleOnPage } from '../../base/colour';
import { formatStep, formatValue } from '../../base/format';
import { compareNames } from '../../base/natural_order';

export interface LegendEntry {
  readonly label: string;
  readonly colour: string;
  readonly note: string;
}

export interface Colouring {
  /** 3 bytes per point. */
  readonly rgb: Uint8Array;
  readonly legend: readonly LegendEntry[];
  readonly isNumeric: boolean;
}

/** Numbers with more different values than this are a scale, not categories. */
const kNumbersAsCategoriesMax = 12;

type Bytes = ArrayLike<number>;

/** A million calls of `rgb.set` take a tenth of a second, these a hundredth. */
function paint(rgb: Uint8Array, row: number, bytes: Bytes, from = 0): void {
  rgb[3 * row] = bytes[from]!;
  rgb[3 * row + 1] = bytes[from + 1]!;
  rgb[3 * row + 2] = bytes[from + 2]!;
}

function uniform(points: number, isDark: boolean): Colouring {
  const rgb = new Uint8Array(points * 3);
  const one = colourBytes(categoryColour(0, isDark));
  for (let row = 0; row < points; row++) paint(rgb, row, one);
  return { rgb, legend: [], isNumeric: false };
}

/** A scale; what is no finite number is grey. */
export function colourNumbers(values: Float64Array | Float32Array, isDark: boolean): Colouring {
  let min = Infinity;
  let max = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  const table = scaleOnPage(isDark);
  const missing = colourBytes(kOtherColour);
  let unknown = 0;
  const rgb = new Uint8Array(values.length * 3);
  values.forEach((value, row) => {
    const share = max > min ? (value - min) / (max - min) : 0.5;
    if (Number.isFinite(value)) return void paint(rgb, row, table, Math.round(share * 255) * 3);
    paint(rgb, row, missing);
    unknown++;
  });
  const legend = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const [r, g, b] = [0, 1, 2].map((channel) => table[Math.round(share * 255) * 3 + channel]);
    return { label: formatValue(min + share * (max - min)), colour: `rgb(${r}, ${g}, ${b})`, note: '' };
  });
  if (unknown > 0) legend.push({ label: 'no number', colour: kOtherColour, note: formatStep(unknown) });
  return { rgb, legend, isNumeric: true };
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** What has no colour of its own. */
function othersEntry(count: number, rows: number): LegendEntry {
  return { label: `${count} others`, colour: kOtherColour, note: formatStep(rows) };
}

function categorical(values: readonly string[], isDark: boolean): Colouring {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const order = [...counts].sort(([a, n], [b, m]) => m - n || compareNames(a, b));
  // The largest get the colours; their places in the palette follow their names, so that a picture of
  // another step, where counts moved, keeps them.
  const shown = order
    .slice(0, kCategoriesMax)
    .map(([name]) => name)
    .sort(compareNames);
  const colourOf = new Map(shown.map((name, i) => [name, categoryColour(i, isDark)]));
  const bytesOf = new Map([...colourOf].map(([name, colour]) => [name, colourBytes(colour)]));
  const other = colourBytes(kOtherColour);
  const rgb = new Uint8Array(values.length * 3);
  values.forEach((value, row) => paint(rgb, row, bytesOf.get(value) ?? other));
  const legend: LegendEntry[] = shown.map((name) => ({
    label: name === '' ? '(empty)' : name,
    colour: colourOf.get(name) as string,
    note: formatStep(counts.get(name) ?? 0),
  }));
  const rest = order.slice(kCategoriesMax);
  if (rest.length > 0) legend.push(othersEntry(rest.length, sumOf(rest.map(([, count]) => count))));
  return { rgb, legend, isNumeric: false };
}

export function colourPoints(points: number, column: readonly string[] | undefined, isDark: boolean): Colouring {
  if (column === undefined || column.length === 0) return uniform(points, isDark);
  const values = column.slice(0, points);
  while (values.length < points) values.push('');
  const numbers = numbersOf(values);
  const isScale = numbers !== null && new Set(values).size > kNumbersAsCategoriesMax;
  return isScale ? colourNumbers(numbers, isDark) : categorical(values, isDark);
}

/** As programs write that there is no value. */
const kMissing = /^(|nan|na|n\/a|none|null)$/i;

/** Null where one of the texts is no number, or none is a finite one; what is missing is NaN. */
function numbersOf(values: readonly string[]): Float64Array | null {
  const numbers = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const text = (values[i] as string).trim();
    numbers[i] = text === '' ? NaN : Number(text);
    // Most columns are told by their first text.
    if (Number.isNaN(numbers[i]) && !kMissing.test(text)) return null;
  }
  return numbers.some(Number.isFinite) ? numbers : null;
}

export interface RowGroup {
  readonly label: string;
  readonly rows: readonly number[];
  readonly total: number;
}

/** A colour per group; a row of several has that of the first, a row of none is grey. */
export function colourGroups(points: number, groups: readonly RowGroup[], isDark: boolean): Colouring {
  const rgb = new Uint8Array(points * 3);
  const none = colourBytes(kOtherColour);
  for (let row = 0; row < points; row++) paint(rgb, row, none);
  const shown = groups.slice(0, kCategoriesMax);
  for (let g = shown.length - 1; g >= 0; g--) {
    const bytes = colourBytes(categoryColour(g, isDark));
    for (const row of shown[g]?.rows ?? []) if (row < points) paint(rgb, row, bytes);
  }
  const legend = shown.map(({ label, total }, g) => ({
    label,
    colour: categoryColour(g, isDark),
    note: formatStep(total),
  }));
  const rest = groups.slice(kCategoriesMax);
  if (rest.length > 0) legend.push(othersEntry(rest.length, sumOf(rest.map(({ total }) => total))));
  return { rgb, legend: [...legend, { label: 'none', colour: kOtherColour, note: '' }], isNumeric: false };
}

/** Whether most of the rows get a colour of their own value: of 500 values, 480 would be grey together. */
function isMostlyColoured(column: readonly string[], counts: ReadonlyMap<string, number>): boolean {
  const most = [...counts.values()].sort((a, b) => b - a).slice(0, kCategoriesMax);
  return sumOf(most) >= column.length / 2 || numbersOf(column) !== null;
}

/**
 * The first column that is neither constant nor different in nearly every row and colours most rows, else the first that
 * does not; empty where none tells anything.
 */
export function tellingColumn(columns: readonly string[], values: readonly (readonly string[])[]): string {
  let second = '';
  for (const [at, column] of values.entries()) {
    const counts = new Map<string, number>();
    for (const value of column) counts.set(value, (counts.get(value) ?? 0) + 1);
    if (counts.size < 2 || counts.size > Math.max(20, column.length / 3)) continue;
    const name = columns[at] ?? '';
    if (isMostlyColoured(column, counts)) return name;
    second ||= name;
  }
  return second;
}
