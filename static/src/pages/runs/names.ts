// The names of the runs table, in as many letters as leave room for the columns beside them. Pure.
import { cutNames } from '../../base/cut_names';
import type { RunRow } from './rows';

/** Of the table's pixels to a letter of the name, which is about a third as wide. */
const kPixelsPerLetter = 24;
const kLettersMin = 32;
const kLettersMax = 60;

/** How many letters of a name a table of this width shows; 0: it has not been measured yet. */
export function lettersIn(width: number): number {
  return Math.min(kLettersMax, Math.max(kLettersMin, Math.floor(width / kPixelsPerLetter)));
}

/** One for each row. That of a sub-run stands below its run, whose path goes without saying. */
export function namesOf(rows: readonly RunRow[], letters: number): string[] {
  const whole = rows.map(({ run, isSubRun }) =>
    isSubRun && run.name === run.path ? run.path.slice(run.path.lastIndexOf('/') + 1) : run.name,
  );
  return cutNames(whole, letters);
}
