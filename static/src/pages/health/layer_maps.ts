// Which heat maps Health draws, and of which tags.
import type { Tag } from '../../api/types';
import { compareNames } from '../../base/natural_order';

export interface LayerMap {
  readonly signal: string;
  readonly title: string;
  readonly unit: string;
  readonly isLog: boolean;
  readonly fixed: [number, number] | null;
}

export const kLayerMaps: readonly LayerMap[] = [
  { signal: 'dead_fraction', title: 'Dead units', unit: 'share of units', isLog: false, fixed: [0, 1] },
  { signal: 'zero_fraction', title: 'Zero activations', unit: 'share of activations', isLog: false, fixed: [0, 1] },
  { signal: 'gradient_norm', title: 'Gradient norm', unit: 'L2 norm (log)', isLog: true, fixed: null },
  { signal: 'update_ratio', title: 'Update ratio', unit: 'to weights (log)', isLog: true, fixed: null },
];

export interface MapTag {
  readonly tag: string;
  readonly label: string;
}

/** The tags of one signal: layers first, then embedding tables. */
export function tagsOfSignal(tags: readonly Tag[], signal: string): MapTag[] {
  const pattern = /^(layers|embeddings)\/(.+)\/([^/]+)$/;
  const found: (MapTag & { rank: number })[] = [];
  for (const tag of tags) {
    const match = tag.kind === 'scalar' ? pattern.exec(tag.name) : null;
    if (match === null || match[3] !== signal) continue;
    found.push({ tag: tag.name, label: match[2] as string, rank: match[1] === 'layers' ? 0 : 1 });
  }
  return found.sort((a, b) => a.rank - b.rank || compareNames(a.label, b.label));
}
