import { describe, expect, it } from 'vitest';
import { parseMarkdown, type MarkdownElement, type MarkdownNode } from '../src/base/markdown';

const of = (tag: string, ...children: MarkdownNode[]) => ({ tag, children });
/** The one paragraph of a text. */
const inline = (text: string) => {
  const tree = parseMarkdown(text);
  expect(tree).toMatchObject([{ tag: 'p' }]);
  return (tree[0] as MarkdownElement).children;
};

describe('Markdown', () => {
  it('has headings, paragraphs with their line breaks, quotes, rules and code', () => {
    expect(parseMarkdown('# Step 3 #\n\nfirst\nsecond\n> said\n\n---\n```py\n# no heading\n```\nend')).toEqual([
      of('h1', 'Step 3'),
      of('p', 'first\nsecond'),
      of('blockquote', of('p', 'said')),
      of('hr'),
      of('pre', '# no heading'),
      of('p', 'end'),
    ]);
    expect(parseMarkdown('```\nnever closed')).toEqual([of('pre', 'never closed')]);
    expect(parseMarkdown('> a\n> > b')).toEqual([of('blockquote', of('p', 'a'), of('blockquote', of('p', 'b')))]);
  });
  it('has headings that are underlined, and the print of a model as it stands, indented as code or not', () => {
    expect(parseMarkdown('Model\n=====\n\n    Net(\n      (fc): Linear\n\n    )\n\nResults\n---')).toEqual([
      of('h1', 'Model'),
      of('pre', 'Net(\n  (fc): Linear\n\n)'),
      of('h2', 'Results'),
    ]);
    expect(inline('Net(\n  (fc): Linear\n)').join('')).toBe('Net(\n  (fc): Linear\n)');
    expect(inline('a line  \n    goes on').join('')).toBe('a line\n    goes on');
  });
  it('has lists within lists, and what else is within an item', () => {
    expect(parseMarkdown('1. a\n   - b\n2. c')).toEqual([
      of('ol', of('li', 'a', of('ul', of('li', 'b'))), of('li', 'c')),
    ]);
    expect(parseMarkdown('- a\n\t- b\n\n\t\t  c')).toEqual([
      of('ul', of('li', 'a', of('ul', of('li', of('p', 'b'), of('pre', 'c'))))),
    ]);
    expect(parseMarkdown('- a\n  ```\n  code\n  ```\n- b')).toEqual([
      of('ul', of('li', 'a', of('pre', 'code')), of('li', 'b')),
    ]);
    expect(parseMarkdown('- a\n7. b\n8. c')).toEqual([
      of('ul', of('li', 'a')),
      { tag: 'ol', start: 7, children: [of('li', 'b'), of('li', 'c')] },
    ]);
    expect(parseMarkdown('- a\n- - -')).toEqual([of('ul', of('li', 'a')), of('hr')]);
  });
  it('has boxes for the tasks of a list, and for nothing else', () => {
    const box = (isDone: boolean): MarkdownNode => ({ tag: 'input', children: [], isDone });
    expect(parseMarkdown('- [ ] tune\n- [x] train\n  - [X] long **run**')).toEqual([
      of(
        'ul',
        of('li', box(false), 'tune'),
        of('li', box(true), 'train', of('ul', of('li', box(true), 'long ', of('strong', 'run')))),
      ),
    ]);
    expect(parseMarkdown('1. [ ] a\n\n2. [y] b')).toEqual([
      of('ol', of('li', of('p', box(false), 'a')), of('li', of('p', '[y] b'))),
    ]);
    for (const text of ['[ ] a', '- [ ]', '- [x](https://x.org) a', '- `[ ] a`', '- a [ ] b'])
      expect(JSON.stringify(parseMarkdown(text))).not.toContain('input');
  });
  it('has tables', () => {
    const right = (tag: string, ...children: MarkdownNode[]) => ({ tag, align: 'right', children });
    expect(parseMarkdown('| a | b |\n|---|--:|\n| `1 \\| 2` | x \\| y |\n')).toEqual([
      of(
        'table',
        of('thead', of('tr', of('th', 'a'), right('th', 'b'))),
        of('tbody', of('tr', of('td', of('code', '1 | 2')), right('td', 'x | y'))),
      ),
    ]);
    expect(parseMarkdown('a | b\nno dashes')).toMatchObject([{ tag: 'p' }]);
  });
  it('has emphasis, code and links, and leaves names of variables alone', () => {
    expect(inline('**bold *and* more** `x_y` ~~old~~')).toEqual([
      of('strong', 'bold ', of('em', 'and'), ' more'),
      ' ',
      of('code', 'x_y'),
      ' ',
      of('s', 'old'),
    ]);
    expect(inline('``a ` tick`` and ` alone')).toEqual([of('code', 'a ` tick'), ' and ` alone']);
    expect(inline('my_var_name 2 ** 3 * 4 \\*').join('')).toBe('my_var_name 2 ** 3 * 4 *');
    for (const link of ['[run](https://x.org/a)', '[run](https://x.org/a "its title")']) {
      expect(inline(link)).toEqual([{ tag: 'a', href: 'https://x.org/a', children: ['run'] }]);
    }
    for (const link of ['<https://x.org>', 'https://x.org']) {
      expect(inline(link)).toEqual([{ tag: 'a', href: 'https://x.org', children: [link.replace(/[<>]/g, '')] }]);
    }
  });
  it('follows no other scheme, fetches no picture and keeps HTML as text', () => {
    const hostile = [
      '[x](javascript:alert(1))',
      '<script>alert(1)</script>',
      '[x](data:text/html,y)',
      '[x](//elsewhere.org)',
      'javascript:alert(1)',
      'x.org',
      'me@x.org',
      '<me@x.org>',
    ];
    for (const text of hostile) expect(inline(text).join('')).toBe(text);
    expect(parseMarkdown('<div onclick="x()">\n\n<b>')).toEqual([of('p', '<div onclick="x()">'), of('p', '<b>')]);
    expect(inline('![a cat](https://elsewhere.org/cat.png)')).toEqual(['a cat']);
  });
  it('makes no elements but its own', () => {
    const tags = new Set<string>();
    const visit = (node: MarkdownNode) => {
      if (typeof node === 'string') return;
      tags.add(node.tag);
      node.children.forEach(visit);
    };
    parseMarkdown(
      '# a\n*b* **c** `d` ~~e~~ [f](https://x.org)\n\n> g\n\n- h\n\n1. i\n\n```script\nj\n```\n\n|k|\n|-|\n|l|\n\n---\n<style>',
    ).forEach(visit);
    expect([...tags].sort()).toEqual(
      'a blockquote code em h1 hr li ol p pre s strong table tbody td th thead tr ul'.split(' '),
    );
  });
  it('comes to an end on anything', () => {
    const hostile = [
      '*'.repeat(30_000),
      '[('.repeat(5000),
      '['.repeat(50_000),
      '`'.repeat(999),
      '|-'.repeat(9999),
      '_a'.repeat(9000),
      '**a'.repeat(6000),
      '**a *'.repeat(3900),
      '``a'.repeat(6000),
      '<https://'.repeat(2000),
      'https://'.repeat(9000),
      '\n\n>\n#\n```',
      '>'.repeat(9999),
      '- a\n'.repeat(9999),
      Array.from({ length: 400 }, (_, i) => `${' '.repeat(2 * i)}- a`).join('\n'),
      '\ud800 \0',
    ];
    for (const text of hostile) expect(() => parseMarkdown(text)).not.toThrow();
    expect(parseMarkdown('')).toEqual([]);
    const long = '# a\n'.repeat(60_000);
    expect(parseMarkdown(long)).toEqual([of('pre', long)]);
  });
});
