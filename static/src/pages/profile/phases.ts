// Phases of a step: fixed colours for those that the trainer names, so that two runs look alike.
import { categoryColour } from '../../base/colour';

const kKnown: Readonly<Record<string, string>> = {
  input_wait: '#e0661c',
  forward: '#2b83c6',
  backward: '#7c67cc',
  optimizer: '#12a37d',
  logging: '#c99400',
};

export function phaseColour(name: string, index: number): string {
  return kKnown[name] ?? categoryColour(5 + (index % 10));
}

export interface PhaseShare {
  readonly name: string;
  readonly colour: string;
  readonly meanMs: number;
  readonly share: number;
}

/** Mean per step and share of each phase over all rows. */
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
  return layers.map(({ name, colour }, i) => ({
    name,
    colour,
    meanMs: means[i] as number,
    share: total > 0 ? (means[i] as number) / total : 0,
  }));
}
