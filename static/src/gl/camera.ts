// Where the camera of a map is, as text for a link, in units of the map: "x,y,half height" in the plane,
// "eye x,y,z,target x,y,z" in space. Pure.

/** Empty for numbers that are not finite. */
export function formatCamera(numbers: readonly number[]): string {
  return numbers.every(Number.isFinite) ? numbers.map((value) => `${Number(value.toPrecision(5))}`).join(',') : '';
}

/** Null where the text is no camera of a map of so many dims. */
export function parseCamera(text: string, dims: number): number[] | null {
  const numbers = text === '' ? [] : text.split(',').map((part) => (part === '' ? NaN : Number(part)));
  if (numbers.length !== (dims === 3 ? 6 : 3) || !numbers.every(Number.isFinite)) return null;
  if (dims !== 3) return (numbers[2] as number) > 0 ? numbers : null;
  const isApart = [0, 1, 2].some((axis) => numbers[axis] !== numbers[axis + 3]);
  return isApart ? numbers : null;
}
