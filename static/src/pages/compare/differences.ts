import type { HparamValue } from '../../api/types';
import { compareNames } from '../../base/natural_order';

export interface HparamRow {
  readonly name: string;
  /** One per run, in their order; undefined where a run has none. */
  readonly values: readonly (HparamValue | undefined)[];
  readonly isDifferent: boolean;
}

/** All hyperparameters of some runs, those that differ first. */
export function differingHparams(runs: readonly Readonly<Record<string, HparamValue>>[]): HparamRow[] {
  const names = new Set(runs.flatMap((hparams) => Object.keys(hparams)));
  const rows = [...names].map((name): HparamRow => {
    const values = runs.map((hparams) => hparams[name]);
    return { name, values, isDifferent: values.some((value) => value !== values[0]) };
  });
  return rows.sort((a, b) => Number(b.isDifferent) - Number(a.isDifferent) || compareNames(a.name, b.name));
}
