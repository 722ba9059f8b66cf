// Texts of any shape as rows and cells: the last dimension is the columns, what stands before it rows.

export function textTable(values: readonly string[], shape: readonly number[]): string[][] {
  const columns = shape.length < 2 ? 1 : Math.max(1, shape[shape.length - 1] as number);
  const rows: string[][] = [];
  for (let i = 0; i < values.length; i += columns) rows.push(values.slice(i, i + columns));
  return rows;
}
