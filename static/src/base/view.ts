// What a page shows: all state that a link carries to another person. Defaults are what a page shows by itself.
import type { Band } from './aggregate';
import { kNoBounds, type Bounds } from './bounds';

export const kPages = [
  'runs',
  'metrics',
  'health',
  'distributions',
  'projector',
  'profile',
  'media',
  'compare',
  'data',
] as const;
export type Page = (typeof kPages)[number];

export const kProjectorPanels = ['inspect', 'statistics', 'time', 'compare', 'share'] as const;

/** In which order the tip of a chart lists its lines: by value, or those near the pointer first. */
export const kTipOrders = ['descending', 'ascending', 'nearest'] as const;
export type TipOrder = (typeof kTipOrders)[number];

/** How wide the cards of curves are. */
export const kCardWidths = ['small', 'medium', 'wide'] as const;
export type CardWidth = (typeof kCardWidths)[number];

/** A PCA may be drawn of the first so many components, as TensorBoard's. */
export const kComponentsMax = 10;

export interface View {
  page: Page;
  /** Selected run ids; null: all of them, those that are still to come included. */
  runs: readonly number[] | null;
  /** Regular expression over run names. */
  run_filter: string;
  /** Regular expression over tags. */
  tag_filter: string;
  smoothing: number;
  x: 'step' | 'relative' | 'wall';
  /** The metric that cards of scalars have as their x axis; empty: what `x` says. */
  x_of: string;
  log_y: boolean;
  /** Tags whose cards alone have a logarithmic axis, and those that are kept on top. */
  logs: readonly string[];
  pins: readonly string[];
  ignore_outliers: boolean;
  /** Where y axes begin and end, of all cards and of those of some tags alone (base/bounds.ts). */
  y: Bounds;
  ys: readonly string[];
  tip: TipOrder;
  cards: CardWidth;
  /** What runs are grouped by (pages/metrics/run_groups.ts); empty: each is a line of its own. */
  group_by: readonly string[];
  band: Band;
  /** Shown steps, both ends included, of curves or of a profile; null: all, or the last few. */
  zoom: { from: number; to: number } | null;
  /** Groups of tags that are folded. */
  folded: readonly string[];
  /** The card that fills the page, a tag or, of cards of one run, the run and the tag; empty: none. */
  full: string;
  /** The run of pages that show one; 0: the page chooses. */
  run: number;
  tag: string;
  /** The step of pages that show one; -1: the last. */
  step: number;
  /** Steps of cards that show one, where it is not the last (base/chosen_steps.ts). */
  at: readonly string[];
  /** The open scope and the selected node of a graph, and the first of its items that is drawn. */
  scope: string;
  node: string;
  offset: number;
  /** The run metadata whose times a graph shows. */
  trace: string;
  /** Texts are shown as they were logged, not as the Markdown that they may be. */
  plain: boolean;
  /** Milliseconds of a profile, from the first of the chosen slices: those shown, those marked; and the selected slice. */
  times: Bounds;
  marked: Bounds;
  slice: number;
  /** Tracks of a profile by their keys (pages/profile/track_rows.ts): kept on top, folded, hidden; and which are shown. */
  track_pins: readonly string[];
  track_folds: readonly string[];
  track_hides: readonly string[];
  track_filter: string;
  /** Their times are summed by names within names. */
  nested: boolean;
  mode: string;
  method: 'pca' | 'tsne' | 'umap' | 'axes';
  dims: 2 | 3;
  /** Rows are laid on the unit sphere around their mean before they are mapped. */
  sphere: boolean;
  /** The groups of chosen axes (pages/projector/axes.ts): left, right, down, up, back, front. */
  axes: readonly string[];
  /** Of PCA: the component of each axis, counted from 1; empty: the first. */
  components: readonly number[];
  perplexity: number;
  iterations: number;
  seed: number;
  /** Of UMAP; 0 epochs: as many as suit the points. */
  n_neighbors: number;
  min_dist: number;
  epochs: number;
  /** Of t-SNE and UMAP: by which distance rows are near, and where the points begin. */
  map_metric: 'euclidean' | 'cosine';
  init: 'pca' | 'random' | 'spectral';
  /** Of t-SNE: how much harder neighbours attract at the end, for how many iterations; the share that KL must fall by. */
  late: number;
  late_iterations: number;
  kl_tolerance: number;
  /** Equal weights for few neighbours instead of a perplexity: a t-SNE for a first look. */
  fast: boolean;
  /** The maps that the shown one went on from, one after the other (pages/projector/continued.ts). */
  continued: readonly string[];
  colour: string;
  search: string;
  /** The column that is searched; empty: all. */
  column: string;
  /** The embedding's row that is looked at; -1: none. */
  row: number;
  /** Selected rows as text (base/row_set.ts); empty: none. */
  rows: string;
  /** Only the selected rows are shown. */
  isolated: boolean;
  /** How many neighbours are listed, and by what distance. */
  near: number;
  metric: 'cosine' | 'euclidean';
  /** Names are written beside points. */
  named: boolean;
  /** The column that they are of; empty: the one with the most different values. */
  named_by: string;
  /** CSS pixels across a thumbnail on the map; 0: none. */
  thumbs: number;
  /** Where the camera of the map is (gl/camera.ts); empty: it shows all points. */
  camera: string;
  /** The place between the key frames of the checkpoints; -1: no time is shown. */
  time: number;
  panel: (typeof kProjectorPanels)[number];
  /**
   * What a map is compared with: another run's embedding (0: of the same run), at a step (-1: none). Of a profile: the
   * run whose times stand beside its own (0: none).
   */
  from_run: number;
  from_step: number;
  /** The table that is placed on the map: of another run (0: of the same), empty: none, -1: the newest step. */
  placed_run: number;
  placed_tag: string;
  placed_step: number;
  sort: string;
  /** Tags that listed runs must have. */
  labels: readonly string[];
  /** Runs of the table whose sub-runs are listed below them. */
  opened: readonly number[];
  /** Columns of the runs table and axes of the comparison that are hidden. */
  hidden: readonly string[];
  /** Columns and axes that are shown on top of those which a table or a plot shows by itself. */
  columns: readonly string[];
  /** How many runs are compared side by side at most. */
  beside: number;
  /** They are compared by the best values of their metrics, not by the last. */
  best: boolean;
  /** What runs must lie in on the axes of the comparison (charts/parallel.ts). */
  ranges: readonly string[];
}

