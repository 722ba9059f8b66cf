// Layers of a directed graph, after Sugiyama, Tagawa and Toda (1981): break cycles, rank by the longest
// path, order each layer by the mean place of its neighbours. Pure, and linear in edges for each sweep.

export interface Edge {
  readonly from: number;
  readonly to: number;
}

/**
 * Nodes so that edges go forward where they can. A cycle is entered at the node that stands first in the
 * graph: of a loop one edge goes backward.
 */
export function topologicalOrder(count: number, edges: readonly Edge[]): number[] {
  const open = new Int32Array(count);
  const outgoing: number[][] = Array.from({ length: count }, () => []);
  for (const { from, to } of edges) {
    outgoing[from]?.push(to);
    open[to]!++;
  }
  const order: number[] = [];
  const isDone = new Uint8Array(count);
  const ready: number[] = [];
  for (let i = 0; i < count; i++) if (open[i] === 0) ready.push(i);
  let waiting = 0;
  for (let head = 0; order.length < count;) {
    if (head === ready.length) {
      while (isDone[waiting] === 1) waiting++;
      ready.push(waiting);
    }
    const node = ready[head++] as number;
    if (isDone[node] === 1) continue;
    isDone[node] = 1;
    order.push(node);
    for (const next of outgoing[node] as number[]) {
      if (--open[next]! === 0 && isDone[next] === 0) ready.push(next);
    }
  }
  return order;
}

/** Layers: the longest path to each node over the edges that go forward in `order`, sources as low as they can. */
export function ranksOf(order: readonly number[], edges: readonly Edge[]): Int32Array {
  const place = new Int32Array(order.length);
  order.forEach((node, i) => (place[node] = i));
  const outgoing: number[][] = order.map(() => []);
  for (const { from, to } of edges) {
    if ((place[from] as number) < (place[to] as number)) outgoing[from]?.push(to);
  }
  const ranks = new Int32Array(order.length);
  const isSource = new Uint8Array(order.length).fill(1);
  for (const node of order) {
    for (const next of outgoing[node] as number[]) {
      ranks[next] = Math.max(ranks[next] as number, (ranks[node] as number) + 1);
      isSource[next] = 0;
    }
  }
  // What nothing leads to stands right above its first reader: weights beside their layer.
  for (const node of order) {
    const next = outgoing[node] as number[];
    if (isSource[node] === 0 || next.length === 0) continue;
    ranks[node] = next.reduce((least, one) => Math.min(least, ranks[one] as number), Infinity) - 1;
  }
  return ranks;
}

export interface Box {
  readonly x: number;
  readonly y: number;
}

export interface BoxSize {
  readonly width: number;
  readonly height: number;
  readonly gapX: number;
  readonly gapY: number;
  /** Boxes side by side; a wider layer goes on in the next row. */
  readonly rowMax: number;
}

const kSweeps = 4;

/** Top left corners of the boxes, and the size of the whole; edges go down where they can. */
export function layOutGraph(
  count: number,
  edges: readonly Edge[],
  size: BoxSize,
): { boxes: Box[]; width: number; height: number } {
  const ranks = ranksOf(topologicalOrder(count, edges), edges);
  const layers: number[][] = [];
  for (let i = 0; i < count; i++) (layers[ranks[i] as number] ??= []).push(i);
  orderLayers(layers, edges, ranks, count);
  const rows = layers.flatMap((layer) => chunks(layer, size.rowMax));
  const columns = Math.max(1, ...rows.map((row) => row.length));
  const width = columns * (size.width + size.gapX) - size.gapX;
  const boxes: Box[] = new Array<Box>(count);
  rows.forEach((row, r) => {
    const left = (width - (row.length * (size.width + size.gapX) - size.gapX)) / 2;
    row.forEach(
      (item, i) => (boxes[item] = { x: left + i * (size.width + size.gapX), y: r * (size.height + size.gapY) }),
    );
  });
  return { boxes, width, height: Math.max(0, rows.length * (size.height + size.gapY) - size.gapY) };
}

/** As even rows as there can be, none longer than `max`. */
function chunks(layer: readonly number[], max: number): number[][] {
  const rows = Math.ceil(layer.length / max);
  const length = Math.ceil(layer.length / Math.max(1, rows));
  return Array.from({ length: rows }, (_, i) => layer.slice(i * length, (i + 1) * length));
}

function orderLayers(layers: number[][], edges: readonly Edge[], ranks: Int32Array, count: number): void {
  const above: number[][] = Array.from({ length: count }, () => []);
  const below: number[][] = Array.from({ length: count }, () => []);
  for (const { from, to } of edges) {
    if ((ranks[from] as number) >= (ranks[to] as number)) continue;
    above[to]?.push(from);
    below[from]?.push(to);
  }
  const place = new Float64Array(count);
  const number = (layer: readonly number[]) => layer.forEach((item, i) => (place[item] = (i + 0.5) / layer.length));
  layers.forEach(number);
  for (let sweep = 0; sweep < kSweeps; sweep++) {
    const isDown = sweep % 2 === 0;
    for (const layer of isDown ? layers : [...layers].reverse()) {
      const mean = new Map(
        layer.map((item) => [
          item,
          meanPlace((isDown ? above : below)[item] as number[], place, place[item] as number),
        ]),
      );
      layer.sort((a, b) => (mean.get(a) as number) - (mean.get(b) as number));
      number(layer);
    }
  }
}

function meanPlace(neighbours: readonly number[], place: Float64Array, own: number): number {
  if (neighbours.length === 0) return own;
  return neighbours.reduce((sum, item) => sum + (place[item] as number), 0) / neighbours.length;
}
