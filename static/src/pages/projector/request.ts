// What the server is asked for, by what is chosen on the page.
import type { Abilities } from '../../api/projector';
import type { ProjectionAxis, ProjectionRequest } from '../../api/types';
import type { View } from '../../base/view';
import { componentsOf } from './components';

interface Table {
  readonly run: number;
  readonly tag: string;
  readonly rows: number;
  /** Numbers in a row. */
  readonly dims: number;
}

/** `axes` are null while those of the method axes are not all named. */
export function requestFor(
  view: View,
  table: Table,
  axes: readonly ProjectionAxis[] | null,
  abilities: Abilities,
): Omit<ProjectionRequest, 'step'> {
  const { method, dims, seed } = view;
  const common = { run: table.run, tag: table.tag, method, dims, seed, sphereize: view.sphere };
  if (method === 'axes') return { ...common, axes: axes ?? [] };
  if (method === 'pca') {
    const isFirst = view.components.length === 0;
    return isFirst ? common : { ...common, components: componentsOf(view.components, dims, table.dims) };
  }
  const begin = abilities.start
    ? { metric: view.map_metric, init: view.init === 'spectral' && method !== 'umap' ? ('pca' as const) : view.init }
    : {};
  if (method === 'umap') {
    const n_neighbors = Math.max(2, Math.min(view.n_neighbors, table.rows));
    return {
      ...common,
      ...begin,
      n_neighbors,
      min_dist: view.min_dist,
      ...(view.epochs > 0 ? { iterations: view.epochs } : {}),
    };
  }
  // More neighbours than a third of the rows make no map; the server would refuse them.
  const perplexity = Math.max(1, Math.min(view.perplexity, Math.floor((table.rows - 1) / 3)));
  const affinity = abilities.start && view.fast ? { affinity: 'uniform' as const } : {};
  const ending = abilities.ending
    ? {
        late_exaggeration: view.late,
        late_exaggeration_iterations: view.late_iterations,
        kl_tolerance: view.kl_tolerance,
      }
    : {};
  return { ...common, ...begin, perplexity, iterations: view.iterations, ...affinity, ...ending };
}

const kLeast: Readonly<Partial<Record<View['method'], readonly [string, number]>>> = {
  tsne: ['t-SNE', 4],
  umap: ['UMAP', 2],
};

/** Why no map can be asked for; empty where one can. */
export function tooFewRows(method: View['method'], rows: number | undefined): string {
  const least = kLeast[method];
  if (least === undefined || rows === undefined || rows >= least[1]) return '';
  return `${least[0]} wants at least ${least[1]} rows, this table has ${rows}. PCA shows any.`;
}
