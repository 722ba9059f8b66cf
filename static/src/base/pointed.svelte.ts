// Whose line is pointed at, in a chart or in the run picker: every chart lifts it, and the picker marks its row.

class Pointed {
  /** A run's id as text, or the name of a group; empty: none. */
  owner = $state('');

  /** Points at nothing, unless another owner is pointed at by now. */
  leave(owner: string): void {
    if (this.owner === owner) this.owner = '';
  }
}

export const pointed = new Pointed();
