// Where the time of a range goes, by name within name: calls in the phases around them, work of a GPU in the calls that
// launched it. Pure.
import { lastOf } from '../../base/search';
import type { SliceLinks } from './slice_links';
import { endOf, kCall, kIsOnHost, kKindNames, kPhase, type Slices } from './timeline';

export interface TreeNode {
  readonly name: number;
  readonly kind: number;
  /** Slices that lie in the range, wholly or in part. */
  count: number;
  /** Milliseconds within the range: all of them, and those of no child on the same side. */
  totalMs: number;
  selfMs: number;
  /** Of the GPU's work at and below this. */
  gpuMs: number;
  longest: number;
  readonly children: TreeNode[];
}

/**
 * The slice of the host around each slice of the host, or what launched one of the GPU; -1 for none. A phase is within
 * the phase around it; a call within the calls of its own thread, and else within a phase, since a phase may hand its
 * work to other threads.
 */
export function parentsOf(slices: Slices, links: SliceLinks): Int32Array {
  const parent = Int32Array.from(links.cause);
  const host = Array.from(slices.kind.keys()).filter((index) => kIsOnHost[slices.kind[index] ?? 0]);
  // What begins first, and of those that begin together the longer one, is around the others.
  host.sort(
    (a, b) =>
      (slices.start[a] as number) - (slices.start[b] as number) ||
      endOf(slices, b) - endOf(slices, a) ||
      kindOrder(slices, a) - kindOrder(slices, b) ||
      a - b,
  );
  const open: number[] = [];
  const depth = new Uint8Array(slices.start.length);
  for (const index of host) {
    while (open.length > 0 && endOf(slices, open[open.length - 1] as number) <= (slices.start[index] as number))
      open.pop();
    const around = lastOf(open.slice(-kNestedMax), (one) => mayHold(slices, one, index)) ?? -1;
    const isDeep = around >= 0 && (depth[around] as number) >= kNestedMax;
    parent[index] = isDeep ? (parent[around] as number) : around;
    if (around >= 0) depth[index] = Math.min(kNestedMax, (depth[around] as number) + 1);
    open.push(index);
  }
  return parent;
}

/** Slices within each other, and slices at one time that are looked through for the one around another. */
const kNestedMax = 64;
const kindOrder = (slices: Slices, index: number) => (slices.kind[index] === kPhase ? 0 : 1);
/** Times are rounded to doubles of milliseconds. */
const kRounding = 1e-6;

function mayHold(slices: Slices, outer: number, inner: number): boolean {
  if (endOf(slices, outer) < endOf(slices, inner) - kRounding) return false;
  if (slices.kind[outer] === kPhase) return true;
  return slices.kind[inner] === kCall && slices.stream[outer] === slices.stream[inner];
}

/**
 * The greatest first, at each level. Slices that reach over an end of the range count up to it; those that are not shown
 * do not count, and stand there only around others.
 */
export function treeOf(
  slices: Slices,
  parent: Int32Array,
  from: number,
  to: number,
  isShown: Uint8Array | null = null,
): TreeNode[] {
  const roots: TreeNode[] = [];
  const nodeAt = new Array<TreeNode | undefined>(slices.start.length);
  /** Of each node, and of none, the nodes right below it by kind and name. */
  const below = new Map<TreeNode | null, Map<number, TreeNode>>([[null, new Map()]]);
  function nodeOf(index: number): TreeNode {
    const known = nodeAt[index];
    if (known !== undefined) return known;
    const around = parent[index] as number;
    const above = around < 0 ? null : nodeOf(around);
    const [name, kind] = [slices.name[index] as number, slices.kind[index] as number];
    const key = name * kKindNames.length + kind;
    const siblings = below.get(above) as Map<number, TreeNode>;
    let node = siblings.get(key);
    if (node === undefined) {
      node = { name, kind, count: 0, totalMs: 0, selfMs: 0, gpuMs: 0, longest: index, children: [] };
      siblings.set(key, node);
      below.set(node, new Map());
      (above === null ? roots : above.children).push(node);
    }
    nodeAt[index] = node;
    return node;
  }
  for (let i = 0; i < slices.start.length; i++) {
    const [start, end] = [slices.start[i] as number, endOf(slices, i)];
    const isWithin = (start < to && end > from) || (start === end && start >= from && start <= to);
    if (!isWithin || isShown?.[i] === 0) continue;
    const node = nodeOf(i);
    const ms = Math.min(end, to) - Math.max(start, from);
    node.count++;
    node.totalMs += ms;
    node.selfMs += ms;
    if ((slices.duration[i] as number) > (slices.duration[node.longest] as number)) node.longest = i;
    const above = parent[i] as number;
    if (above >= 0 && kIsOnHost[node.kind] && isShown?.[above] !== 0) nodeOf(above).selfMs -= ms;
  }
  finish(roots);
  return roots;
}

/** Adds up what the GPU did, and sorts; from the leaves up. */
function finish(nodes: TreeNode[]): void {
  for (const node of nodes) {
    finish(node.children);
    // What rounding leaves of a slice that its children fill.
    if (node.selfMs < kRounding) node.selfMs = 0;
    node.gpuMs = node.children.reduce((sum, { gpuMs }) => sum + gpuMs, kIsOnHost[node.kind] ? 0 : node.totalMs);
  }
  nodes.sort(
    (a, b) =>
      Number(kIsOnHost[b.kind]) - Number(kIsOnHost[a.kind]) ||
      b.totalMs - a.totalMs ||
      b.gpuMs - a.gpuMs ||
      a.name - b.name,
  );
}

/** The nodes of a name that matches, with all that is around and within them. */
export function prunedTree(nodes: readonly TreeNode[], isMatch: readonly boolean[]): TreeNode[] {
  return nodes.flatMap((node) => {
    if (isMatch[node.name] === true) return [node];
    const children = prunedTree(node.children, isMatch);
    return children.length === 0 ? [] : [{ ...node, children }];
  });
}

export interface TreeRow {
  readonly node: TreeNode;
  /** Kinds and names from the outermost on: the same in every range of the same slices. */
  readonly path: string;
  readonly depth: number;
  readonly isOpen: boolean;
}

/** The nodes that are to be seen, each above those within it. */
export function flatTree(
  nodes: readonly TreeNode[],
  isOpen: (path: string, depth: number) => boolean,
  above = '',
  depth = 0,
): TreeRow[] {
  return nodes.flatMap((node) => {
    const path = `${above}/${node.kind}:${node.name}`;
    const opens = node.children.length > 0 && isOpen(path, depth);
    const row: TreeRow = { node, path, depth, isOpen: opens };
    return opens ? [row, ...flatTree(node.children, isOpen, path, depth + 1)] : [row];
  });
}
