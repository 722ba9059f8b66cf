// What a card says of a finding beside its words: pure.
import type { Finding } from '../../api/types';
import { escapeRegex } from '../../base/regex';
import type { View } from '../../base/view';

/** "3 of 64"; nothing where the finding is about one thing as a whole, as a loss is. */
export function affectedOf(finding: Finding): { affected: number; total: number } | null {
  return finding.total > 0 ? { affected: finding.affected, total: finding.total } : null;
}

export interface Place {
  page: 'metrics' | 'distributions' | 'projector';
  noun: string;
  view: Partial<View>;
}

/** Where what the finding speaks of can be seen: findings from histograms have no curves. */
export function placeOf(finding: Finding): Place {
  if (finding.rule === 'embedding_collapse') {
    return { page: 'projector', noun: 'Map', view: { tag: finding.entity } };
  }
  const view = { tag_filter: `/${escapeRegex(finding.entity)}/` };
  return finding.rule === 'still_tensors' || finding.rule === 'fallen_silent'
    ? { page: 'distributions', noun: 'Distributions', view }
    : { page: 'metrics', noun: 'Curves', view };
}
