// Orders names as people do: layer_2 before layer_10, lr0.01 before lr0.03 and lr0.1, lr1e-4 before lr1e-3. Pure.

type Token = number | string;

const kNumber = /(\d+)(\.\d+)?([eE][+-]?\d{1,3}(?![\p{L}\d]))?/uy;
const kWord = /\p{L}+/uy;
const kWords = new Intl.Collator('en', { sensitivity: 'base' });

/**
 * Digits after a point are a fraction where they cannot be a count: below 1, of hundredths, or before an exponent. So
 * v1.10 follows v1.9, as layer1.10 follows layer1.9. A chain, such as 1.0.12, has counts only.
 */
function isFraction(name: string, at: number, [text, whole, point, power]: RegExpExecArray): boolean {
  if (point === undefined) return false;
  const isChain = /\d\.$/.test(name.slice(Math.max(0, at - 2), at)) || /^\.\d/.test(name.slice(at + text.length, at + text.length + 2));
  return !isChain && (Number(whole) === 0 || point.startsWith('.0') || power !== undefined);
}

function tokensOf(name: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < name.length; ) {
    kNumber.lastIndex = kWord.lastIndex = at;
    const number = kNumber.exec(name);
    const word = number === null ? kWord.exec(name) : null;
    const isPlain = number !== null && number[2] === undefined;
    const text = number === null ? (word?.[0] ?? (name[at] as string)) : isPlain || isFraction(name, at, number) ? number[0] : (number[1] as string);
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

/** 0 also for names that differ in case, accents or leading zeros alone. */
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
