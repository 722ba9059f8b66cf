// Which step a card shows where it is not the last: entries "RUN.STEP.INDEX.TAG" of the address bar, so
// that a link shows another person the same picture. Pure.

export interface ChosenStep {
  /** -1: the last, whichever that is. */
  readonly step: number;
  /** Which of several samples of a step. */
  readonly index: number;
}

const kLastStep: ChosenStep = { step: -1, index: 0 };

/** More choices than this make a link too long to pass on; the oldest are forgotten. */
const kChosenMax = 60;

function isOf(entry: string, run: number, tag: string): boolean {
  const match = /^(\d+)\.-?\d+\.\d+\.(.*)$/s.exec(entry);
  return match !== null && match[1] === `${run}` && match[2] === tag;
}

export function chosenStep(at: readonly string[], run: number, tag: string): ChosenStep {
  const entry = at.find((one) => isOf(one, run, tag));
  if (entry === undefined) return kLastStep;
  const [, step = '', index = ''] = entry.split('.');
  const chosen = { step: Number(step), index: Number(index) };
  return Number.isSafeInteger(chosen.step) && Number.isSafeInteger(chosen.index) ? chosen : kLastStep;
}

export function withChosenStep(at: readonly string[], run: number, tag: string, chosen: ChosenStep): string[] {
  const others = at.filter((one) => !isOf(one, run, tag));
  const isLast = chosen.step < 0 && chosen.index === 0;
  return isLast ? others : [...others, `${run}.${chosen.step}.${chosen.index}.${tag}`].slice(-kChosenMax);
}

/** Place of the chosen step among those there are, or of the last one before it; the last without a choice. */
export function stepIndex(steps: readonly number[], chosen: number): number {
  if (chosen < 0 || steps.length === 0) return steps.length - 1;
  let found = 0;
  steps.forEach((step, i) => {
    if (step <= chosen) found = i;
  });
  return found;
}
