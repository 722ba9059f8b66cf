import { describe, expect, it } from 'vitest';
import { parseInline, parseMarkdown } from '../src/base/markdown';

const text = (text: string) => ({ kind: 'text', text });

describe('Markdown', () => {
  it('has headings, paragraphs with their line breaks, quotes, rules and code', () => {
    expect(parseMarkdown('# Step 3 #\n\nfirst\nsecond\n> said\n---\n```py\n# no heading\n```\nend')).toEqual([
      { kind: 'heading', level: 1, children: [text('Step 3')] },
      { kind: 'paragraph', children: [text('first\nsecond')] },
      { kind: 'quote', children: [text('said')] },
      { kind: 'rule' },
      { kind: 'code', text: '# no heading' },
      { kind: 'paragraph', children: [text('end')] },
    ]);
    expect(parseMarkdown('```\nnever closed')).toEqual([{ kind: 'code', text: 'never closed' }]);
  });
  it('has headings that are underlined, and code that is indented, as the print of a model often is', () => {
    expect(parseMarkdown('Model\n=====\n\n    Net(\n      (fc): Linear\n\n    )\n\nResults\n---')).toEqual([
      { kind: 'heading', level: 1, children: [text('Model')] },
      { kind: 'code', text: 'Net(\n  (fc): Linear\n\n)' },
      { kind: 'heading', level: 2, children: [text('Results')] },
    ]);
    expect(parseMarkdown('a line\n    goes on\n\n\ttab')).toEqual([
      { kind: 'paragraph', children: [text('a line\n    goes on')] },
      { kind: 'code', text: 'tab' },
    ]);
  });
  it('has lists within lists, whose items may go on and lie apart', () => {
    const list = (items: unknown[], first?: number) => ({ kind: 'list', isOrdered: first !== undefined, first: first ?? 1, items });
    const item = (one: string, ...lists: unknown[]) => ({ children: [text(one)], lists });
    expect(parseMarkdown('1. a\n   - b\n2) c')).toEqual([list([item('a', list([item('b')])), item('c')], 1)]);
    expect(parseMarkdown('- a\n  - b\n    - c\n    - d\n  - e\n- f')).toEqual([
      list([item('a', list([item('b', list([item('c'), item('d')])), item('e')])), item('f')]),
    ]);
    // Four columns and tabs, as others indent; one is none.
    expect(parseMarkdown('- a\n    - b\n\t\t- c\n - d')).toEqual([list([item('a', list([item('b', list([item('c')]))])), item('d')])]);
    expect(parseMarkdown('- a\n  goes on\n\n- b\n\nend')).toEqual([list([item('a\ngoes on'), item('b')]), { kind: 'paragraph', children: [text('end')] }]);
    expect(parseMarkdown('- a\n7. b\n8. c')).toEqual([list([item('a')]), list([item('b'), item('c')], 7)]);
    // An item that is further in than those behind it.
    expect(parseMarkdown('    - a\n- b')).toEqual([list([item('a'), item('b')])]);
    expect(parseMarkdown('- a\n- - -').map(({ kind }) => kind)).toEqual(['list', 'rule']);
  });
  it('has tables of one width', () => {
    expect(parseMarkdown('| a | b |\n|:--|--:|\n| 1 | x \\| y |')).toEqual([
      { kind: 'table', head: [[text('a')], [text('b')]], rows: [[[text('1')], [text('x | y')]]] },
    ]);
    expect(parseMarkdown('a | b\nno dashes').map((block) => block.kind)).toEqual(['paragraph']);
  });
  it('has emphasis, code and links, and leaves names of variables alone', () => {
    const em = (one: string) => ({ kind: 'em', children: [text(one)] });
    expect(parseInline('**bold *and* more** `x_y`')).toEqual([{ kind: 'strong', children: [text('bold '), em('and'), text(' more')] }, text(' '), { kind: 'code', text: 'x_y' }]);
    expect(parseInline('***both*** **to *the end***')).toEqual([{ kind: 'strong', children: [em('both')] }, text(' '), { kind: 'strong', children: [text('to '), em('the end')] }]);
    expect(parseInline('``a ` tick`` and ` alone')).toEqual([{ kind: 'code', text: 'a ` tick' }, text(' and ` alone')]);
    expect(parseInline('2 ** 3 ** 4 **open')).toEqual([text('2 ** 3 ** 4 **open')]);
    expect(parseInline('a **b** _c_')).toEqual([text('a '), { kind: 'strong', children: [text('b')] }, text(' '), { kind: 'em', children: [text('c')] }]);
    expect(parseInline('my_var_name 2 * 3 * 4 \\*')).toEqual([text('my_var_name 2 * 3 * 4 *')]);
    for (const link of ['[run](https://x.org/a)', '[run](https://x.org/a "its title")']) {
      expect(parseInline(link)).toEqual([{ kind: 'link', url: 'https://x.org/a', children: [text('run')] }]);
    }
    expect(parseInline('<https://x.org>')).toEqual([{ kind: 'link', url: 'https://x.org', children: [text('https://x.org')] }]);
  });
  it('follows no other scheme, fetches no picture and keeps HTML as text', () => {
    for (const hostile of ['[x](javascript:alert(1))', '<script>alert(1)</script>', '[x](data:text/html,y)']) {
      expect(parseInline(hostile)).toEqual([text(hostile)]);
    }
    expect(parseInline('![a cat](https://elsewhere.org/cat.png)')).toEqual([text('a cat')]);
  });
  it('comes to an end on anything', () => {
    for (const hostile of ['*'.repeat(30_000), '[('.repeat(5000), '`'.repeat(999), '|-'.repeat(9999), '_a'.repeat(9000), '**a'.repeat(6000), '**a *'.repeat(3900), '``a'.repeat(6000), '<https://'.repeat(2000), '\n\n>\n#\n```', '- a\n'.repeat(9999), Array.from({ length: 400 }, (_, i) => `${' '.repeat(2 * i)}- a`).join('\n')]) {
      expect(() => parseMarkdown(hostile)).not.toThrow();
    }
    expect(parseMarkdown('')).toEqual([]);
  });
});
