// The runs table as a file: what is listed, in its order and its columns, but with every digit. Pure.
import { csvOf } from '../../base/csv';
import { cellOf, type RunRow } from './rows';
import type { TableColumn } from './columns';

/** Seconds, as the API has them, where the table shows a span or a date. */
const kUnits: Readonly<Record<string, string>> = {
  duration: 'duration_s',
  start: 'start_time',
  disk: 'disk_bytes',
  database: 'database_bytes',
  step: 'last_step',
  findings: 'open_findings',
};

function fieldOf(row: RunRow, key: string): string {
  if (key === 'findings') return String(row.critical + row.warning);
  if (key === 'tags') return row.run.tags.join('; ');
  const cell = cellOf(row, key);
  return cell === null ? '' : String(cell);
}

export function csvOfRuns(rows: readonly RunRow[], columns: readonly TableColumn[]): string {
  const head = ['run', 'path', ...columns.map(({ key, label }) => kUnits[key] ?? (/^[mh]:/.test(key) ? label : key))];
  return csvOf([
    head,
    ...rows.map((row) => [row.run.name, row.run.path, ...columns.map(({ key }) => fieldOf(row, key))]),
  ]);
}
