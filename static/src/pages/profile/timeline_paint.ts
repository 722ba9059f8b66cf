// Paints a timeline: where the view lies in the whole, a ruler of milliseconds, the steps, then a row per track.
import { categoryColour, kCategoriesMax, textOn } from '../../base/colour';
import { formatStep, formatTimeAmong } from '../../base/format';
import { niceTicks } from '../../base/stats';
import type { Ink } from '../../charts/ink';
import { phaseColour } from './phases';
import { kLeft, kOverview, kRow, kRuler, kSteps, placesWith, type PlacedRow, type RowPlaces } from './row_places';
import { boxesOf, type Box } from './slice_boxes';
import { effectsOf, type SliceLinks } from './slice_links';
import type { TimeView } from './time_view';
import { endOf, kKindNames, kPhase, nameOf, type Slices, type StepSpan } from './timeline';
import { loadOf, spansOf, type BusySpans } from './track_load';
import type { TimelineRow } from './track_rows';

export interface Picture {
  readonly slices: Slices;
  readonly places: RowPlaces;
  /** How busy each track is, by its key. */
  readonly busy: ReadonlyMap<string, BusySpans>;
  readonly steps: readonly StepSpan[];
  readonly view: TimeView;
  /** Milliseconds of all slices together. */
  readonly whole: number;
  /** A range of times that stands out; null: none. */
  readonly marked: TimeView | null;
  readonly selected: number;
  readonly hovered: number;
  /** Of each name: whether its slices stand out; null: all do. */
  readonly isMatch: readonly boolean[] | null;
  /** Slices that were searched for, by start. */
  readonly matches: Uint32Array;
  readonly links: SliceLinks;
  readonly isDark: boolean;
}

export function colourOfSlice(slices: Slices, index: number, isDark: boolean): string {
  return slices.kind[index] === kPhase
    ? phaseColour(nameOf(slices, index), slices.phases, isDark)
    : categoryColour((slices.name[index] as number) % kCategoriesMax, isDark);
}

export function paintTimeline(
  context: CanvasRenderingContext2D,
  size: { width: number; height: number },
  picture: Picture,
  ink: Ink,
): void {
  const { view, places } = picture;
  const span = size.width - kLeft;
  const xOf = (ms: number) => kLeft + ((ms - view.from) / (view.to - view.from)) * span;
  context.font = ink.font;
  context.textBaseline = 'middle';
  context.lineWidth = 1;
  paintRuler(context, size, view, xOf, ink);
  paintOverview(context, span, picture, ink);

  context.save();
  clipTo(context, kLeft, 0, span, size.height);
  paintSteps(context, picture.steps, xOf, size.width, ink);
  if (picture.marked !== null) paintMark(context, size, picture.marked, xOf, ink);
  const colours = new Map<number, string>();
  paintRows(context, places.pinned, span, picture, colours, ink);
  context.save();
  clipTo(context, kLeft, places.topOfOthers, span, size.height - places.topOfOthers);
  const seen = places.others.filter(({ top }) => top > places.topOfOthers - kRow && top < size.height);
  paintRows(context, seen, span, picture, colours, ink);
  paintOutlines(context, places.others, picture, xOf, ink);
  context.restore();
  paintOutlines(context, places.pinned, picture, xOf, ink);
  if (places.pinned.length > 0) {
    context.fillStyle = ink.axis;
    context.fillRect(kLeft, places.topOfOthers - 1, span, 1);
  }
  paintArrows(context, picture, xOf, ink);
  context.restore();
}

function clipTo(context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number): void {
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
}

function paintMark(
  context: CanvasRenderingContext2D,
  size: { height: number },
  marked: TimeView,
  xOf: (ms: number) => number,
  ink: Ink,
): void {
  const [from, to] = [xOf(marked.from), xOf(marked.to)];
  context.fillStyle = ink.accent;
  context.globalAlpha = 0.14;
  context.fillRect(from, kOverview, to - from, size.height);
  context.globalAlpha = 1;
  context.fillRect(from, kOverview, 1, size.height);
  context.fillRect(to - 1, kOverview, 1, size.height);
}

