// What the address bar holds: the page is the end of its path, everything else a query parameter, so that a
// link shows another person the same picture. Defaults are left out. Pure: no DOM here.
import { kBands } from './aggregate';
import { formatBounds, parseBounds } from './bounds';
import {
  kBesideMax,
  kCardWidths,
  kComponentsMax,
  kDefaultView,
  kPages,
  kProjectorPanels,
  kTipOrders,
  type Page,
  type View,
} from './view';

/** Ids as ranges, "1-4,9"; "none" for an empty selection. */
export function formatRunSet(ids: readonly number[]): string {
  if (ids.length === 0) return 'none';
  const sorted = [...new Set(ids)].sort((a, b) => a - b);
  const parts: string[] = [];
  let start = sorted[0] as number;
  let end = start;
  for (const id of [...sorted.slice(1), NaN]) {
    if (id === end + 1) {
      end = id;
      continue;
    }
    parts.push(start === end ? `${start}` : `${start}-${end}`);
    start = end = id;
  }
  return parts.join(',');
}

/** The most ids that a hand-made range in a link may unfold into. */
const kRunSetMax = 10_000;

export function parseRunSet(text: string): number[] {
  const ids: number[] = [];
  for (const part of text.split(',')) {
    const match = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(part.trim());
    if (match === null) continue;
    const from = Number(match[1]);
    const to = match[2] === undefined ? from : Number(match[2]);
    for (let id = from; id <= to && ids.length < kRunSetMax; id++) ids.push(id);
  }
  return ids;
}

/** Each is asked for when a link is opened. */
const kContinuedMax = 20;

function numberIn(text: string | null, fallback: number, min: number, max: number): number {
  if (text === null || text.trim() === '') return fallback;
  const value = Number(text);
  return Number.isFinite(value) ? Math.min(max, Math.max(min, value)) : fallback;
}

/** Two or three different components; none where the text says something else. */
function componentsIn(text: string | null): readonly number[] {
  const parts = (text ?? '').split(',');
  const isWell = /^[1-9]\d?(,[1-9]\d?){1,2}$/.test(text ?? '') && new Set(parts).size === parts.length;
  const components = isWell ? parts.map(Number) : [];
  return components.every((one) => one <= kComponentsMax) ? components : [];
}

function oneOf<T extends string>(text: string | null, allowed: readonly T[], fallback: T): T {
  return allowed.find((value) => value === text) ?? fallback;
}

function parseZoom(text: string | null): View['zoom'] {
  const match = /^(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)$/.exec(text ?? '');
  if (match === null) return null;
  const from = Number(match[1]);
  const to = Number(match[2]);
  return from <= to ? { from, to } : null;
}

function pageOfPath(path: string): Page {
  return oneOf(path.slice(path.lastIndexOf('/') + 1), kPages, kDefaultView.page);
}

