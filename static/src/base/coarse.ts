// How often a picture of a whole run is worth asking for again while the run grows.

/** Moves each time the run has grown by about one to two hundredths. */
export function coarseStep(lastStep: number): string {
  if (!(lastStep > 64)) return `${lastStep}`;
  const unit = 2 ** Math.floor(Math.log2(lastStep / 64));
  return `${Math.floor(lastStep / unit)}*${unit}`;
}
