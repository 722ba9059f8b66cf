import type { HparamValue } from '../../api/types';
import { compareNames } from '../../base/natural_order';

export interface HparamRow {
  readonly name: string;
  /** One per run, in their order; undefined where a run has none. */
  readonly values: readonly (HparamValue | undefined)[];
  readonly isDifferent: boolean;
}

/** All hyperparameters of some runs, those that differ first. Runs that logged none at all differ in none. */
export function differingHparams(runs: readonly Readonly<Record<string, HparamValue>>[]): HparamRow[] {
  const names = new Set(runs.flatMap((hparams) => Object.keys(hparams)));
  const told = runs.filter((hparams) => Object.keys(hparams).length > 0);
  const rows = [...names].map((name): HparamRow => {
    const values = runs.map((hparams) => hparams[name]);
    return { name, values, isDifferent: told.some((hparams) => hparams[name] !== told[0]?.[name]) };
  });
  return rows.sort((a, b) => Number(b.isDifferent) - Number(a.isDifferent) || compareNames(a.name, b.name));
}
