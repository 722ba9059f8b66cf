// A look at a tensor: its first values, in rows as its last dimension has them.
import type { JsonNumber } from '../../api/types';
import { formatValue } from '../../base/format';

/** Asked of the server for a look; a row of a wide matrix may take all of them. */
export const kPreviewValues = 96;
/** Cells of a row: a wider one goes on in the next line. */
const kColumnsMax = 12;

/** Types whose values the API writes as JSON. */
export function hasPreview(dtype: string): boolean {
  return /^(float(32|64)|u?int(8|16|32|64)|bool|string)$/.test(dtype);
}

export function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? 'scalar' : `[${shape.join(', ')}]`;
}

export type TensorCell = JsonNumber | boolean | string;

function cellText(value: TensorCell): string {
  if (typeof value === 'number') return Number.isInteger(value) ? `${value}` : formatValue(value);
  return `${value}`;
}

export function previewRows(values: readonly TensorCell[], shape: readonly number[]): string[][] {
  const last = shape.length < 2 ? values.length : (shape[shape.length - 1] as number);
  const columns = Math.max(1, last);
  const rows: string[][] = [];
  for (let row = 0; row < values.length; row += columns) {
    const end = Math.min(values.length, row + columns);
    for (let i = row; i < end; i += kColumnsMax) {
      rows.push(values.slice(i, Math.min(end, i + kColumnsMax)).map(cellText));
    }
  }
  return rows;
}
