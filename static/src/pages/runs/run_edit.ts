// What the dialog of a run saves: no more than what its user changed there, whoever else changes the run meanwhile. Pure.
import type { Run, RunEdit } from '../../api/types';

export interface RunFields {
  /** Empty where the path is shown. */
  readonly name: string;
  readonly tags: readonly string[];
  readonly colour: string | null;
  readonly note: string;
}

export function fieldsOf(run: Run): RunFields {
  return { name: run.name === run.path ? '' : run.name, tags: run.tags, colour: run.colour, note: run.note };
}

const areEqual = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** Lists carry the beginning of a long note only. */
export function isNoteCut(run: Run): boolean {
  return run.note_bytes > new TextEncoder().encode(run.note).length;
}

export function editBetween(before: RunFields, after: RunFields): RunEdit {
  const edit: RunEdit = {};
  if (after.name !== before.name) edit.name = after.name === '' ? null : after.name;
  if (!areEqual(after.tags, before.tags)) edit.tags = after.tags;
  if (after.colour !== before.colour) edit.colour = after.colour;
  if (after.note !== before.note) edit.note = after.note;
  return edit;
}

/**
 * Whether the edit would take back what another page has changed since `first`, other than to the same. Where a note is
 * cut any change counts.
 */
export function isOvertaken(first: Run, now: Run, edit: RunEdit): boolean {
  if (now.revision === first.revision) return false;
  const isLong = isNoteCut(first) || isNoteCut(now);
  const current = fieldsOf(now);
  const others = editBetween(fieldsOf(first), current);
  const isTaken = (field: keyof RunFields) =>
    field in edit &&
    ((field === 'note' && isLong) || (field in others && !areEqual(edit[field] ?? '', current[field] ?? '')));
  return (['name', 'tags', 'colour', 'note'] as const).some(isTaken);
}
