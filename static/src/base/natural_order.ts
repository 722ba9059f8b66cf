// Orders names as people do: layer_2 before layer_10, lr0.01 before lr0.03 and lr0.1, lr1.25 before lr1.5, lr1e-4 before
// lr1e-3. Pure.

type Token = number | string;

const kNumber = /(\d+)(\.\d+)?([eE][+-]?\d{1,3}(?![\p{L}\d]))?/uy;
const kWord = /\p{L}+/uy;
const kWords = new Intl.Collator('en', { sensitivity: 'base' });

/** What has parts that are counted: its 10th follows its 9th. */
const kCounted = /(?<!\p{L})(?:v|ver|version|layers?|blocks?|stages?)[ ._-]?$/iu;
/** Of the longest of those words, its separator and the letter before it. */
const kCountedLength = 9;

/**
 * Digits after a point are a fraction, as in the values of a sweep, but for versions and the names of modules: v1.10
 * follows v1.9, as layer1.10 follows layer1.9. A chain, such as 1.0.12 or 1.10.conv, has counts only.
 */
function isFraction(name: string, at: number, [text, whole, point, power]: RegExpExecArray): boolean {
  if (point === undefined) return false;
  const before = name.slice(Math.max(0, at - kCountedLength), at);
  const after = name.slice(at + text.length, at + text.length + 2);
  if (/\d\.$/.test(before) || /^\.\d/.test(after)) return false;
  // No count looks like this, whatever stands around it: below 1, of hundredths, with an exponent.
  if (Number(whole) === 0 || point.startsWith('.0') || power !== undefined) return true;
  return !/^\.\p{L}/u.test(after) && !kCounted.test(before);
}

function tokensOf(name: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < name.length;) {
    kNumber.lastIndex = kWord.lastIndex = at;
    const number = kNumber.exec(name);
    const word = number === null ? kWord.exec(name) : null;
    const isPlain = number !== null && number[2] === undefined;
    const text =
      number === null
        ? (word?.[0] ?? (name[at] as string))
        : isPlain || isFraction(name, at, number)
          ? number[0]
          : (number[1] as string);
    tokens.push(number === null ? text : Number(text));
    at += text.length;
  }
  return tokens;
}

/** Lists are sorted again with each change of their filters, mostly of the same names. */
const kKeptMax = 50_000;
const kept = new Map<string, Token[]>();

function keptTokens(name: string): Token[] {
  const known = kept.get(name);
  if (known !== undefined) return known;
  if (kept.size >= kKeptMax) kept.clear();
  const tokens = tokensOf(name);
  kept.set(name, tokens);
  return tokens;
}

/** Signs before numbers before words, as dictionaries have them. */
function rank(token: Token): number {
  return typeof token === 'number' ? 1 : /^\p{L}/u.test(token) ? 2 : 0;
}

function compareTokens(a: Token, b: Token): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : Number(a > b);
  if (typeof a === 'number' || typeof b === 'number') return rank(a) - rank(b);
  return a === b ? 0 : rank(a) - rank(b) || kWords.compare(a, b);
}

/** 0 also for names that differ in case, accents or zeros that change no number alone. */
export function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [keptTokens(a), keptTokens(b)];
  const shared = Math.min(left.length, right.length);
  for (let i = 0; i < shared; i++) {
    const order = compareTokens(left[i] as Token, right[i] as Token);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