export const kDefaultView: Readonly<View> = {
  page: 'runs',
  runs: null,
  run_filter: '',
  tag_filter: '',
  smoothing: 0.6,
  x: 'step',
  x_of: '',
  log_y: false,
  logs: [],
  pins: [],
  ignore_outliers: true,
  y: kNoBounds,
  ys: [],
  tip: 'descending',
  cards: 'medium',
  group_by: [],
  band: 'range',
  zoom: null,
  folded: [],
  full: '',
  run: 0,
  tag: '',
  step: -1,
  at: [],
  scope: '',
  node: '',
  offset: 0,
  trace: '',
  plain: false,
  times: kNoBounds,
  marked: kNoBounds,
  slice: -1,
  track_pins: [],
  track_folds: [],
  track_hides: [],
  track_filter: '',
  nested: false,
  mode: '',
  method: 'pca',
  dims: 2,
  sphere: false,
  axes: [],
  components: [],
  perplexity: 30,
  iterations: 750,
  seed: 1,
  n_neighbors: 15,
  min_dist: 0.1,
  epochs: 0,
  map_metric: 'euclidean',
  init: 'pca',
  late: 1,
  late_iterations: 0,
  kl_tolerance: 0,
  fast: false,
  continued: [],
  colour: '',
  search: '',
  column: '',
  row: -1,
  rows: '',
  isolated: false,
  near: 20,
  metric: 'cosine',
  named: false,
  named_by: '',
  thumbs: 32,
  camera: '',
  time: -1,
  panel: 'inspect',
  from_run: 0,
  from_step: -1,
  placed_run: 0,
  placed_tag: '',
  placed_step: -1,
  sort: '',
  labels: [],
  opened: [],
  hidden: [],
  columns: [],
  beside: 12,
  best: false,
  ranges: [],
};

/** More columns of runs than this are no comparison any more. */
export const kBesideMax = 200;

/** What is of the page alone: it begins anew on another. */
const kOfThePage = [
  'full',
  'tag',
  'step',
  'at',
  'scope',
  'node',
  'offset',
  'trace',
  'times',
  'marked',
  'slice',
  'nested',
  'mode',
  'search',
  'column',
  'row',
  'rows',
  'isolated',
  'named_by',
  'axes',
  'continued',
  'camera',
  'time',
  'panel',
  'from_run',
  'from_step',
  'placed_run',
  'placed_tag',
  'placed_step',
  'sort',
  'labels',
  'opened',
  'ranges',
] as const satisfies readonly (keyof View)[];
const kFreshPage: Partial<View> = Object.fromEntries(kOfThePage.map((name) => [name, kDefaultView[name]]));

/** Pages of curves share the shown steps; those of a profile are few, and its own. */
const isOfCurves = (page: Page) => page === 'metrics' || page === 'compare';

/** What goes to another page: the choice of runs and how curves are drawn, not the page's own state. */
export function viewOfPage(view: View, page: Page, own: Partial<View> = {}): View {
  return { ...view, ...kFreshPage, zoom: isOfCurves(view.page) && isOfCurves(page) ? view.zoom : null, ...own, page };
}
