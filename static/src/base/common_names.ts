// Which of many names are shown without being asked for: those that most runs have. A logdir holds runs of several
// projects, and what two of a hundred runs logged tells nothing of the others. Pure.

/** What fewer than one in so many have, as against the name that most have, is shown only when asked for. */
const kRareShare = 4;

/** How often each name comes: in how many runs, where each run brings each of its names once. */
export function countNames(names: Iterable<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Those of `names` that are not rare among them. */
export function withoutRare(names: readonly string[], counts: ReadonlyMap<string, number>): string[] {
  const count = (name: string) => counts.get(name) ?? 0;
  const most = names.reduce((highest, name) => Math.max(highest, count(name)), 0);
  return names.filter((name) => count(name) * kRareShare >= most);
}

/** Up to `max` of `names`, in their order: those with the highest counts. */
export function mostCommon(names: readonly string[], counts: ReadonlyMap<string, number>, max: number): string[] {
  const common = withoutRare(names, counts);
  const chosen = new Set([...common].sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0)).slice(0, max));
  return common.filter((name) => chosen.has(name));
}

/** What of `names` is shown, as columns or axes with this prefix: by default and not hidden, or asked for. */
export function shownNames(
  prefix: 'm' | 'h',
  names: readonly string[],
  byDefault: ReadonlySet<string>,
  choice: { hidden: readonly string[]; columns: readonly string[] },
): string[] {
  const hidden = new Set(choice.hidden);
  const added = new Set(choice.columns);
  return names.filter((name) => {
    const key = `${prefix}:${name}`;
    return byDefault.has(key) ? !hidden.has(key) : added.has(key);
  });
}

/** The choice after a press on the box of a column or axis. */
export function switchShown(
  key: string,
  byDefault: ReadonlySet<string>,
  { hidden, columns }: { hidden: readonly string[]; columns: readonly string[] },
): { hidden: readonly string[] } | { columns: readonly string[] } {
  const switched = (list: readonly string[]) =>
    list.includes(key) ? list.filter((one) => one !== key) : [...list, key];
  return /^[mh]:/.test(key) && !byDefault.has(key) ? { columns: switched(columns) } : { hidden: switched(hidden) };
}