/** Never fails: what cannot be read becomes the default. */
export function parseView(path: string, query: string): View {
  const q = new URLSearchParams(query);
  const d = kDefaultView;
  const runs = q.get('runs');
  return {
    page: pageOfPath(path),
    runs: runs === null ? null : parseRunSet(runs),
    run_filter: q.get('run_filter') ?? '',
    tag_filter: q.get('tag_filter') ?? '',
    smoothing: numberIn(q.get('smoothing'), d.smoothing, 0, 0.999),
    x: oneOf(q.get('x'), ['step', 'relative', 'wall'], d.x),
    x_of: q.get('x_of') ?? '',
    log_y: q.get('log_y') === '1',
    logs: q.getAll('log'),
    pins: q.getAll('pin'),
    ignore_outliers: q.get('outliers') !== '1',
    y: parseBounds(q.get('y') ?? ''),
    ys: q.getAll('y_of'),
    tip: oneOf(q.get('tip'), kTipOrders, d.tip),
    cards: oneOf(q.get('cards'), kCardWidths, d.cards),
    group_by: q.getAll('group'),
    band: oneOf(q.get('band'), kBands, d.band),
    zoom: parseZoom(q.get('zoom')),
    folded: q.getAll('folded'),
    full: q.get('full') ?? '',
    run: Math.trunc(numberIn(q.get('run'), 0, 0, Number.MAX_SAFE_INTEGER)),
    tag: q.get('tag') ?? '',
    step: Math.trunc(numberIn(q.get('step'), -1, -1, Number.MAX_SAFE_INTEGER)),
    at: q.getAll('at'),
    scope: q.get('scope') ?? '',
    node: q.get('node') ?? '',
    offset: Math.trunc(numberIn(q.get('offset'), 0, 0, Number.MAX_SAFE_INTEGER)),
    trace: q.get('trace') ?? '',
    plain: q.get('plain') === '1',
    times: parseBounds(q.get('times') ?? ''),
    marked: parseBounds(q.get('marked') ?? ''),
    slice: Math.trunc(numberIn(q.get('slice'), -1, -1, 0xffffffff)),
    track_pins: q.getAll('track_pin'),
    track_folds: q.getAll('track_fold'),
    track_hides: q.getAll('track_hide'),
    track_filter: q.get('track_filter') ?? '',
    nested: q.get('nested') === '1',
    mode: q.get('mode') ?? '',
    method: oneOf(q.get('method'), ['pca', 'tsne', 'umap', 'axes'], d.method),
    dims: q.get('dims') === '3' ? 3 : 2,
    sphere: q.get('sphere') === '1',
    axes: q.getAll('axis').slice(0, 6),
    components: componentsIn(q.get('components')),
    perplexity: numberIn(q.get('perplexity'), d.perplexity, 1, 1000),
    iterations: Math.trunc(numberIn(q.get('iterations'), d.iterations, 1, 100_000)),
    seed: Math.trunc(numberIn(q.get('seed'), d.seed, 0, Number.MAX_SAFE_INTEGER)),
    n_neighbors: Math.trunc(numberIn(q.get('n_neighbors'), d.n_neighbors, 2, 1000)),
    min_dist: numberIn(q.get('min_dist'), d.min_dist, 0, 1),
    epochs: Math.trunc(numberIn(q.get('epochs'), d.epochs, 0, 10_000)),
    map_metric: oneOf(q.get('map_metric'), ['euclidean', 'cosine'], d.map_metric),
    init: oneOf(q.get('init'), ['pca', 'random', 'spectral'], d.init),
    late: numberIn(q.get('late'), d.late, 1, 1000),
    late_iterations: Math.trunc(numberIn(q.get('late_iterations'), d.late_iterations, 0, 10_000)),
    kl_tolerance: numberIn(q.get('kl_tolerance'), d.kl_tolerance, 0, 0.99),
    fast: q.get('fast') === '1',
    continued: q.getAll('continued').slice(0, kContinuedMax),
    colour: q.get('colour') ?? '',
    search: q.get('search') ?? '',
    column: q.get('column') ?? '',
    row: Math.trunc(numberIn(q.get('row'), d.row, -1, 0xffffffff)),
    rows: /^([\d,-]*|~[\w-]*)$/.test(q.get('rows') ?? '') ? (q.get('rows') ?? '') : '',
    isolated: q.get('isolated') === '1',
    near: Math.trunc(numberIn(q.get('near'), d.near, 1, 999)),
    metric: oneOf(q.get('metric'), ['cosine', 'euclidean'], d.metric),
    named: q.get('named') === '1',
    named_by: q.get('named_by') ?? '',
    thumbs: Math.trunc(numberIn(q.get('thumbs'), d.thumbs, 0, 128)),
    camera: /^[-+\d.,e]*$/.test(q.get('camera') ?? '') ? (q.get('camera') ?? '') : '',
    time: numberIn(q.get('time'), d.time, -1, 10_000),
    panel: oneOf(q.get('panel'), kProjectorPanels, d.panel),
    from_run: Math.trunc(numberIn(q.get('from_run'), 0, 0, Number.MAX_SAFE_INTEGER)),
    from_step: Math.trunc(numberIn(q.get('from_step'), -1, -1, Number.MAX_SAFE_INTEGER)),
    placed_run: Math.trunc(numberIn(q.get('placed_run'), 0, 0, Number.MAX_SAFE_INTEGER)),
    placed_tag: q.get('placed_tag') ?? '',
    placed_step: Math.trunc(numberIn(q.get('placed_step'), -1, -1, Number.MAX_SAFE_INTEGER)),
    sort: q.get('sort') ?? '',
    labels: q.getAll('label'),
    opened: parseRunSet(q.get('opened') ?? ''),
    hidden: q.getAll('hide'),
    columns: q.getAll('show'),
    beside: Math.trunc(numberIn(q.get('beside'), d.beside, 2, kBesideMax)),
    best: q.get('best') === '1',
    ranges: q.getAll('range'),
  };
}

/** The server takes 8,192 bytes of a URL. */
const kQueryLengthMax = 8000;

/** Leaves out the longest parameters, such as a tag of many thousand letters, until a server takes the link. */
function shorten(q: URLSearchParams): void {
  while (q.toString().length > kQueryLengthMax) {
    const names = [...new Set(q.keys())];
    const lengthOf = (name: string) => encodeURIComponent(q.getAll(name).join()).length;
    q.delete(names.reduce((a, b) => (lengthOf(b) > lengthOf(a) ? b : a)));
  }
}

