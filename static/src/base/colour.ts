// Colours that stay apart for colour-blind readers (after Okabe and Ito 2008, lightness set for a
// light and a dark page), and scales for heat maps.
import { interpolateInferno, interpolateViridis } from 'd3-scale-chromatic';

const kLight = [
  ...['#0b6fb3', '#d1560a', '#0a8f6c', '#b8559a', '#b98700', '#2a98cf', '#6b55b8', '#7a6a4a'],
  ...['#6b0d38', '#055b10', '#0f3872', '#a60156', '#156067', '#493802', '#8b2395', '#7f996c'],
  ...['#8f331a', '#a182ab', '#6e8210', '#8d76fa', '#5f0e92', '#3b7c8c', '#c74150', '#18518a'],
];
/** The same places of the palette on a dark page, of about the same hue. */
const kDark = [
  ...['#5aaee6', '#f58b4c', '#35c79a', '#e394c8', '#e8bb45', '#8fd0f5', '#ab9af0', '#c4b184'],
  ...['#997175', '#93fdab', '#5b75d6', '#ffd4e0', '#298c9b', '#998b09', '#c668b2', '#839e82'],
  ...['#c75444', '#ae91aa', '#ebe968', '#9c7bd2', '#cfb7d6', '#96f3fd', '#f0767e', '#6591f1'],
];
/** Ranks that follow each other have one line style; the palette has three times as many colours. */
const kRound = 8;
/** Line styles of the second, third, ... round. */
const kDashes: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [9, 3, 2, 3]];

/** The line style of the line of this rank, where colours say something else. */
export function rankDash(rank: number): readonly number[] {
  return kDashes[rank % kDashes.length] as readonly number[];
}

export interface RunColour {
  readonly light: string;
  readonly dark: string;
  readonly dash: readonly number[];
}

/**
 * The colour of the run of this rank. Each round of ranks has a line style and colours of its own, until the palette is
 * through and its colours come again with another style. A round begins one place on in its colours: where only every
 * second rank is in use, as that of runs with a sub-run each, all of them still are.
 */
export function rankColour(rank: number): RunColour {
  const round = Math.floor(Math.max(0, rank) / kRound);
  const first = (round * kRound) % kLight.length;
  const index = first + ((Math.max(0, rank) + round) % kRound);
  return {
    light: kLight[index] as string,
    dark: kDark[index] as string,
    dash: kDashes[round % kDashes.length] as readonly number[],
  };
}

/**
 * A colour per run: the one that its user chose, else one by its id; a sub-run has that of the run in `runOf`, if
 * any. Ids are counted up from 1 and never used again, so no run that comes, goes or is filtered changes the colour
 * of another.
 */
export function assignColours(
  runs: readonly { id: number; colour: string | null }[],
  runOf: ReadonlyMap<number, number> = new Map(),
): Map<number, RunColour> {
  const chosen = new Map(runs.map(({ id, colour }) => [id, colour]));
  const colourOf = (id: number): RunColour => {
    const colour = chosen.get(id) ?? null;
    if (colour !== null) return { light: colour, dark: colour, dash: [] };
    const above = runOf.get(id);
    return above !== undefined && chosen.has(above) ? colourOf(above) : rankColour(id - 1);
  };
  return new Map(runs.map(({ id }) => [id, colourOf(id)]));
}

/** Colours that serve on both pages, for those who choose one by hand. */
export const kRunColours: readonly string[] = kLight.slice(0, kRound);

export const kCategoriesMax = 20;
export const kOtherColour = '#8a949e';

export function categoryColour(index: number, isDark: boolean): string {
  const colour = index < kCategoriesMax ? (isDark ? kDark : kLight)[index] : undefined;
  return colour ?? kOtherColour;
}

/** "#rrggbb" or "rgb(r, g, b)" as three bytes. */
export function colourBytes(colour: string): [number, number, number] {
  if (colour.startsWith('#')) {
    const value = Number.parseInt(colour.slice(1, 7), 16);
    return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
  }
  const parts = colour.match(/\d+/g) ?? [];
  return [Number(parts[0] ?? 0), Number(parts[1] ?? 0), Number(parts[2] ?? 0)];
}

/** Of sRGB bytes, from 0 to 1 (WCAG 2). */
function luminance(bytes: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = bytes.map((byte) =>
    byte <= 10 ? byte / 3294.6 : ((byte / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** From 1 to 21: texts need 4.5, lines and marks 3 (WCAG 2). */
export function contrast(a: string, b: string): number {
  const [x, y] = [luminance(colourBytes(a)), luminance(colourBytes(b))];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

/** Black or white, whichever is read more easily on the colour. */
export function textOn(colour: string): string {
  return contrast(colour, '#000000') > contrast(colour, '#ffffff') ? '#000000' : '#ffffff';
}

/** 256 x RGB of a part of a continuous scale, for canvases and shaders. */
export function scaleTable(name: 'viridis' | 'inferno', from = 0, to = 1): Uint8Array {
  const interpolate = name === 'viridis' ? interpolateViridis : interpolateInferno;
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) table.set(colourBytes(interpolate(from + (i / 255) * (to - from))), i * 3);
  return table;
}

/** A scale for points and lines: without the end that is no colour on a page that is as light or as dark. */
export function scaleOnPage(isDark: boolean): Uint8Array {
  return isDark ? scaleTable('viridis', 0.4, 1) : scaleTable('viridis', 0, 0.59);
}
