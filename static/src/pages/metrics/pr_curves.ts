// PR curves of the API as lines of a chart.
import { float64, type Item } from '../../api/columns';
import type { PrLine } from '../../charts/pr_lines';

/** More curves than this hide each other, and each is a request. */
export const kCurveRunsMax = 40;

/** Programs log curves of no thresholds, too. */
export const isFilled = (item: Item) => float64(item, 'threshold').length > 0;

export function prLine(item: Item, look: Pick<PrLine, 'id' | 'label' | 'colour' | 'dash'>): PrLine {
  return {
    ...look,
    threshold: float64(item, 'threshold'),
    recall: float64(item, 'recall'),
    precision: float64(item, 'precision'),
    truePositives: float64(item, 'true_positives'),
    falsePositives: float64(item, 'false_positives'),
    trueNegatives: float64(item, 'true_negatives'),
    falseNegatives: float64(item, 'false_negatives'),
  };
}