function paintRows(
  context: CanvasRenderingContext2D,
  rows: readonly PlacedRow[],
  span: number,
  picture: Picture,
  colours: Map<number, string>,
  ink: Ink,
): void {
  for (const { row, top } of rows) {
    if (row.isLoad) {
      paintLoad(context, row, top, span, picture, ink);
      continue;
    }
    for (const track of row.tracks)
      for (const box of boxesOf(track, picture.slices, picture.view, span, picture.isMatch))
        paintBox(context, box, top, picture, colours);
  }
}

/** As high as it is busy, on a line that shows where there is nothing. */
function paintLoad(
  context: CanvasRenderingContext2D,
  row: TimelineRow,
  top: number,
  span: number,
  picture: Picture,
  ink: Ink,
): void {
  const foot = top + kRow - 2;
  const load = loadOf(spansOf(picture.busy, row), picture.view, span);
  context.fillStyle = ink.axis;
  context.fillRect(kLeft, foot - 1, span, 1);
  context.fillStyle = ink.accent;
  context.globalAlpha = 0.7;
  load.forEach((share, x) => {
    if (share > 0) context.fillRect(kLeft + x, foot - share * (kRow - 4), 1, share * (kRow - 4));
  });
  context.globalAlpha = 1;
}

/** Around the slice at the pointer, and around the selected one. */
function paintOutlines(
  context: CanvasRenderingContext2D,
  rows: readonly PlacedRow[],
  picture: Picture,
  xOf: (ms: number) => number,
  ink: Ink,
): void {
  for (const [index, width] of [
    [picture.hovered, 1],
    [picture.selected, 2],
  ] as const) {
    for (const place of placesWith(picture.places, picture.slices, index)) {
      if (!rows.includes(place)) continue;
      const [from, to] = [xOf(picture.slices.start[index] as number), xOf(endOf(picture.slices, index))];
      context.lineWidth = width;
      context.strokeStyle = ink.text;
      context.strokeRect(from, place.top + 2, Math.max(2, to - from - 0.5), kRow - 4);
    }
  }
}

/** Times with the digits that tell neighbouring ones apart, however late in a run they are. */
function paintRuler(
  context: CanvasRenderingContext2D,
  size: { width: number; height: number },
  view: TimeView,
  xOf: (ms: number) => number,
  ink: Ink,
): void {
  const ticks = niceTicks({ min: view.from, max: view.to }, (size.width - kLeft) / 120);
  const [first = 0, second = view.to] = ticks;
  for (const tick of ticks) {
    const label = formatTimeAmong(tick, second - first);
    context.fillStyle = ink.grid;
    context.fillRect(xOf(tick), kRuler - 4, 1, size.height);
    context.fillStyle = ink.muted;
    context.fillText(label, Math.min(xOf(tick) + 3, size.width - context.measureText(label).width), kOverview + 10);
  }
}

/** More arrows than this from one call, as from a launch of a graph, would be a blot. */
const kArrowsMax = 40;
const kHead = 5;
const kBendMin = 16;
const kBendMax = 80;

/** From the call that launched the selected slice, or to what the selected call launched. */
function paintArrows(context: CanvasRenderingContext2D, picture: Picture, xOf: (ms: number) => number, ink: Ink): void {
  const { slices, links, selected } = picture;
  const cause = selected < 0 ? -1 : (links.cause[selected] ?? -1);
  const arrows =
    cause >= 0
      ? [[cause, selected]]
      : effectsOf(links, selected)
          .slice(0, kArrowsMax)
          .map((effect) => [selected, effect]);
  for (const [from, to] of arrows as [number, number][]) {
    const [[fromRow], [toRow]] = [placesWith(picture.places, slices, from), placesWith(picture.places, slices, to)];
    if (fromRow === undefined || toRow === undefined) continue;
    const [x, y] = [xOf(endOf(slices, from)), fromRow.top + kRow / 2];
    const [tip, endY] = [xOf(slices.start[to] as number), toRow.top + kRow / 2];
    const bend = Math.min(kBendMax, Math.max(kBendMin, Math.abs(tip - x) / 2));
    const line = new Path2D();
    line.moveTo(x, y);
    line.bezierCurveTo(x + bend, y, tip - kHead - bend, endY, tip - kHead, endY);
    const head = new Path2D();
    head.moveTo(tip, endY);
    head.lineTo(tip - 1.6 * kHead, endY - kHead);
    head.lineTo(tip - 1.6 * kHead, endY + kHead);
    head.closePath();
    // Over slices of any colour: with a light around it.
    for (const [colour, width] of [
      [ink.surface, 4],
      [ink.text, 1.5],
    ] as const) {
      context.strokeStyle = context.fillStyle = colour;
      context.lineWidth = width;
      context.stroke(line);
      if (colour === ink.surface) context.stroke(head);
      context.fill(head);
    }
  }
}

