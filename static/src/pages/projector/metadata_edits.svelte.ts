// The edits of the shown table's metadata. They live in this browser tab, over reloads: the server's metadata are
// what was logged, and a run's files are not the page's to change.
import { problemOf, readEdits, type MetadataEdit } from './metadata_edits';

export class MetadataEdits {
  list = $state.raw<readonly MetadataEdit[]>([]);
  /** The tab's storage is full or forbidden: a reload loses the edits. */
  isFleeting = $state(false);
  #key = '';

  /** The edits of another table. */
  open(run: number, tag: string): void {
    this.#key = `spirogram.metadata.${run}.${tag}`;
    this.isFleeting = false;
    try {
      this.list = readEdits(sessionStorage.getItem(this.#key));
    } catch {
      this.list = []; // storage is forbidden
    }
  }

  /** Why not; empty where it is done. */
  make(edit: MetadataEdit, columns: readonly string[]): string {
    const problem = problemOf(edit, columns);
    if (problem === '') this.#keep([...this.list, edit]);
    return problem;
  }

  undo(): void {
    this.#keep(this.list.slice(0, -1));
  }

  #keep(list: readonly MetadataEdit[]): void {
    this.list = list;
    try {
      if (list.length === 0) sessionStorage.removeItem(this.#key);
      else sessionStorage.setItem(this.#key, JSON.stringify(list));
      this.isFleeting = false;
    } catch {
      this.isFleeting = true;
    }
  }
}
