// What a tag's name tells of the metric: which way is better, and which ones matter first.

export type Direction = 'lower' | 'higher' | 'none';

const kLower = /(^|[/_.-])(loss|error|err|rmse|mae|mse|perplexity|ppl|nll|wer|cer|fid|latency)([/_.-]|$)/i;
const kHigher =
  /(^|[/_.-])(acc|accuracy|acc[15]|top[_-]?[15]|auc|auroc|f1|precision|recall|map|mrr|ndcg|hit_rate|bleu|rouge|iou|dice|psnr|ssim|rew|reward|return|win_rate|success_rate|samples_per_second|tokens_per_second|throughput|r2|diversity)([/_.-]|$)/i;

export function betterDirection(tag: string): Direction {
  if (kLower.test(tag)) return 'lower';
  return kHigher.test(tag) ? 'higher' : 'none';
}

const kSpeed = /(^|[/_.-])(latency|throughput|\w+_per_second)([/_.-]|$)/i;
const kHeldOut = /(^|[/_.-])(eval|val|valid|validation|test|dev|holdout)([/_.-]|$)/i;

/** How much a metric tells of what came out: of data that was held out more than of others, how fast it went least. */
export function weightOf(tag: string): number {
  if (betterDirection(tag) === 'none' || kSpeed.test(tag)) return 0;
  return kHeldOut.test(tag) ? 2 : 1;
}

const kShare =
  /(^|[/_.-])(acc|accuracy|acc[15]|top[_-]?[15]|auc|auroc|f1|precision|recall|ndcg|hit_rate|iou|share|fraction)([/_.-]|$)/i;

/** Whether it is usually between 0 and 1; some programs log it in percent. */
export function isShare(tag: string): boolean {
  return kShare.test(tag);
}

/** Results of the whole model, not of a layer: what a table of final metrics begins with. */
export function isSummaryMetric(tag: string): boolean {
  return !/^(layers|embeddings|system)\//.test(tag) && betterDirection(tag) !== 'none';
}

/** Whether `value` is better, worse or neither, as against `base`. */
export function judge(tag: string, value: number, base: number): 'better' | 'worse' | 'same' {
  const direction = betterDirection(tag);
  if (direction === 'none' || !(value !== base) || Number.isNaN(value - base)) return 'same';
  return value < base === (direction === 'lower') ? 'better' : 'worse';
}