/** The whole time as a bar: what is in view, what is marked, and ticks where slices match or one is selected. */
function paintOverview(context: CanvasRenderingContext2D, span: number, picture: Picture, ink: Ink): void {
  const { slices, view, whole, marked, matches, selected } = picture;
  const xOf = (ms: number) => kLeft + (ms / whole) * span;
  const [foot, size] = [kOverview - 2, kOverview - 3];
  context.fillStyle = ink.grid;
  context.fillRect(kLeft, foot - size, span, size);
  context.fillStyle = ink.accent;
  context.globalAlpha = 0.3;
  if (marked !== null)
    context.fillRect(xOf(marked.from), foot - size, Math.max(1, xOf(marked.to) - xOf(marked.from)), size);
  context.globalAlpha = 1;
  context.strokeStyle = ink.accent;
  context.strokeRect(xOf(view.from) + 0.5, foot - size + 0.5, Math.max(2, xOf(view.to) - xOf(view.from) - 1), size - 1);
  context.fillStyle = ink.text;
  let drawnTo = -1;
  for (const index of matches) {
    const x = Math.floor(xOf(slices.start[index] as number));
    if (x === drawnTo) continue;
    context.fillRect((drawnTo = x), foot - 4, 1, 3);
  }
  if (selected >= 0) context.fillRect(xOf(slices.start[selected] as number) - 1, foot - size, 2, size);
}

/** Every other step is shaded, as far as they are wide enough to be told apart. */
function paintSteps(
  context: CanvasRenderingContext2D,
  steps: readonly StepSpan[],
  xOf: (ms: number) => number,
  right: number,
  ink: Ink,
): void {
  let writtenTo = -Infinity;
  steps.forEach((one, i) => {
    const [from, to] = [xOf(one.from), xOf(one.to)];
    if (to < kLeft || from > right || to - from < 3) return;
    if (i % 2 === 0) {
      context.fillStyle = ink.grid;
      context.fillRect(from, kRuler, to - from, kSteps - 2);
    }
    context.fillStyle = ink.axis;
    context.fillRect(from, kRuler, 1, kSteps - 2);
    const label = formatStep(one.step);
    const at = Math.max(from, kLeft) + 4;
    if (Math.min(to, right) - at < 10 + 6.5 * label.length || at < writtenTo) return;
    context.fillStyle = ink.muted;
    context.fillText(label, at, kRuler + kSteps / 2 - 1);
    writtenTo = at + 6.5 * label.length;
  });
}

/** Names are written on slices of this many pixels and more. */
const kNamed = 42;
/** So that a lonely slice that is narrower than a pixel is seen. */
const kFaintest = 0.35;
const kDimmed = 0.15;

function paintBox(
  context: CanvasRenderingContext2D,
  box: Box,
  top: number,
  picture: Picture,
  colours: Map<number, string>,
): void {
  const { slices, isMatch } = picture;
  const name = slices.name[box.index] as number;
  const key = name * kKindNames.length + (slices.kind[box.index] as number);
  let colour = colours.get(key);
  if (colour === undefined) colours.set(key, (colour = colourOfSlice(slices, box.index, picture.isDark)));
  const isDimmed = isMatch !== null && isMatch[name] !== true;
  context.globalAlpha = (box.count > 1 || box.busy < 1 ? Math.max(kFaintest, box.busy) : 1) * (isDimmed ? kDimmed : 1);
  context.fillStyle = colour;
  const from = Math.max(kLeft - 1, kLeft + box.x);
  const size = Math.max(0.75, kLeft + box.x + box.width - from - (box.width > 3 ? 0.5 : 0));
  context.fillRect(from, top + 2, size, kRow - 4);
  context.globalAlpha = 1;
  if (box.count > 1 || size < kNamed || isDimmed) return;
  context.save();
  context.beginPath();
  context.rect(from, top, size - 3, kRow);
  context.clip();
  context.fillStyle = textOn(colour);
  context.fillText(nameOf(slices, box.index), from + 4, top + kRow / 2 + 0.5);
  context.restore();
}
