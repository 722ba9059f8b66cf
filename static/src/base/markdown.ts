// Markdown as data: the part of CommonMark that people write into a training log, and GitHub's tables. The page
// builds elements of its own from it, so text stays text whatever it holds. Raw HTML is shown as it is written,
// and a picture is told by its text: it would be fetched from elsewhere. Pure: no DOM.

export type Inline =
  | { readonly kind: 'text' | 'code'; readonly text: string }
  | { readonly kind: 'strong' | 'em'; readonly children: readonly Inline[] }
  | { readonly kind: 'link'; readonly url: string; readonly children: readonly Inline[] };

export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly children: readonly Inline[] }
  | { readonly kind: 'paragraph' | 'quote'; readonly children: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | ListBlock
  | { readonly kind: 'table'; readonly head: readonly (readonly Inline[])[]; readonly rows: readonly (readonly (readonly Inline[])[])[] }
  | { readonly kind: 'rule' };

/** `first`: the number of an ordered list's first item. */
export interface ListBlock {
  readonly kind: 'list';
  readonly isOrdered: boolean;
  readonly first: number;
  readonly items: readonly { readonly children: readonly Inline[]; readonly lists: readonly ListBlock[] }[];
}

/** What opens an inline element, in the order in which it is tried. An underscore within a word is one. */
const kInlines: readonly { readonly pattern: RegExp; readonly make: (match: RegExpExecArray, depth: number) => Inline }[] = [
  { pattern: /^(`{1,3})(?!`)([^\n]*?[^`\n])\1(?!`)/, make: ([, , text]) => ({ kind: 'code', text: (text as string).replace(/^ (.+) $/, '$1') }) },
  { pattern: /^!\[([^\]\n]*)\]\([^)\s]*\)/, make: ([, text]) => ({ kind: 'text', text: text as string }) },
  { pattern: /^\[([^\]\n]+)\]\((https?:\/\/[^)\s]+)(?: +"[^"\n]*")?\)/, make: ([, text, url], depth) => ({ kind: 'link', url: url as string, children: parseInline(text as string, depth) }) },
  { pattern: /^<(https?:\/\/[^>\s]+)>/, make: ([, url]) => ({ kind: 'link', url: url as string, children: [{ kind: 'text', text: url as string }] }) },
  { pattern: /^\*\*\*(?=\S)([^*\n]*[^*\s])\*\*\*/, make: ([, text], depth) => ({ kind: 'strong', children: [{ kind: 'em', children: parseInline(text as string, depth) }] }) },
  { pattern: /^\*\*(?=[^\s*])((?:[^*\n]|\*(?!\*))*[^*\s]\*?)\*\*/, make: ([, text], depth) => ({ kind: 'strong', children: parseInline(text as string, depth) }) },
  { pattern: /^\*(?=[^\s*])([^*\n]*[^*\s])\*/, make: ([, text], depth) => ({ kind: 'em', children: parseInline(text as string, depth) }) },
  { pattern: /^__(?=\S)([^_\n]*[^_\s])__(?!\w)/, make: ([, text], depth) => ({ kind: 'strong', children: parseInline(text as string, depth) }) },
  { pattern: /^_(?=[^\s_])([^_\n]*[^_\s])_(?!\w)/, make: ([, text], depth) => ({ kind: 'em', children: parseInline(text as string, depth) }) },
];
const kDepthMax = 4;
const kListDepthMax = 8;
/** A longer line is no prose; it stays as it is. */
const kLineMax = 20_000;

