// Phases of a step: fixed colours for those that the trainer names, so that two runs look alike.
import { categoryColour } from '../../base/colour';

const kKnown: Readonly<Record<string, string>> = {
  input_wait: '#e0661c',
  forward: '#2b83c6',
  backward: '#7c67cc',
  optimizer: '#12a37d',
  logging: '#c99400',
};

/** `phases`: all of the run, so that a phase has one colour wherever it is drawn. */
export function phaseColour(name: string, phases: readonly string[]): string {
  return kKnown[name] ?? categoryColour(5 + (phases.indexOf(name) % 10));
}

export interface PhaseShare {
  readonly name: string;
  readonly colour: string;
  readonly meanMs: number;
  readonly share: number;
}

/** Mean per step and share of each phase over all rows, the greatest first. */
export function phaseShares(layers: readonly { name: string; colour: string; value: Float64Array }[]): PhaseShare[] {
  const means = layers.map(({ value }) => {
    let sum = 0;
    let count = 0;
    for (const one of value) {
      if (!Number.isFinite(one)) continue;
      sum += one;
      count++;
    }
    return count > 0 ? sum / count : 0;
  });
  const total = means.reduce((a, b) => a + b, 0);
  const shares = layers.map(({ name, colour }, i) => {
    const meanMs = means[i] as number;
    return { name, colour, meanMs, share: total > 0 ? meanMs / total : 0 };
  });
  return shares.sort((a, b) => b.meanMs - a.meanMs);
}
