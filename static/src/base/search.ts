// Binary search in sorted columns.

/** Index of the first element that is not less than `value`; `values.length` if all are less. */
export function lowerBound(values: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the element nearest to `value`, the lower one of two equally near; -1 if empty. */
export function nearestIndex(values: ArrayLike<number>, value: number): number {
  if (values.length === 0) return -1;
  const above = lowerBound(values, value);
  if (above === 0) return 0;
  if (above === values.length) return above - 1;
  const distanceBelow = value - (values[above - 1] ?? 0);
  const distanceAbove = (values[above] ?? 0) - value;
  return distanceBelow <= distanceAbove ? above - 1 : above;
}

export function isAscending(values: ArrayLike<number>): boolean {
  for (let i = 1; i < values.length; i++) if ((values[i] as number) < (values[i - 1] as number)) return false;
  return true;
}

/** The last element that fulfils `isWanted`. */
export function lastOf<T>(values: readonly T[], isWanted: (value: T) => boolean): T | undefined {
  for (let i = values.length - 1; i >= 0; i--) if (isWanted(values[i] as T)) return values[i];
  return undefined;
}
