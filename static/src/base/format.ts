// Numbers as people read them. One place, so that a step, a duration or a loss looks the same
// everywhere.
import { format } from 'd3-format';

const kFixed = format('.4~f');
const kSmall = format('.4~r');
const kScientific = format('.3~e');
const kSi = format('.3~s');
const kInteger = format(',d');
const kMinus = '\u2212';

/** A measured value in about four significant digits: 0.1234, 12.35, 1.2e-7, 45,210. */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Inf' : `${kMinus}Inf`;
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 1e-3 || size >= 1e7) return kScientific(value).replace('e+', 'e');
  if (size >= 1e4) return kInteger(Math.round(value));
  if (size >= 1e3) return format(',.1~f')(value);
  if (size >= 100) return format('.2~f')(value);
  if (size >= 10) return format('.3~f')(value);
  return size >= 1 ? kFixed(value) : kSmall(value);
}

/** float32 has no more digits that tell something: 0.1 of it is 0.10000000149. */
const kSettingDigits = 7;

/** A hyperparameter, which was set and not measured: a seed of 20240101 is not 2.024e7, nor 0.00121 as good as 0.0012. */
export function formatSetting(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || size >= 1e15) return formatValue(value);
  const rounded = Number.isInteger(value) ? value : Number(value.toPrecision(kSettingDigits));
  const text = size > 0 && size < 1e-3 ? rounded.toExponential() : String(rounded);
  return text.replace(/^-/, kMinus);
}

/** From one hyperparameter to another, in as many digits as a value has, unless only more tell the two apart. */
export function formatSettingRange(from: number, to: number): string {
  if (from === to) return formatSetting(from);
  const ends = [formatValue(from), formatValue(to)] as const;
  return ends[0] === ends[1] ? `${formatSetting(from)} to ${formatSetting(to)}` : `${ends[0]} to ${ends[1]}`;
}

export function formatStep(step: number): string {
  return Number.isFinite(step) ? kInteger(Math.round(step)) : '–';
}

/** Of steps all in one unit: 0, 0.5M, 1M. */
export function stepLabels(steps: readonly number[]): string[] {
  const most = Math.max(...steps);
  const [unit, letter] = most >= 1e9 ? [1e9, 'B'] : most >= 1e6 ? [1e6, 'M'] : [1, ''];
  // Steps that are closer than the unit can tell need all of their digits.
  const texts = steps.map((step) =>
    step === 0 || unit === 1 ? formatStep(step) : `${+(step / unit).toFixed(3)}${letter}`,
  );
  return new Set(texts).size === texts.length ? texts : steps.map(formatStep);
}

/** "1 run", "2,000 runs". */
export function countOf(count: number, thing: string): string {
  return `${kInteger(count)} ${thing}${count === 1 ? '' : 's'}`;
}

/** 950, 12.3k, 4.56M. */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return '–';
  return Math.abs(count) < 1000 ? kInteger(Math.round(count)) : kSi(count).replace('G', 'B');
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${kInteger(bytes)} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${format(value < 10 ? '.2~f' : '.1~f')(value)} ${units[unit]}`;
}

/** 0.4 s, 42 s, 3 min 20 s, 1 h 05 min, 2 d 3 h. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '–';
  if (seconds < 10) return `${format('.2~f')(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
}

/** Milliseconds with a unit that fits: 850 ns, 12.3 µs, 4.56 ms, 1.2 s. */
export function formatMilliseconds(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  const size = Math.abs(ms);
  if (size === 0) return '0 ms';
  if (size < 1e-3) return `${format('.3~r')(ms * 1e6)} ns`;
  if (size < 1) return `${format('.3~r')(ms * 1e3)} µs`;
  if (size < 1000) return `${format('.3~r')(ms)} ms`;
  return formatDuration(ms / 1000);
}

/** A time as above, with the digits that tell it from one that is `gap` milliseconds away. */
export function formatTimeAmong(ms: number, gap: number): string {
  const size = Math.abs(ms);
  const [unit, name] = size >= 1e3 ? [1e3, 's'] : size >= 1 ? [1, 'ms'] : size >= 1e-3 ? [1e-3, 'µs'] : [1e-6, 'ns'];
  const needed = Math.ceil(Math.log10(unit / gap) - 1e-9);
  const told = size >= 1e4 ? 0 : 2 - Math.floor(Math.log10(size / unit));
  if (size === 0 || !(needed > told)) return formatMilliseconds(ms);
  return `${format(`.${Math.min(needed, 12)}~f`)(ms / unit)} ${name}`;
}

/** Local date and time, to the second; a clock that counts in other units tells times that no calendar has. */
export function formatWallTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  if (!(seconds > 0) || Number.isNaN(date.getTime())) return '–';
  const two = (value: number) => String(value).padStart(2, '0');
  return (
    `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  );
}

export function formatShare(share: number): string {
  if (!Number.isFinite(share)) return '–';
  // Little, but not nothing.
  if (share > 0 && share < 0.001) return '<0.1 %';
  const percent = share * 100;
  return `${format(percent !== 0 && Math.abs(percent) < 10 ? '.2~f' : '.1~f')(percent)} %`;
}

/** A run that diverged is 1e31 times another: in digits of one percent it would be as wide as a page. */
function percentText(percent: number): string {
  return percent < 1e4 ? format('.1~f')(percent) : formatValue(percent);
}

/** A difference of this size with its sign, and relative to the base where that means something. */
function signed(delta: number, base: number, size: string): string {
  if (!Number.isFinite(delta)) return '–';
  if (delta === 0) return '±0';
  const sign = delta > 0 ? '+' : kMinus;
  return base === 0 ? `${sign}${size}` : `${sign}${size} (${sign}${percentText(Math.abs(delta / base) * 100)} %)`;
}

export function formatDelta(value: number, base: number): string {
  const delta = value - base;
  return signed(delta, base, formatValue(Math.abs(delta)).replace(/^-/, ''));
}

/** Of two times in milliseconds. */
export function formatTimeDelta(ms: number, base: number): string {
  return signed(ms - base, base, formatMilliseconds(Math.abs(ms - base)));
}

/** Text cut in its middle, where paths differ least; the whole belongs in a title. */
export function middleEllipsis(text: string, max: number): string {
  const letters = [...text];
  if (letters.length <= max) return text;
  const head = Math.ceil((max - 1) / 2);
  return `${letters.slice(0, head).join('')}…${letters.slice(letters.length - (max - 1 - head)).join('')}`;
}

/** The last two parts of a path, which tell log directories apart where their names alone do not: "mnist/runs". */
export function endOfPath(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '')
    .slice(-2)
    .join('/');
}
