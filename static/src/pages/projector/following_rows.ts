// Rows that follow each other, as TensorBoard's projector has them: a column of the metadata holds the number of the
// next row. Pure.
import type { EmbeddingMetadata } from '../../api/types';

const kColumns = ['__next__', '__seq_next__'];

/** A row and the one that follows it, one pair after the other; empty where no column says so. */
export function followingRows({ columns, values }: EmbeddingMetadata, points: number): Uint32Array {
  const column = kColumns.map((name) => values[columns.indexOf(name)]).find((texts) => texts !== undefined);
  const pairs = (column ?? []).slice(0, points).flatMap((text, row) => {
    const next = text.trim() === '' ? -1 : Number(text);
    return Number.isInteger(next) && next >= 0 && next < points && next !== row ? [row, next] : [];
  });
  return Uint32Array.from(pairs);
}
