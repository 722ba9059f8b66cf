// Custom scalar layouts as TensorBoard's custom_scalars shows them: merged over runs, and their
// charts' tags found among those that the runs have.
import type { CustomCategory, MarginSeries } from '../../api/media_types';
import { interpolate, type Series } from '../../base/series';

/**
 * One layout of many: categories of one title are one, with each chart once. Closed is what the
 * first layout says.
 */
export function mergeLayouts(layouts: readonly (readonly CustomCategory[])[]): CustomCategory[] {
  const byTitle = new Map<string, CustomCategory>();
  const seen = new Set<string>();
  for (const category of layouts.flat()) {
    const merged = byTitle.get(category.title) ?? { ...category, charts: [] };
    byTitle.set(category.title, merged);
    for (const chart of category.charts) {
      const key = JSON.stringify([category.title, chart]);
      if (!seen.has(key)) merged.charts.push(chart);
      seen.add(key);
    }
  }
  return [...byTitle.values()];
}

export interface ChartTags {
  readonly tags: readonly string[];
  /** What is wrong with the chart. */
  readonly problems: readonly string[];
}

/** What the server answered to one expression of a chart. */
export type PatternMatch = { readonly tags: readonly string[] } | { readonly problem: string };

/** The tags of a chart, among the `names` of the shown runs, in their order. */
export function tagsOfMultiline(matches: readonly PatternMatch[], names: readonly string[]): ChartTags {
  const matched = new Set(matches.flatMap((match) => ('tags' in match ? match.tags : [])));
  return {
    tags: names.filter((name) => matched.has(name)),
    problems: matches.flatMap((match) => ('problem' in match ? [match.problem] : [])),
  };
}

export function tagsOfMargins(margins: readonly MarginSeries[], names: readonly string[]): ChartTags {
  const wanted = [...new Set(margins.flatMap((one) => [one.value, one.lower, one.upper]))];
  const known = new Set(names);
  return {
    tags: wanted.filter((tag) => known.has(tag)),
    problems: wanted.filter((tag) => !known.has(tag)).map((tag) => `no shown run has “${tag}”`),
  };
}

/** The series of one run that a margin chart draws together; bounds that are missing are null. */
export function marginBounds(
  value: Series,
  lower: Series | undefined,
  upper: Series | undefined,
): { min: Float64Array; max: Float64Array } | null {
  if (lower === undefined || upper === undefined || lower.step.length === 0 || upper.step.length === 0) return null;
  const min = interpolate(lower, value.step);
  const max = interpolate(upper, value.step);
  // A band needs both of its edges.
  min.forEach((low, i) => {
    if (!Number.isFinite(low) || !Number.isFinite(max[i] as number)) min[i] = max[i] = NaN;
  });
  return { min, max };
}
