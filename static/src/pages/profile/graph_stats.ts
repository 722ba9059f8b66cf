// Times and memory of a traced step, for the nodes of a graph and for the boxes that are drawn. Pure.
import type { NodeStats } from '../../api/graph_types';
import type { GraphModel, OpenScope } from './graph_model';

export interface GraphTimes {
  /** Microseconds and bytes of each node; 0 where nothing was measured. */
  readonly durationUs: Float64Array;
  readonly memoryBytes: Float64Array;
  /** Entries whose node is not in the graph. */
  readonly unknown: number;
}

/** The node that a trace means: "name", "name:op" on a GPU's stream, or "_SOURCE" and the like: none. */
function placeOf(name: string, places: ReadonlyMap<string, number>): number {
  return places.get(name) ?? places.get(name.split(':')[0] ?? '') ?? -1;
}

export function timesOf(model: GraphModel, stats: readonly NodeStats[]): GraphTimes {
  const places = new Map<string, number>();
  // A trace knows no functions: the names of the graph itself come first.
  for (const isInFunction of [false, true]) {
    model.nodes.forEach((node, i) => {
      if ((node.function !== '') === isInFunction && !places.has(node.name)) places.set(node.name, i);
    });
  }
  const durationUs = new Float64Array(model.nodes.length);
  const memoryBytes = new Float64Array(model.nodes.length);
  let unknown = 0;
  for (const one of stats) {
    const place = placeOf(one.name, places);
    if (place < 0) {
      unknown++;
      continue;
    }
    durationUs[place]! += one.duration_us;
    memoryBytes[place]! += one.memory_bytes;
  }
  return { durationUs, memoryBytes, unknown };
}

/** Sums of a column over the nodes of each item. */
export function sumByItem(open: OpenScope, column: Float64Array): Float64Array {
  const sums = new Float64Array(open.items.length);
  open.itemOf.forEach((item, node) => {
    if (item >= 0) sums[item]! += column[node] as number;
  });
  return sums;
}

/** The text that most nodes of each item have: its op, or its device. */
export function commonest(open: OpenScope, textOf: (node: number) => string): string[] {
  const counts = open.items.map(() => new Map<string, number>());
  open.itemOf.forEach((item, node) => {
    if (item < 0) return;
    const text = textOf(node);
    const map = counts[item] as Map<string, number>;
    map.set(text, (map.get(text) ?? 0) + 1);
  });
  return counts.map((map) => [...map].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '');
}
