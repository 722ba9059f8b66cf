// What a card says of a finding beside its words: pure.
import type { Finding } from '../../api/types';

/** "3 of 64"; nothing where the finding is about one thing as a whole, as a loss is. */
export function affectedOf(finding: Finding): { affected: number; total: number } | null {
  return finding.total > 0 ? { affected: finding.affected, total: finding.total } : null;
}

/** Where what the finding speaks of can be seen: findings from histograms have no curves. */
export function placeOf(finding: Finding): { page: 'metrics' | 'distributions'; noun: string; tagFilter: string } {
  const tagFilter = `/${finding.entity.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}/`;
  return finding.rule === 'still_tensors'
    ? { page: 'distributions', noun: 'Distributions', tagFilter }
    : { page: 'metrics', noun: 'Curves', tagFilter };
}
