// Axes that the user chooses by two groups of rows each: how a group is written in a link, which rows it has, and
// what the server is asked. Pure.
import type { EmbeddingMetadata, ProjectionAxis } from '../../api/types';
import { formatRows, parseRows } from '../../base/row_set';
import { searchRows } from './search';

export const kSides = ['Left', 'Right', 'Down', 'Up', 'Back', 'Front'] as const;

export interface AxisGroup {
  /** `matches` a regular expression, `is` a value, are the `rows` of a list, or are `all`. */
  readonly kind: 'all' | 'matches' | 'is' | 'rows';
  /** Empty: any column. */
  readonly column: string;
  /** The expression, the value or the list. */
  readonly text: string;
}

export const kAllRows: AxisGroup = { kind: 'all', column: '', text: '' };
const kMarks = { matches: '~', is: '=', rows: '#', all: '' } as const;

/** "=city:Oslo", "~:^Os" (any column), "#0-4,9", or nothing for all rows. A column waits for its text. */
export function formatGroup({ kind, column, text }: AxisGroup): string {
  if (kind === 'all' || (text === '' && (kind === 'rows' || (kind === 'matches' && column === '')))) return '';
  return kind === 'rows' ? `#${text}` : `${kMarks[kind]}${encodeURIComponent(column)}:${text}`;
}

export function parseGroup(text: string | undefined): AxisGroup {
  if (text === undefined || text === '') return kAllRows;
  if (text.startsWith('#')) return { kind: 'rows', column: '', text: text.slice(1) };
  const match = /^([~=])([^:]*):([^]*)$/.exec(text);
  if (match === null) return kAllRows;
  try {
    return {
      kind: match[1] === '~' ? 'matches' : 'is',
      column: decodeURIComponent(match[2] ?? ''),
      text: match[3] ?? '',
    };
  } catch {
    return kAllRows; // a broken escape
  }
}

export interface GroupRows {
  /** Ascending; null: all of them. */
  readonly rows: Uint32Array | null;
  readonly count: number;
  /** What is wrong or doubtful; empty: nothing. */
  readonly problem: string;
}

export function rowsOfGroup(group: AxisGroup, metadata: EmbeddingMetadata, points: number): GroupRows {
  if (group.kind === 'all' || group.text === '') return { rows: null, count: points, problem: '' };
  if (group.kind !== 'rows' && group.column !== '' && !metadata.columns.includes(group.column)) {
    return { rows: new Uint32Array(0), count: 0, problem: `There is no column ${group.column}.` };
  }
  let rows: Uint32Array;
  let problem = '';
  if (group.kind === 'rows') rows = parseRows(group.text).filter((row) => row < points);
  else if (group.kind === 'is') rows = rowsThatAre(group, metadata, points);
  else {
    const found = searchRows(metadata, points, group.column, group.text);
    rows = found.rows;
    if (found.error !== '') problem = 'Taken as plain text: it is no regular expression.';
  }
  return { rows, count: rows.length, problem: rows.length === 0 ? 'No row matches.' : problem };
}

function rowsThatAre({ column, text }: AxisGroup, metadata: EmbeddingMetadata, points: number): Uint32Array {
  const columns = metadata.values.filter((_, i) => column === '' || metadata.columns[i] === column);
  const rows = new Uint32Array(points);
  let count = 0;
  for (let row = 0; row < points; row++) {
    if (columns.some((values) => (values[row] ?? '') === text)) rows[count++] = row;
  }
  return rows.slice(0, count);
}

const kAxisNames = ['across', 'upwards', 'forwards'];
/** Of one group, in a request of at most 8 MiB. */
const kGroupCharactersMax = 1_300_000;

export interface AxesPlan {
  /** Null where something is missing or wrong. */
  readonly axes: readonly ProjectionAxis[] | null;
  /** Of each side that `dims` needs. */
  readonly groups: readonly GroupRows[];
  /** Why there are no axes; empty where there are. */
  readonly problem: string;
}

/** What the groups of a link (view.axes) come to. */
export function planAxes(
  texts: readonly string[],
  dims: number,
  metadata: EmbeddingMetadata,
  points: number,
): AxesPlan {
  const groups = kSides.slice(0, 2 * dims).map((_, i) => rowsOfGroup(parseGroup(texts[i]), metadata, points));
  const axes: ProjectionAxis[] = [];
  for (let axis = 0; axis < dims; axis++) {
    const [from, to] = [groups[2 * axis], groups[2 * axis + 1]] as [GroupRows, GroupRows];
    const fail = (problem: string): AxesPlan => ({ axes: null, groups, problem });
    if (from.rows === null && to.rows === null)
      return fail(
        `Choose ${kSides[2 * axis]?.toLowerCase()} or ${kSides[2 * axis + 1]?.toLowerCase()}: the axis ${kAxisNames[axis]} needs a group.`,
      );
    if (from.count === 0 || to.count === 0) return fail(`A group of the axis ${kAxisNames[axis]} has no rows.`);
    const [fromText, toText] = [from, to].map(({ rows }) =>
      rows === null ? null : formatRows(rows, kGroupCharactersMax),
    );
    if ((from.rows !== null && fromText === null) || (to.rows !== null && toText === null))
      return fail('A group has too many scattered rows to send.');
    if (fromText === toText) return fail(`Both groups of the axis ${kAxisNames[axis]} have the same rows.`);
    axes.push({ from: fromText ?? null, to: toText ?? null });
  }
  return { axes, groups, problem: '' };
}

/** The commonest values of a column, two for each axis: something to begin with. */
export function suggestAxes(column: string, values: readonly string[], dims: number): string[] {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== '') counts.set(value, (counts.get(value) ?? 0) + 1);
  const commonest = [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 2 * dims)
    .map(([value]) => value);
  return commonest.map((text) => formatGroup({ kind: 'is', column, text }));
}

/** A group in few words, for the edge of the picture. */
export function nameOfGroup({ kind, column, text }: AxisGroup): string {
  if (kind === 'all' || text === '') return 'all rows';
  if (kind === 'rows')
    return `rows ${text.startsWith('~') ? 'of a selection' : text.length > 24 ? `${text.slice(0, 23)}…` : text}`;
  const what = text.length > 24 ? `${text.slice(0, 23)}…` : text;
  return `${column === '' ? '' : `${column} `}${kind === 'is' ? '= ' : '~ '}${what}`;
}
