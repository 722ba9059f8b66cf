// Phases of a step: fixed places of the palette for those that the trainer names, so that two runs look alike.
import { categoryColour } from '../../base/colour';

const kKnown = new Map([
  ['forward', 0],
  ['input_wait', 1],
  ['optimizer', 2],
  ['logging', 4],
  ['backward', 6],
]);

/** `phases`: all of the run, so that a phase has one colour wherever it is drawn. */
export function phaseColour(name: string, phases: readonly string[], isDark: boolean): string {
  return categoryColour(kKnown.get(name) ?? 7 + (phases.indexOf(name) % 10), isDark);
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
