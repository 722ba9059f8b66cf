// What the GPU does in a range of times, and where it does nothing, what the host does meanwhile. Each instant counts
// once, for the first of the uses that it belongs to, so that they sum up to the range; XProf and PyTorch's profiler
// split a step in the same way. Pure.
import { kCall, kIsOnHost, kKindNames, kPhase, type Slices } from './timeline';
import type { TimeView } from './time_view';

export const kUses = [
  { label: 'computing', title: 'A kernel runs, or memory is set' },
  { label: 'communicating', title: 'A kernel of NCCL runs, and no other' },
  { label: 'copying', title: 'Memory is copied, and no kernel runs' },
  { label: 'idle: waits for input', title: 'The GPU does nothing while the host waits for data' },
  { label: 'idle: host synchronises', title: 'The GPU does nothing while the host waits for it, or for an event' },
  { label: 'idle: host launches', title: 'The GPU does nothing while the host is in a call of CUDA' },
  { label: 'idle: host elsewhere', title: 'The GPU does nothing, and the host calls nothing of CUDA' },
] as const;

const kCompute = 0;
const kCommunicate = 1;
const kCopy = 2;
const kInput = 3;
const kSynchronise = 4;
const kLaunch = 5;
const kElsewhere = kUses.length - 1;

const kKernelKind = kKindNames.indexOf('kernel');
const kCopyKind = kKindNames.indexOf('copy');

const kOfInput = /^(input|data)_(wait|time|load)|dataloader/i;
const kOfNccl = /nccl/i;
const kOfSynchronising = /synchronize/i;
/** Not of the operators that call it. */
const kOfCuda = /^(cuda|cu[A-Z]|hip)/;

function useOf(kind: number, name: string): number {
  if (kind === kPhase) return kOfInput.test(name) ? kInput : kElsewhere;
  if (kind === kCall && !kOfCuda.test(name)) return kElsewhere;
  if (kind === kCall) return kOfSynchronising.test(name) ? kSynchronise : kLaunch;
  if (kind === kCopyKind) return kCopy;
  return kind === kKernelKind && kOfNccl.test(name) ? kCommunicate : kCompute;
}

/** Apart from each other, and in order. */
function unionOf(spans: TimeView[]): TimeView[] {
  spans.sort((a, b) => a.from - b.from);
  const union: TimeView[] = [];
  let last: TimeView | undefined;
  for (const span of spans) {
    if (last !== undefined && span.from <= last.to) {
      if (span.to > last.to) union[union.length - 1] = last = { from: last.from, to: span.to };
    } else union.push((last = span));
  }
  return union;
}

/** Milliseconds of each of `kUses`; null where no GPU was looked into. */
export function gpuSplit(slices: Slices, { from, to }: TimeView): number[] | null {
  if (slices.kind.every((kind) => kIsOnHost[kind])) return null;
  const uses = slices.names.map((name) => kKindNames.map((_, kind) => useOf(kind, name)));
  const spans: TimeView[][] = kUses.map(() => []);
  slices.start.forEach((start, i) => {
    const span = { from: Math.max(from, start), to: Math.min(to, start + (slices.duration[i] as number)) };
    const use = uses[slices.name[i] as number]?.[slices.kind[i] as number] ?? kElsewhere;
    if (span.from < span.to && use !== kElsewhere) (spans[use] as TimeView[]).push(span);
  });
  let covered: TimeView[] = [];
  let before = 0;
  return kUses.map((_, use) => {
    if (use === kElsewhere) return Math.max(0, to - from - before);
    covered = unionOf([...covered, ...(spans[use] as TimeView[])]);
    const sum = covered.reduce((ms, span) => ms + span.to - span.from, 0);
    const exposed = sum - before;
    before = sum;
    return exposed;
  });
}
