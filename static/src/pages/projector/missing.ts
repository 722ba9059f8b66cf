// A link may name what is not there any more. The page then shows something else, and has to say so. Pure.

export interface TableAddress {
  readonly run: number;
  readonly tag: string;
  readonly step: number;
}

/**
 * What was asked for and is not there; empty where all is. A run of 0, an empty tag and a step of -1 ask for nothing,
 * and as what is shown they are not known yet.
 */
export function missingOf(wanted: TableAddress, shown: TableAddress, runName: (run: number) => string): string {
  if (shown.run === 0) return '';
  // That it is another run is told of on every page (widgets/OtherRun.svelte).
  if (wanted.run !== 0 && wanted.run !== shown.run) return '';
  if (shown.tag === '') return '';
  if (wanted.tag !== '' && wanted.tag !== shown.tag)
    return `${runName(shown.run)} has no embedding “${wanted.tag}”: this is ${shown.tag}.`;
  if (wanted.step >= 0 && shown.step >= 0 && wanted.step !== shown.step)
    return `There is no checkpoint at step ${wanted.step}: this is step ${shown.step}.`;
  return '';
}
