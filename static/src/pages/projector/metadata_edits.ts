// Changes of metadata that a user makes on the page: a list of edits over what the server has, so that the last can
// be taken back and the original is never lost. Pure.
import type { EmbeddingMetadata } from '../../api/types';
import { parseRows } from '../../base/row_set';

export type MetadataEdit =
  | { readonly kind: 'add'; readonly column: string }
  | { readonly kind: 'rename'; readonly column: string; readonly to: string }
  /** `rows` as base/row_set.ts writes them. */
  | { readonly kind: 'set'; readonly column: string; readonly rows: string; readonly value: string };

const kNameMax = 100;
const kValueMax = 1000;

/** Why an edit cannot be made; empty where it can. */
export function problemOf(edit: MetadataEdit, columns: readonly string[]): string {
  if (edit.kind !== 'add' && !columns.includes(edit.column)) return `There is no column ${edit.column}.`;
  if (edit.kind === 'set') return edit.value.length > kValueMax ? `A label has at most ${kValueMax} characters.` : '';
  const name = edit.kind === 'add' ? edit.column : edit.to;
  if (name.trim() === '') return 'A column needs a name.';
  if (name.length > kNameMax) return `A column's name has at most ${kNameMax} characters.`;
  // The projector takes names that begin so for colours of its own.
  if (name.startsWith('@') || name === 'none') return `A column cannot be called ${name}.`;
  return columns.includes(name) ? `There is a column ${name} already.` : '';
}

/** The metadata with the edits made, in order; edits that do not fit (the server's columns changed) are left out. */
export function applyEdits(
  metadata: EmbeddingMetadata | null,
  points: number,
  edits: readonly MetadataEdit[],
): EmbeddingMetadata | null {
  if (edits.length === 0) return metadata;
  const columns = [...(metadata?.columns ?? [])];
  const values = [...(metadata?.values ?? [])];
  const changed = new Map<number, string[]>();
  for (const edit of edits) {
    if (problemOf(edit, columns) !== '') continue;
    const at = columns.indexOf(edit.column);
    if (edit.kind === 'add') {
      columns.push(edit.column);
      values.push(new Array<string>(points).fill(''));
    } else if (edit.kind === 'rename') columns[at] = edit.to;
    else {
      const column = changed.get(at) ?? Array.from({ length: points }, (_, row) => values[at]?.[row] ?? '');
      changed.set(at, column);
      for (const row of parseRows(edit.rows)) if (row < points) column[row] = edit.value;
    }
  }
  return { columns, values: values.map((column, at) => changed.get(at) ?? column) };
}

/** What was kept; what is no list of edits is none. */
export function readEdits(text: string | null): MetadataEdit[] {
  try {
    const list: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(list) ? list.filter(isEdit) : [];
  } catch {
    return [];
  }
}

function isEdit(value: unknown): value is MetadataEdit {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, column, to, rows, value: text } = value as Record<string, unknown>;
  if (typeof column !== 'string') return false;
  return (
    kind === 'add' ||
    (kind === 'rename' && typeof to === 'string') ||
    (kind === 'set' && typeof rows === 'string' && typeof text === 'string')
  );
}
