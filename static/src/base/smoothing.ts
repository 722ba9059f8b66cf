// The smoothing that users of TensorBoard know: an exponential moving average, debiased like Adam's
// moments, so that the curve begins at its first value and not at zero.

/**
 * Smooths `values` with `weight` in [0, 1); 0 returns a copy. Values that are not finite pass
 * through and do not touch the average. A constant series stays constant (no rounding drift).
 *
 * `counts`: how many points each value is the mean of. A value counts by them, as against the largest:
 * the first and the last point of a long series are rows of their own among means of hundreds.
 */
export function smooth(values: ArrayLike<number>, weight: number, counts?: ArrayLike<number>): Float64Array {
  const out = Float64Array.from(values);
  if (!(weight > 0) || isConstant(out)) return out;
  const kept = Math.min(weight, 0.9999);
  let most = 1;
  for (let i = 0; i < (counts?.length ?? 0); i++) most = Math.max(most, counts?.[i] as number);
  let average = 0;
  let debias = 0;
  for (let i = 0; i < out.length; i++) {
    const value = out[i] as number;
    if (!Number.isFinite(value)) continue;
    const share = (1 - kept) * (counts === undefined ? 1 : (counts[i] as number) / most);
    average = average * (1 - share) + share * value;
    debias = debias * (1 - share) + share;
    out[i] = average / debias;
  }
  return out;
}

function isConstant(values: Float64Array): boolean {
  const first = values[0];
  for (const value of values) if (value !== first) return false;
  return true;
}
