// Markdown as a tree of elements that the page builds itself, so that text stays text whatever it holds. Raw HTML is
// shown as it is written, and a picture is told by its text: it would be fetched from elsewhere. Pure: no DOM.
import MarkdownIt, { type Token } from 'markdown-it';

export type MarkdownNode = string | MarkdownElement;

export interface MarkdownElement {
  /** Of HTML; the parser's choice, never the text's. */
  readonly tag: string;
  readonly children: readonly MarkdownNode[];
  /** Of an `a`: http or https. */
  readonly href?: string;
  /** Of an `ol`: the number of its first item. */
  readonly start?: number;
  /** Of a `td` or `th`. */
  readonly align?: string;
  /** Of an `input`, the box of a task: whether it is done. */
  readonly isDone?: boolean;
}

/** A longer text is no prose, and is shown as it is. */
const kLengthMax = 200_000;

const parser = new MarkdownIt({ html: false, linkify: true });
parser.validateLink = (url) => /^https?:\/\//i.test(url);
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
// Line breaks and the spaces behind them stay in the text: logs are not wrapped prose, and a model that is printed
// without a fence keeps its shape.
parser.inline.ruler.at('newline', (state, silent) => {
  if (state.src[state.pos] !== '\n') return false;
  if (!silent) state.pending = `${state.pending.trimEnd()}\n`;
  state.pos++;
  return true;
});

interface Open {
  readonly element: { -readonly [key in keyof MarkdownElement]: MarkdownElement[key] };
  readonly children: MarkdownNode[];
}

function open(token: Token): Open {
  const children: MarkdownNode[] = [];
  const element: Open['element'] = { tag: token.tag, children };
  const [href, start, style] = ['href', 'start', 'style'].map((name) => token.attrGet(name));
  if (href != null) element.href = `${href}`;
  if (start != null) element.start = Number(start);
  if (style != null) element.align = `${style}`.replace('text-align:', '');
  return { element, children };
}

function leaf(token: Token): MarkdownNode {
  switch (token.type) {
    case 'code_inline':
      return { tag: 'code', children: [token.content] };
    case 'fence':
    case 'code_block':
      return { tag: 'pre', children: [token.content.replace(/\n$/, '')] };
    case 'hr':
      return { tag: 'hr', children: [] };
  }
  return token.content;
}

/** What a task of a list begins with, as GitHub writes it. */
const kTask = /^\[([ xX])\]\s+(?=\S)/;

/** Puts a box before the text of an item that is a task. */
function markTask(item: MarkdownNode[]): void {
  const [first] = item;
  if (typeof first === 'object' && first.tag === 'p') return markTask(first.children as MarkdownNode[]);
  const task = typeof first === 'string' ? kTask.exec(first) : null;
  if (task === null) return;
  const box = { tag: 'input', children: [], isDone: task[1] !== ' ' };
  item.splice(0, 1, box, (first as string).slice(task[0].length));
}

function treeOf(tokens: readonly Token[]): MarkdownNode[] {
  const root: MarkdownNode[] = [];
  const path = [root];
  for (const token of tokens) {
    const siblings = path[path.length - 1] as MarkdownNode[];
    if (token.hidden) continue; // the paragraphs of a list whose items lie close
    if (token.nesting > 0) {
      const { element, children } = open(token);
      siblings.push(element);
      path.push(children);
    } else if (token.nesting < 0) {
      if (token.type === 'list_item_close') markTask(siblings);
      path.pop();
    } else if (token.type === 'inline') siblings.push(...treeOf(token.children ?? []));
    else if (token.type !== 'text' || token.content !== '') siblings.push(leaf(token));
  }
  return root;
}

export function parseMarkdown(text: string): MarkdownNode[] {
  return text.length > kLengthMax ? [{ tag: 'pre', children: [text] }] : treeOf(parser.parse(text, {}));
}
