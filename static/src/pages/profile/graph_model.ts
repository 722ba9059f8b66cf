// A graph as scopes and nodes: names are paths, and what stands before the last '/' is a scope. Nodes of a
// function stand in a scope of its name. Everything is built once per graph; opening a scope walks over
// it once. Pure.
import type { GraphNode } from '../../api/graph_types';

export interface Scope {
  /** Empty for the root. */
  readonly path: string;
  readonly name: string;
  readonly scopes: Map<string, Scope>;
  /** Nodes that stand in the scope itself. */
  readonly nodes: number[];
  /** Of the scope and all scopes in it. */
  total: number;
}

export interface GraphModel {
  readonly nodes: readonly GraphNode[];
  /** Path of each node, its function in front. */
  readonly ids: readonly string[];
  readonly indexOf: ReadonlyMap<string, number>;
  /** Edges as two columns: data goes from a producer to a consumer. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly isControl: Uint8Array;
  readonly root: Scope;
}

function nodeId(node: { name: string; function: string }): string {
  return node.function === '' ? node.name : `${node.function}()/${node.name}`;
}

/** The scope of a node or of a scope: '' at the root. */
export function scopeOf(id: string): string {
  const slash = id.lastIndexOf('/');
  return slash < 0 ? '' : id.slice(0, slash);
}

export function nameOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

function makeScope(path: string): Scope {
  return { path, name: nameOf(path), scopes: new Map(), nodes: [], total: 0 };
}

function buildScopes(ids: readonly string[]): Scope {
  const root = makeScope('');
  ids.forEach((id, index) => {
    let scope = root;
    scope.total++;
    for (let slash = id.indexOf('/'); slash >= 0; slash = id.indexOf('/', slash + 1)) {
      const path = id.slice(0, slash);
      const known = scope.scopes.get(path) ?? makeScope(path);
      scope.scopes.set(path, known);
      scope = known;
      scope.total++;
    }
    scope.nodes.push(index);
  });
  return root;
}

/** The node that an input means: "name", "name:0", "name:output:0" or "^name"; -1 if it is not there. */
export function resolveInput(input: string, inFunction: string, indexOf: ReadonlyMap<string, number>): number {
  const plain = input.startsWith('^') ? input.slice(1) : input;
  const exact = indexOf.get(nodeId({ name: plain, function: inFunction }));
  if (exact !== undefined) return exact;
  const colon = plain.indexOf(':');
  if (colon <= 0) return -1;
  return indexOf.get(nodeId({ name: plain.slice(0, colon), function: inFunction })) ?? -1;
}

export function buildGraph(nodes: readonly GraphNode[]): GraphModel {
  const ids = nodes.map(nodeId);
  const indexOf = new Map<string, number>();
  ids.forEach((id, index) => {
    if (!indexOf.has(id)) indexOf.set(id, index);
  });
  const from: number[] = [];
  const to: number[] = [];
  const isControl: number[] = [];
  nodes.forEach((node, index) => {
    for (const input of node.inputs) {
      const producer = resolveInput(input, node.function, indexOf);
      if (producer < 0) continue;
      from.push(producer);
      to.push(index);
      isControl.push(input.startsWith('^') ? 1 : 0);
    }
  });
  return {
    nodes,
    ids,
    indexOf,
    from: Int32Array.from(from),
    to: Int32Array.from(to),
    isControl: Uint8Array.from(isControl),
    root: buildScopes(ids),
  };
}

/** The scope of this path; the nearest one around it where it is not there. */
export function findScope(root: Scope, path: string): Scope {
  let scope = root;
  for (let slash = path.indexOf('/'); ; slash = path.indexOf('/', slash + 1)) {
    const next = path === '' ? undefined : scope.scopes.get(slash < 0 ? path : path.slice(0, slash));
    if (next === undefined) return scope;
    scope = next;
    if (slash < 0) return scope;
  }
}

/** Something drawn in an open scope: a node, or a scope in it as one box. */
export interface ScopeItem {
  /** A node's id, or a scope's path with a '/' behind it. */
  readonly key: string;
  readonly label: string;
  /** -1 for a scope. */
  readonly node: number;
  readonly total: number;
}

export interface Bundle {
  readonly from: number;
  readonly to: number;
  count: number;
  /** All of them are control edges. */
  isControl: boolean;
}

export interface OpenScope {
  readonly items: readonly ScopeItem[];
  /** The item that each node of the graph is in; -1 outside the scope. */
  readonly itemOf: Int32Array;
  /** Edges between items, one for each pair. */
  readonly bundles: readonly Bundle[];
}

export function openScope(model: GraphModel, scope: Scope): OpenScope {
  const items: ScopeItem[] = [];
  const itemOf = new Int32Array(model.nodes.length).fill(-1);
  const mark = (inner: Scope, item: number): void => {
    for (const node of inner.nodes) itemOf[node] = item;
    for (const one of inner.scopes.values()) mark(one, item);
  };
  for (const inner of scope.scopes.values()) {
    mark(inner, items.length);
    items.push({ key: `${inner.path}/`, label: inner.name, node: -1, total: inner.total });
  }
  for (const node of scope.nodes) {
    itemOf[node] = items.length;
    const id = model.ids[node] as string;
    items.push({ key: id, label: nameOf(id), node, total: 1 });
  }
  const bundles = new Map<number, Bundle>();
  for (let edge = 0; edge < model.from.length; edge++) {
    const from = itemOf[model.from[edge] as number] as number;
    const to = itemOf[model.to[edge] as number] as number;
    if (from < 0 || to < 0 || from === to) continue;
    const key = from * items.length + to;
    const isControl = model.isControl[edge] === 1;
    const bundle = bundles.get(key);
    if (bundle === undefined) bundles.set(key, { from, to, count: 1, isControl });
    else {
      bundle.count++;
      bundle.isControl &&= isControl;
    }
  }
  return { items, itemOf, bundles: [...bundles.values()] };
}

/** Nodes that `key` (a node, or a scope with '/') reads from or, the other way, is read by; each once. */
export function neighboursOf(model: GraphModel, key: string): { inputs: number[]; outputs: number[] } {
  const isInside = (node: number) => {
    const id = model.ids[node] as string;
    return key.endsWith('/') ? id.startsWith(key) : id === key;
  };
  const inside = Uint8Array.from(model.ids, (_, node) => (isInside(node) ? 1 : 0));
  const inputs = new Set<number>();
  const outputs = new Set<number>();
  for (let edge = 0; edge < model.from.length; edge++) {
    const [from, to] = [model.from[edge] as number, model.to[edge] as number];
    if (inside[to] === 1 && inside[from] === 0) inputs.add(from);
    if (inside[from] === 1 && inside[to] === 0) outputs.add(to);
  }
  return { inputs: [...inputs], outputs: [...outputs] };
}
