// Which principal components the axes of a PCA are, counted from 1. Pure.
import type { Projection } from '../../api/types';
import { toNumber } from '../../api/types';
import { kComponentsMax } from '../../base/view';

/** The chosen ones that rows of `dims` numbers have, and the first others for axes that lack one. */
export function componentsOf(chosen: readonly number[], axes: number, dims: number): readonly number[] {
  const taken = chosen.filter((one, i) => one <= Math.min(kComponentsMax, dims) && chosen.indexOf(one) === i);
  const components = taken.slice(0, axes);
  for (let next = 1; components.length < axes; next++) if (!components.includes(next)) components.push(next);
  return components;
}

/** As a view has them: none where they are the first. */
export function saidOf(components: readonly number[]): readonly number[] {
  return components.every((one, i) => one === i + 1) ? [] : components;
}

/** After `component` was chosen for an axis: another that had it has what this one had. */
export function chosenFor(components: readonly number[], axis: number, component: number): readonly number[] {
  const before = components[axis] ?? component;
  return components.map((one, i) => (i === axis ? component : one === component ? before : one));
}

/** Of the variance, what each of the first components explains; empty where it is not known. */
export function sharesOf(projection: Projection | null): readonly number[] {
  return (projection?.component_shares ?? []).map(toNumber);
}