/**
 * Path and query of a view, relative to any page's; `parseView` gives the same view back, but for what no link
 * can hold.
 */
export function formatView(view: View): string {
  const q = new URLSearchParams();
  const d = kDefaultView;
  const put = (name: string, text: string, fallback = '') => {
    if (text !== fallback) q.set(name, text);
  };
  if (view.runs !== null) q.set('runs', formatRunSet(view.runs));
  put('run_filter', view.run_filter);
  put('tag_filter', view.tag_filter);
  put('smoothing', `${view.smoothing}`, `${d.smoothing}`);
  put('x', view.x, d.x);
  put('x_of', view.x_of);
  if (view.log_y) q.set('log_y', '1');
  for (const tag of view.logs) q.append('log', tag);
  for (const tag of view.pins) q.append('pin', tag);
  if (!view.ignore_outliers) q.set('outliers', '1');
  put('y', formatBounds(view.y));
  for (const entry of view.ys) q.append('y_of', entry);
  put('tip', view.tip, d.tip);
  put('cards', view.cards, d.cards);
  for (const key of view.group_by) q.append('group', key);
  put('band', view.band, d.band);
  if (view.zoom !== null) q.set('zoom', `${view.zoom.from}..${view.zoom.to}`);
  for (const group of view.folded) q.append('folded', group);
  put('full', view.full);
  put('run', `${view.run}`, '0');
  put('tag', view.tag);
  put('step', `${view.step}`, '-1');
  for (const chosen of view.at) q.append('at', chosen);
  put('scope', view.scope);
  put('node', view.node);
  put('offset', `${view.offset}`, '0');
  put('trace', view.trace);
  if (view.plain) q.set('plain', '1');
  put('times', formatBounds(view.times));
  put('marked', formatBounds(view.marked));
  put('slice', `${view.slice}`, '-1');
  for (const track of view.track_pins) q.append('track_pin', track);
  for (const track of view.track_folds) q.append('track_fold', track);
  for (const track of view.track_hides) q.append('track_hide', track);
  put('track_filter', view.track_filter);
  if (view.nested) q.set('nested', '1');
  put('mode', view.mode);
  put('method', view.method, d.method);
  put('dims', `${view.dims}`, '2');
  if (view.sphere) q.set('sphere', '1');
  for (const group of view.axes) q.append('axis', group);
  put('components', view.components.join(','));
  put('perplexity', `${view.perplexity}`, `${d.perplexity}`);
  put('iterations', `${view.iterations}`, `${d.iterations}`);
  put('seed', `${view.seed}`, `${d.seed}`);
  put('n_neighbors', `${view.n_neighbors}`, `${d.n_neighbors}`);
  put('min_dist', `${view.min_dist}`, `${d.min_dist}`);
  put('epochs', `${view.epochs}`, `${d.epochs}`);
  put('map_metric', view.map_metric, d.map_metric);
  put('init', view.init, d.init);
  put('late', `${view.late}`, `${d.late}`);
  put('late_iterations', `${view.late_iterations}`, `${d.late_iterations}`);
  put('kl_tolerance', `${view.kl_tolerance}`, `${d.kl_tolerance}`);
  if (view.fast) q.set('fast', '1');
  for (const earlier of view.continued) q.append('continued', earlier);
  put('colour', view.colour);
  put('search', view.search);
  put('column', view.column);
  put('row', `${view.row}`, '-1');
  put('rows', view.rows);
  if (view.isolated) q.set('isolated', '1');
  put('near', `${view.near}`, `${d.near}`);
  put('metric', view.metric, d.metric);
  if (view.named) q.set('named', '1');
  put('named_by', view.named_by);
  put('thumbs', `${view.thumbs}`, `${d.thumbs}`);
  put('camera', view.camera);
  put('time', `${view.time}`, `${d.time}`);
  put('panel', view.panel, d.panel);
  put('from_run', `${view.from_run}`, '0');
  put('from_step', `${view.from_step}`, '-1');
  put('placed_run', `${view.placed_run}`, '0');
  put('placed_tag', view.placed_tag);
  put('placed_step', `${view.placed_step}`, '-1');
  put('sort', view.sort);
  for (const label of view.labels) q.append('label', label);
  if (view.opened.length > 0) q.set('opened', formatRunSet(view.opened));
  for (const column of view.hidden) q.append('hide', column);
  for (const column of view.columns) q.append('show', column);
  put('beside', `${view.beside}`, `${d.beside}`);
  if (view.best) q.set('best', '1');
  for (const range of view.ranges) q.append('range', range);
  shorten(q);
  const query = q.toString().replaceAll('%2C', ',').replaceAll('%2F', '/');
  return `${view.page}${query === '' ? '' : `?${query}`}`;
}
