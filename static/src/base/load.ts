// How far the reading of a log directory is, in words.
import { format } from 'd3-format';
import { formatDuration } from './format';

const kUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** The little that one step of a training logs is copied before anyone could read of it. */
const kCopyToldBytes = 16e6;

/** Whether the log directory is being read for the first time, or much that was read waits to be copied. */
export function isLoading(progress: { is_first_pass_done: boolean; bytes_to_copy: number }): boolean {
  return !progress.is_first_pass_done || progress.bytes_to_copy >= kCopyToldBytes;
}

/** "1.2 of 2.6 GB, about 40 s left"; without the time while it is not known. */
export function formatLoad(bytesRead: number, bytesFound: number, secondsLeft: number | null): string {
  const unit = Math.min(kUnits.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytesFound)) / 3)));
  const scale = 1000 ** unit;
  const number = format(unit === 0 ? ',d' : '.1f');
  const share = `${number(bytesRead / scale)} of ${number(bytesFound / scale)} ${kUnits[unit]}`;
  if (secondsLeft === null || !(secondsLeft > 0)) return share;
  return `${share}, about ${formatDuration(roundEstimate(secondsLeft))} left`;
}

/** An estimate is no measurement: whole seconds, tens of them above half a minute, whole minutes above ten. */
function roundEstimate(seconds: number): number {
  if (seconds < 30) return Math.max(1, Math.round(seconds));
  if (seconds < 600) return Math.round(seconds / 10) * 10;
  return Math.round(seconds / 60) * 60;
}
