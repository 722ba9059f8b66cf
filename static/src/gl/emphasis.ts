// How strongly a point is drawn.
export const kNormal = 0;
export const kFaded = 1;
export const kMarked = 2;
export const kHidden = 3;

/** `emphasis` with the rows hidden that have no place in one of the frames that the picture is between. */
export function hideAbsent(
  emphasis: Uint8Array,
  frames: readonly ({ readonly absent: readonly number[] } | null)[],
): Uint8Array {
  const absent = frames.flatMap((frame) => frame?.absent ?? []);
  if (absent.length === 0) return emphasis;
  const hidden = emphasis.slice();
  for (const row of absent) hidden[row] = kHidden;
  return hidden;
}

/** Whether `after` hides other rows than `before` does. */
export function hidesOthers(before: Uint8Array, after: Uint8Array): boolean {
  return after.some((mark, row) => (mark === kHidden) !== (before[row] === kHidden));
}
