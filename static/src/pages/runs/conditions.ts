// What the table of runs is asked for: words as `optimizer=adam`, `lr<1e-3` or `status=failed` hold rows against their
// values, the rest is a regular expression for names and notes. Pure.
import { cellOf, type Cell, type RunRow } from './rows';

type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=';

export interface Condition {
  /** A column's, as cellOf takes it. */
  readonly key: string;
  readonly operator: Operator;
  readonly value: string;
}

export interface RunSearch {
  readonly text: string;
  readonly conditions: readonly Condition[];
  /** Names that look like a condition's and are none that the table has; they are left in the text. */
  readonly unknown: readonly string[];
}

const kWord = /^([^=<>!]+)(!=|<=|>=|=|<|>)(.*)$/;

/** `keys`: the columns by the names that a user may write. */
export function parseSearch(search: string, keys: ReadonlyMap<string, string>): RunSearch {
  const words: string[] = [];
  const conditions: Condition[] = [];
  const unknown: string[] = [];
  for (const word of search.split(/\s+/)) {
    const [, name = '', operator = '', value = ''] = kWord.exec(word) ?? [];
    const key = keys.get(name);
    // One that is still being typed, as "lr<", holds for all.
    if (key !== undefined) {
      if (value !== '') conditions.push({ key, operator: operator as Operator, value });
      continue;
    }
    if (name !== '') unknown.push(name);
    words.push(word);
  }
  // Without a condition every space of the expression counts.
  const text = conditions.length === 0 && words.length === search.split(/\s+/).length ? search : words.join(' ').trim();
  return { text, conditions, unknown };
}

function isEqual(cell: Cell, value: string): boolean {
  if (typeof cell === 'number') return cell === Number(value) || String(cell) === value;
  return cell !== null && String(cell).toLowerCase() === value.toLowerCase();
}

/** What a row does not have equals nothing, and is neither more nor less. */
export function fulfils(row: RunRow, { key, operator, value }: Condition): boolean {
  const cell = cellOf(row, key);
  if (operator === '=') return isEqual(cell, value);
  if (operator === '!=') return !isEqual(cell, value);
  if (typeof cell !== 'number') return false;
  switch (operator) {
    case '<':
      return cell < Number(value);
    case '<=':
      return cell <= Number(value);
    case '>':
      return cell > Number(value);
    case '>=':
      return cell >= Number(value);
  }
}
