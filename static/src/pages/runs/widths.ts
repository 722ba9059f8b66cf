// What the cells of each column are at their widest, so that columns keep their widths while rows come into view and
// leave it. Letters are of different widths: the few longest texts stand for the widest. Pure.
import { formatBytes, formatCount, formatDuration, formatSetting, formatStep, formatValue } from '../../base/format';
import type { RunRow } from './rows';

const kTexts = 3;

/** The longest of the texts, each once; the first of those that are as long. */
export function longestTexts(texts: Iterable<string>): string[] {
  let longest: string[] = [];
  for (const text of texts) {
    const least = longest[kTexts - 1];
    if ((least !== undefined && text.length <= least.length) || text === '' || longest.includes(text)) continue;
    longest = [...longest, text].sort((a, b) => b.length - a.length).slice(0, kTexts);
  }
  return longest;
}

/** What the cell of a column of numbers or texts shows; `key` as in rows.ts. */
export function textOf(row: RunRow, key: string): string {
  if (key.startsWith('m:')) {
    const value = row.metrics.get(key.slice(2));
    return value === undefined ? '' : formatValue(value);
  }
  if (key.startsWith('h:')) {
    const value = row.hparams[key.slice(2)] ?? '';
    return typeof value === 'number' ? formatSetting(value) : String(value);
  }
  switch (key) {
    case 'status':
      return row.run.status;
    case 'step':
      return formatStep(row.run.last_step);
    case 'duration':
      return formatDuration(row.run.last_wall_time - row.run.start_time);
    case 'points':
      return formatCount(row.points);
    case 'disk':
      return formatBytes(row.diskBytes);
    case 'database':
      return row.databaseBytes === null ? '–' : formatBytes(row.databaseBytes);
    default:
      return '';
  }
}