export function parseInline(text: string, depth = 0): Inline[] {
  if (depth >= kDepthMax || text.length > kLineMax) return [{ kind: 'text', text }];
  const parts: Inline[] = [];
  let plain = '';
  for (let at = 0; at < text.length; ) {
    const isEscape = text[at] === '\\' && /[\\`*_[\]()#|!~-]/.test(text[at + 1] ?? '');
    const isWithinWord = text[at] === '_' && /\w/.test(text[at - 1] ?? '');
    const found = isEscape || isWithinWord || !'`![<*_'.includes(text[at] as string) ? null : openingOf(text.slice(at), depth + 1);
    if (found === null) {
      plain += text[isEscape ? at + 1 : at] as string;
      at += isEscape ? 2 : 1;
      continue;
    }
    if (plain !== '') parts.push({ kind: 'text', text: plain });
    plain = '';
    parts.push(found.inline);
    at += found.length;
  }
  if (plain !== '') parts.push({ kind: 'text', text: plain });
  return parts;
}

function openingOf(rest: string, depth: number): { inline: Inline; length: number } | null {
  for (const { pattern, make } of kInlines) {
    const match = pattern.exec(rest);
    if (match !== null) return { inline: make(match, depth), length: match[0].length };
  }
  return null;
}

const kHeading = /^(#{1,6})\s+(.*?)\s*#*$/;
const kItem = /^(\s*)(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;
const kRule = /^\s*(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})$/;
const kFence = /^\s*(```|~~~)/;
/** Of a heading: the line below its text. */
const kUnderline = /^(?:=+|-{2,})\s*$/;
const kIndentedCode = /^(?: {4}|\t)/;
const kDashes = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

function cellsOf(line: string): Inline[][] {
  const inner = line.trim().replace(/^\|/, '').replace(/(?<!\\)\|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => parseInline(cell.trim()));
}

/** The line at `at` is a table's head: the next one holds dashes for as many columns. */
function isTable(lines: readonly string[], at: number): boolean {
  const [head, dashes] = [lines[at] ?? '', lines[at + 1] ?? ''];
  return head.includes('|') && dashes.includes('-') && kDashes.test(dashes) && cellsOf(head).length === cellsOf(dashes).length;
}

function startsBlock(lines: readonly string[], at: number): boolean {
  const line = lines[at] as string;
  return line.trim() === '' || [kHeading, kItem, kRule, kFence].some((one) => one.test(line)) || line.startsWith('>') || isTable(lines, at);
}

interface Item {
  readonly indent: number;
  /** NaN: of a list without an order. */
  readonly number: number;
  text: string;
}

const kTab = '    ';
const isItem = (line: string) => kItem.test(line) && !kRule.test(line);
const isIndented = (line: string) => /^(?: {2}|\t)/.test(line);

/** A list goes on with items, with indented lines, and behind blank lines with either. */
function endOfList(lines: readonly string[], from: number): number {
  let end = from + 1;
  for (let at = end; at < lines.length; at++) {
    const line = lines[at] as string;
    if (line.trim() === '') continue;
    if (!isItem(line) && (!isIndented(line) || kFence.test(line))) break;
    end = at + 1;
  }
  return end;
}

/** Lines that begin no item go on with the one before. */
function itemsOf(lines: readonly string[]): Item[] {
  const items: Item[] = [];
  for (const line of lines) {
    const match = isItem(line) ? kItem.exec(line) : null;
    const last = items[items.length - 1];
    if (match !== null) items.push({ indent: (match[1] as string).replaceAll('\t', kTab).length, number: Number(match[2] ?? NaN), text: match[3] as string });
    else if (last !== undefined && line.trim() !== '') last.text += `\n${line.trim()}`;
  }
  return items;
}

/** Two columns further in than an item is within it; what a list has an order for is not of one that has none. */
function nested(items: readonly Item[], depth = 0): ListBlock[] {
  const lists: { kind: 'list'; isOrdered: boolean; first: number; items: ListBlock['items'][number][] }[] = [];
  for (let i = 0; i < items.length; ) {
    const { indent, number, text } = items[i] as Item;
    const from = ++i;
    while (i < items.length && depth < kListDepthMax && (items[i] as Item).indent >= indent + 2) i++;
    const made = { children: parseInline(text), lists: nested(items.slice(from, i), depth + 1) };
    const list = lists[lists.length - 1];
    const isOrdered = !Number.isNaN(number);
    if (list !== undefined && list.isOrdered === isOrdered) list.items.push(made);
    else lists.push({ kind: 'list', isOrdered, first: isOrdered ? number : 1, items: [made] });
  }
  return lists;
}

/** Line breaks within a paragraph are kept: logs are not wrapped prose. */
export function parseMarkdown(text: string): Block[] {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const blocks: Block[] = [];
  let at = 0;
  const takeWhile = (isWanted: (line: string) => boolean): string[] => {
    const from = at;
    while (at < lines.length && isWanted(lines[at] as string)) at++;
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at] as string;
    const heading = kHeading.exec(line);
    const fence = kFence.exec(line)?.[1];
    if (line.trim() === '') at++;
    else if (fence !== undefined) {
      at++;
      blocks.push({ kind: 'code', text: takeWhile((one) => !one.trim().startsWith(fence)).join('\n') });
      at++;
    } else if (kIndentedCode.test(line) && !isItem(line)) {
      const code = takeWhile((one) => kIndentedCode.test(one) || one.trim() === '');
      blocks.push({ kind: 'code', text: code.map((one) => one.replace(kIndentedCode, '')).join('\n').trimEnd() });
    } else if (heading !== null) {
      blocks.push({ kind: 'heading', level: (heading[1] as string).length, children: parseInline(heading[2] as string) });
      at++;
    } else if (kRule.test(line)) {
      blocks.push({ kind: 'rule' });
      at++;
    } else if (isTable(lines, at)) {
      at += 2;
      blocks.push({ kind: 'table', head: cellsOf(line), rows: takeWhile((one) => one.includes('|')).map(cellsOf) });
    } else if (kItem.test(line)) {
      const from = at;
      at = endOfList(lines, at);
      blocks.push(...nested(itemsOf(lines.slice(from, at))));
    } else if (line.startsWith('>')) {
      blocks.push({ kind: 'quote', children: parseInline(takeWhile((one) => one.startsWith('>')).map((one) => one.replace(/^> ?/, '')).join('\n')) });
    } else if (kUnderline.test(lines[at + 1] ?? '')) {
      blocks.push({ kind: 'heading', level: lines[at + 1]?.startsWith('=') ? 1 : 2, children: parseInline(line.trim()) });
      at += 2;
    } else {
      const first = at++;
      takeWhile(() => !startsBlock(lines, at));
      blocks.push({ kind: 'paragraph', children: parseInline(lines.slice(first, at).join('\n')) });
    }
  }
  return blocks;
}
