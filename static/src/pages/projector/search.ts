// Rows whose metadata match. Pure.
import type { EmbeddingMetadata } from '../../api/types';
import { textFilter } from '../../base/regex';

export interface SearchResult {
  /** Ascending. */
  readonly rows: Uint32Array;
  /** Why the pattern is no regular expression and was taken as plain text; empty where it is one. */
  readonly error: string;
}

/** `column` empty searches all columns, and takes a number as a row's own number too. */
export function searchRows(metadata: EmbeddingMetadata, points: number, column: string, pattern: string): SearchResult {
  const filter = textFilter(pattern);
  const at = metadata.columns.indexOf(column);
  const columns = at < 0 ? metadata.values : metadata.values.slice(at, at + 1);
  const rows = new Uint32Array(points);
  let count = 0;
  for (let row = 0; row < points; row++) {
    const isHit = columns.some((values) => row < values.length && filter.matches(values[row] as string));
    if (isHit || (at < 0 && String(row) === pattern)) rows[count++] = row;
  }
  return { rows: rows.slice(0, count), error: filter.error };
}

/** More texts of a row than these are no line. */
const kTextsMax = 8;

/** The first texts of a row in one line. */
export function textOfRow(metadata: EmbeddingMetadata | null, row: number): string {
  const texts = (metadata?.values ?? []).map((column) => column[row] ?? '').filter((text) => text !== '');
  return [...texts.slice(0, kTextsMax), ...(texts.length > kTextsMax ? ['…'] : [])].join(' · ') || `row ${row}`;
}

export function fieldsOfRow(metadata: EmbeddingMetadata | null, row: number): (readonly [string, string])[] {
  return (metadata?.columns ?? []).map((name, i) => [name, metadata?.values[i]?.[row] ?? ''] as const);
}

/** The column that names rows: the one that is `wanted`, else the one with the most different values; empty: there is none. */
export function namingColumn({ columns, values }: EmbeddingMetadata, wanted: string): string {
  if (columns.includes(wanted)) return wanted;
  let best = '';
  let most = 0;
  columns.forEach((name, at) => {
    const different = new Set(values[at]).size;
    if (different > most) [best, most] = [name, different];
  });
  return best;
}

/** Some of a column's different values, those of its first rows. */
export function firstValues(values: readonly string[], most: number): string[] {
  const different = new Set<string>();
  for (const value of values) {
    if (different.size === most) break;
    different.add(value);
  }
  return [...different];
}
