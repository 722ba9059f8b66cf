// Custom scalar layouts as TensorBoard's custom_scalars shows them: merged over runs, and their
// charts' tags found among those that the runs have.
import type { CustomCategory, CustomChart } from '../../api/types';
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

export interface TagPattern {
  readonly matches: (tag: string) => boolean;
  /** Why the text is no expression; empty where it is one. */
  readonly error: string;
}

/**
 * A layout's expression, written for Python: it must match at the beginning of a tag. Inline flags
 * and named groups are spelled otherwise in JavaScript.
 */
export function tagPattern(text: string): TagPattern {
  const flags = /^\(\?([aiLmsux]+)\)/.exec(text);
  const body = text.slice(flags?.[0].length ?? 0).replaceAll('(?P<', '(?<').replaceAll('\\Z', '$').replaceAll('\\A', '^');
  const kept = [...new Set(flags?.[1] ?? '')].filter((flag) => 'ims'.includes(flag)).join('');
  try {
    const regex = new RegExp(`^(?:${body})`, kept);
    return { matches: (tag) => regex.test(tag), error: '' };
  } catch (error) {
    return { matches: () => false, error: `“${text}”: ${error instanceof Error ? error.message : 'no regular expression'}` };
  }
}

/** The tags of a chart, among `names`, and what is wrong with it. */
export function tagsOfChart(chart: CustomChart, names: readonly string[]): { tags: string[]; problems: string[] } {
  if (chart.kind === 'multiline') {
    const patterns = chart.tags.map(tagPattern);
    return {
      tags: names.filter((name) => patterns.some((pattern) => pattern.matches(name))),
      problems: patterns.map((pattern) => pattern.error).filter((error) => error !== ''),
    };
  }
  const wanted = chart.series.flatMap((one) => [one.value, one.lower, one.upper]);
  const known = new Set(names);
  const missing = [...new Set(wanted.filter((tag) => !known.has(tag)))];
  return {
    tags: [...new Set(wanted)].filter((tag) => known.has(tag)),
    problems: missing.map((tag) => `no shown run has “${tag}”`),
  };
}

/** The series of one run that a margin chart draws together; bounds that are missing are null. */
export function marginBounds(value: Series, lower: Series | undefined, upper: Series | undefined): { min: Float64Array; max: Float64Array } | null {
  if (lower === undefined || upper === undefined || lower.step.length === 0 || upper.step.length === 0) return null;
  const min = interpolate(lower, value.step);
  const max = interpolate(upper, value.step);
  // A band needs both of its edges.
  min.forEach((low, i) => {
    if (!Number.isFinite(low) || !Number.isFinite(max[i] as number)) min[i] = max[i] = NaN;
  });
  return { min, max };
}
