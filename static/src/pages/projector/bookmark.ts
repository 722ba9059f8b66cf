// The state of the page as a file, and the map as one. Pure.
import type { EmbeddingMetadata } from '../../api/types';
import { csvOf } from '../../base/csv';
import { parseRows } from '../../base/row_set';
import { formatView, parseView } from '../../base/url';
import { kDefaultView, type View } from '../../base/view';

/** What a bookmark holds; `rows` also where they are too many for a link. */
interface Bookmark {
  readonly spirogram_projector: 1;
  readonly view: string;
  readonly rows: readonly number[];
  readonly title: string;
}

export function bookmarkOf(view: View, rows: Uint32Array | null, title: string): string {
  const bookmark: Bookmark = { spirogram_projector: 1, view: formatView(view), rows: [...(rows ?? [])], title };
  return JSON.stringify(bookmark);
}

export interface ReadBookmark {
  readonly view: View;
  readonly rows: Uint32Array;
  readonly title: string;
}

/** Null where the text is no bookmark of this page. */
export function readBookmark(text: string): ReadBookmark | null {
  try {
    const value = JSON.parse(text) as Partial<Record<keyof Bookmark, unknown>> | null;
    if (value?.spirogram_projector !== 1 || typeof value.view !== 'string') return null;
    const [path = '', query = ''] = value.view.split('?');
    const view = parseView(path, query);
    if (view.page !== 'projector') return null;
    const listed: unknown[] = Array.isArray(value.rows) ? value.rows : [...parseRows(view.rows)];
    const rows = listed.filter(
      (row): row is number => typeof row === 'number' && Number.isInteger(row) && row >= 0 && row <= 0xffffffff,
    );
    return {
      view: { ...kDefaultView, ...view },
      rows: Uint32Array.from(new Set(rows)).sort(),
      title: typeof value.title === 'string' ? value.title : '',
    };
  } catch {
    return null;
  }
}

const kAxes = ['x', 'y', 'z'];

/** Rows with their places on a map and their metadata. */
export interface PlacedRows {
  readonly coordinates: Float32Array;
  readonly metadata: EmbeddingMetadata | null;
}

/**
 * Each row's place on the map and its metadata, as CSV (RFC 4180); of `rows` alone if given. A row without a place has
 * empty cells. Behind the map's own come those that are placed on it, where there are some: a column tells them apart.
 */
export function mapAsCsv(
  map: PlacedRows,
  dims: number,
  rows: Uint32Array | null,
  placed: PlacedRows | null = null,
): string {
  const columns = [...new Set([...(map.metadata?.columns ?? []), ...(placed?.metadata?.columns ?? [])])];
  const lines: string[][] = [['row', ...(placed === null ? [] : ['placed']), ...kAxes.slice(0, dims), ...columns]];
  const add = ({ coordinates, metadata }: PlacedRows, wanted: Uint32Array | null, mark: readonly string[]) => {
    const points = Math.floor(coordinates.length / dims);
    const values = columns.map((name) => metadata?.values[metadata.columns.indexOf(name)] ?? []);
    for (const row of wanted ?? Array(points).keys()) {
      if (row >= points) continue;
      const places = [...coordinates.subarray(row * dims, (row + 1) * dims)].map((place) =>
        Number.isNaN(place) ? '' : `${place}`,
      );
      lines.push([`${row}`, ...mark, ...places, ...values.map((column) => column[row] ?? '')]);
    }
  };
  add(map, rows, placed === null ? [] : ['no']);
  if (placed !== null) add(placed, null, ['yes']);
  return csvOf(lines);
}

/** Metadata as TensorBoard's projector reads it: tab-separated, with a header unless there is one column. */
export function metadataAsTsv(metadata: EmbeddingMetadata, points: number): string {
  const clean = (text: string) => text.replaceAll(/[\t\r\n]+/g, ' ');
  const lines = metadata.columns.length > 1 ? [metadata.columns.map(clean).join('\t')] : [];
  for (let row = 0; row < points; row++)
    lines.push(metadata.values.map((column) => clean(column[row] ?? '')).join('\t'));
  return `${lines.join('\n')}\n`;
}

export interface Drawing {
  readonly at: (row: number) => { x: number; y: number } | null;
  readonly width: number;
  readonly height: number;
}

/**
 * The picture as SVG: a circle per point that is shown, the map's `own` rows and those placed on it in groups of their own,
 * and behind them a line for each of `pairs`, of which both ends are shown, in the colour of the first.
 */
export function mapAsSvg(
  points: number,
  own: number,
  drawing: Drawing,
  rgb: Uint8Array,
  background: string,
  radius: number,
  pairs: Uint32Array,
): string {
  const colourOf = (row: number) =>
    `#${[0, 1, 2].map((channel) => (rgb[3 * row + channel] ?? 0).toString(16).padStart(2, '0')).join('')}`;
  const group = (id: string, from: number, to: number) => {
    const circles: string[] = [];
    for (let row = from; row < to; row++) {
      const at = drawing.at(row);
      if (at === null) continue;
      circles.push(`<circle cx="${at.x.toFixed(1)}" cy="${at.y.toFixed(1)}" r="${radius}" fill="${colourOf(row)}"/>`);
    }
    return `<g id="${id}" fill-opacity="0.88">${circles.join('')}</g>`;
  };
  const lines: string[] = [];
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const [row, next] = [pairs[i] as number, pairs[i + 1] as number];
    const [from, to] = [drawing.at(row), drawing.at(next)];
    if (from === null || to === null) continue;
    const ends = `M${from.x.toFixed(1)} ${from.y.toFixed(1)}L${to.x.toFixed(1)} ${to.y.toFixed(1)}`;
    lines.push(`<path d="${ends}" stroke="${colourOf(row)}"/>`);
  }
  const paths = lines.length > 0 ? `<g id="lines" stroke-opacity="0.5">${lines.join('')}</g>` : '';
  const { width, height } = drawing;
  const placed = points > own ? group('placed', own, points) : '';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><rect width="100%" height="100%" fill="${background}"/>${paths}${group('map', 0, Math.min(own, points))}${placed}</svg>\n`;
}
