// What the boxes of a graph say by their colour, and the page of boxes that is drawn.
import { categoryColour, kOtherColour } from '../../base/colour';
import { formatBytes, formatMilliseconds, middleEllipsis } from '../../base/format';
import type { GraphModel, OpenScope } from './graph_model';
import { commonest, sumByItem, type GraphTimes } from './graph_stats';

export type GraphColouring = 'op' | 'device' | 'time' | 'memory';

export interface BoxLook {
  /** Of the stripe; empty: the page's accent, as strong as `strength` says. */
  readonly colour: string;
  /** 0 to 1. */
  readonly strength: number;
  /** Second line of the box. */
  readonly note: string;
}

const kLetters = 18;

/** The two lines that a box has room for. */
export function boxLines(label: string, note: string): readonly [string, string] {
  return [middleEllipsis(label || '(no name)', kLetters), middleEllipsis(note, kLetters + 2)];
}

/**
 * What a box is called: first the words that stand on it, as one says them who speaks to the page, then what it is and
 * what there was no room for.
 */
export function boxName(isScope: boolean, label: string, note: string): string {
  const lines = boxLines(label, note);
  const cut = [label, note].filter((text, i) => text !== '' && text !== lines[i]);
  return [lines.join(' ').trim(), isScope ? 'scope' : 'node', ...cut].join(', ');
}

export function boxLooks(
  model: GraphModel,
  open: OpenScope,
  colouring: GraphColouring,
  times: GraphTimes | null,
  isDark: boolean,
): { looks: BoxLook[]; legend: { label: string; colour: string }[] } {
  const note = (i: number) => {
    const item = open.items[i];
    if (item === undefined) return '';
    return item.node < 0 ? (item.total === 1 ? '1 node' : `${item.total} nodes`) : (model.nodes[item.node]?.op ?? '');
  };
  if ((colouring === 'time' || colouring === 'memory') && times !== null) {
    const sums = sumByItem(open, colouring === 'time' ? times.durationUs : times.memoryBytes);
    const most = sums.reduce((max, sum) => Math.max(max, sum), 1e-12);
    const text = (value: number) => (colouring === 'time' ? formatMilliseconds(value / 1000) : formatBytes(value));
    const looks = open.items.map((_, i) => {
      const sum = sums[i] as number;
      return { colour: '', strength: sum / most, note: sum > 0 ? text(sum) : note(i) };
    });
    return { looks, legend: [] };
  }
  const textOf = (node: number) =>
    colouring === 'device' ? model.nodes[node]?.device || 'no device' : model.nodes[node]?.op || 'no op';
  const texts = commonest(open, textOf);
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const ranked = [...counts].sort((a, b) => b[1] - a[1]).map(([text]) => text);
  const colourOf = new Map(ranked.map((text, i) => [text, categoryColour(i, isDark)]));
  const looks = texts.map((text, i) => ({ colour: colourOf.get(text) ?? kOtherColour, strength: 1, note: note(i) }));
  return {
    looks,
    legend: ranked.slice(0, 8).map((text) => ({ label: text, colour: colourOf.get(text) ?? kOtherColour })),
  };
}

/** Boxes drawn at once: more are no picture, and would make a browser wait. */
export const kBoxesMax = 120;

export interface Sheet {
  /** First and count of the drawn items, in the order of the data's way. */
  readonly offset: number;
  readonly total: number;
  /** Indices of items. */
  readonly items: readonly number[];
}

/** Of all items in their `order`, the sheet that holds `wanted`; where that is -1 the one at `offset`. */
export function sheetOf(order: readonly number[], offset: number, wanted: number): Sheet {
  const total = order.length;
  const place = wanted < 0 ? offset : order.indexOf(wanted);
  const last = Math.max(0, Math.ceil(total / kBoxesMax) - 1);
  const sheet = Math.min(last, Math.max(0, Math.floor(place / kBoxesMax)));
  return { offset: sheet * kBoxesMax, total, items: order.slice(sheet * kBoxesMax, (sheet + 1) * kBoxesMax) };
}
