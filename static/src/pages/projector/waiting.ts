// What stands in the place of a map that is not there. Pure.
import type { View } from '../../base/view';

export interface Waiting {
  /** What there is to be drawn, or whether it is drawn already, is not known yet. */
  readonly isAsking: boolean;
  readonly isComputing: boolean;
  readonly hasFailed: boolean;
  readonly method: View['method'];
  /** Why the method cannot take these rows, or empty. */
  readonly tooFew: string;
  /** What is wrong with the chosen axes, or empty. */
  readonly axesProblem: string;
}

export function waitingText(waiting: Waiting): string {
  const { method } = waiting;
  if (waiting.isAsking) return 'Asking the server…';
  if (waiting.isComputing) return 'The server is computing…';
  if (waiting.hasFailed) return 'There is no map: see below.';
  if (method === 'tsne') return waiting.tooFew || 'Press “Run t-SNE” to start.';
  if (method === 'umap') return waiting.tooFew || 'Press “Run UMAP” to start.';
  if (method === 'axes' && waiting.axesProblem !== '') return waiting.axesProblem;
  return 'Nothing is projected yet.';
}
