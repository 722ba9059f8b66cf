import { describe, expect, it } from 'vitest';
import type { GraphNode } from '../src/api/graph_types';
import { layOutGraph, ranksOf, topologicalOrder } from '../src/pages/profile/graph_layout';
import { buildGraph, findScope, neighboursOf, openScope, resolveInput } from '../src/pages/profile/graph_model';
import { boxLines, boxLooks, boxName, kBoxesMax, sheetOf } from '../src/pages/profile/graph_paint';
import { timesOf } from '../src/pages/profile/graph_stats';

function node(name: string, inputs: string[] = [], own: Partial<GraphNode> = {}): GraphNode {
  return { name, op: 'Op', device: '', function: '', inputs, attributes: {}, large_attributes: [], ...own };
}

const kModel = buildGraph([
  node('x'),
  node('a/b/one', ['x']),
  node('a/b/two', ['a/b/one:0', '^init']),
  node('a/three', ['a/b/two', 'a/b/one']),
  node('init'),
  node('y', ['a/three:out:0', 'nowhere']),
  node('x', [], { function: 'f' }),
  node('z', ['x:0'], { function: 'f' }),
]);

describe('a graph', () => {
  it('puts nodes into the scopes of their names, and those of a function into its own', () => {
    const scopes = [...kModel.root.scopes.values()];
    expect(scopes.map((one) => [one.path, one.total])).toEqual([
      ['a', 3],
      ['f()', 2],
    ]);
    expect(findScope(kModel.root, 'a/b').nodes.map((one) => kModel.ids[one])).toEqual(['a/b/one', 'a/b/two']);
  });
  it('opens the nearest scope where a link names one that is not there', () => {
    expect(findScope(kModel.root, 'a/gone/deeper').path).toBe('a');
    expect(findScope(kModel.root, '').path).toBe('');
  });
  it('reads every form of an input, within its function', () => {
    const of = (input: string, inFunction = '') => kModel.ids[resolveInput(input, inFunction, kModel.indexOf)];
    expect([of('x'), of('x:0'), of('^init'), of('a/three:out:0'), of('nowhere')]).toEqual([
      'x',
      'x',
      'init',
      'a/three',
      undefined,
    ]);
    expect(of('x:0', 'f')).toBe('f()/x');
  });
  it('bundles the edges between what an open scope shows', () => {
    const open = openScope(kModel, findScope(kModel.root, 'a'));
    expect(open.items.map((item) => [item.key, item.total])).toEqual([
      ['a/b/', 2],
      ['a/three', 1],
    ]);
    expect(open.bundles).toEqual([{ from: 0, to: 1, count: 2, isControl: false }]);
  });
  it('knows what a node or a scope reads, and what reads it', () => {
    const names = (nodes: number[]) => nodes.map((one) => kModel.ids[one]);
    const scope = neighboursOf(kModel, 'a/b/');
    expect([names(scope.inputs), names(scope.outputs)]).toEqual([['x', 'init'], ['a/three']]);
    expect(names(neighboursOf(kModel, 'f()/x').outputs)).toEqual(['f()/z']);
  });
  it('survives names that are empty, doubled or only slashes', () => {
    const odd = buildGraph([node(''), node('//'), node('a'), node('a'), node('a/a', ['a', '', ':0'])]);
    expect(odd.root.total).toBe(5);
    expect(openScope(odd, odd.root).items.length).toBe(odd.root.nodes.length + odd.root.scopes.size);
  });
  it('gives the times of a trace to its nodes, also where a GPU writes the op behind the name', () => {
    const stat = (name: string, duration_us: number) => ({
      name,
      device: '',
      executions: 1,
      duration_us,
      memory_bytes: 8,
    });
    const times = timesOf(kModel, [stat('x', 3), stat('a/three:MatMul', 4), stat('a/three', 1), stat('_SOURCE', 9)]);
    expect([times.durationUs[0], times.durationUs[3], times.durationUs[6], times.unknown]).toEqual([3, 5, 0, 1]);
    const looks = boxLooks(kModel, openScope(kModel, kModel.root), 'time', times, false).looks;
    expect(looks.map((look) => look.strength)).toEqual([1, 0, 0.6, 0, 0]);
  });
});

describe('the layers of a graph', () => {
  const edges = [
    { from: 0, to: 1 },
    { from: 1, to: 2 },
    { from: 0, to: 2 },
  ];
  it('ranks by the longest path', () => {
    expect([...ranksOf(topologicalOrder(3, edges), edges)]).toEqual([0, 1, 2]);
  });
  it('puts a source right above its first reader', () => {
    const late = [...edges, { from: 3, to: 2 }];
    expect([...ranksOf(topologicalOrder(4, late), late)]).toEqual([0, 1, 2, 1]);
  });
  it('breaks a cycle and keeps every node', () => {
    const loop = [...edges, { from: 2, to: 0 }, { from: 3, to: 3 }];
    const order = topologicalOrder(4, loop);
    expect([...order].sort()).toEqual([0, 1, 2, 3]);
    expect(Math.max(...ranksOf(order, loop))).toBe(2);
  });
  it('never puts two boxes into one place, and no row is wider than it may be', () => {
    const size = { width: 10, height: 5, gapX: 2, gapY: 3, rowMax: 4 };
    const star = Array.from({ length: 30 }, (_, i) => ({ from: i, to: 30 }));
    const { boxes, width } = layOutGraph(31, star, size);
    expect(new Set(boxes.map((box) => `${box.x} ${box.y}`)).size).toBe(31);
    expect(width).toBe(4 * 12 - 2);
    expect(boxes[30]?.y).toBeGreaterThan(Math.max(...boxes.slice(0, 30).map((box) => box.y)));
    expect(layOutGraph(0, [], size)).toEqual({ boxes: [], width: 10, height: 0 });
  });
  it('draws one sheet of a scope of 10,000 nodes, the one of the selected node', () => {
    const chain = buildGraph(Array.from({ length: 10_000 }, (_, i) => node(`op_${i}`, i === 0 ? [] : [`op_${i - 1}`])));
    const open = openScope(chain, chain.root);
    const order = topologicalOrder(open.items.length, open.bundles);
    const sheet = sheetOf(order, 0, 5000);
    expect(sheet.items.length).toBe(kBoxesMax);
    expect(sheet.items).toContain(5000);
    expect(sheetOf(order, 1e9, -1).items).toContain(9999);
    expect(sheetOf([], 5, -1)).toEqual({ offset: 0, total: 0, items: [] });
  });
});

describe('the name of a box', () => {
  it('begins with the words that stand on it, and says what there was no room for', () => {
    expect(boxName(false, 'MatMul', 'Add')).toBe('MatMul Add, node');
    expect(boxName(true, '', '3 nodes')).toBe('(no name) 3 nodes, scope');
    const label = 'cross_attention_of_the_language_model';
    expect(boxName(true, label, '12 nodes')).toBe(`${boxLines(label, '12 nodes').join(' ')}, scope, ${label}`);
  });
});
