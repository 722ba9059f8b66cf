// Maps that others were gone on from, as a link names them: by what was chosen when they were asked for, each as the
// query of a view of its own. Pure.
import { formatView, parseView } from '../../base/url';
import { kDefaultView, type View } from '../../base/view';

const kSettings = [
  ...([
    'method',
    'dims',
    'sphere',
    'components',
    'seed',
    'map_metric',
    'init',
    'perplexity',
    'iterations',
    'fast',
  ] as const),
  ...(['late', 'late_iterations', 'kl_tolerance', 'n_neighbors', 'min_dist', 'epochs'] as const),
];

/** What of a view a map hangs on: "method=tsne&iterations=400". */
export function settingsText(view: View): string {
  const settings = Object.fromEntries(kSettings.map((name) => [name, view[name]]));
  return formatView({ ...kDefaultView, page: 'projector', ...settings }).replace(/^projector\??/, '');
}

/** The maps that came before the one that `view` describes, the first of them first; none where they are of another kind. */
export function earlierViews(view: View): View[] {
  const earlier = view.continued.map((text) => parseView('projector', text));
  return earlier.every(({ method, dims }) => method === view.method && dims === view.dims) ? earlier : [];
}
