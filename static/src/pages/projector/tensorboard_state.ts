// The views that TensorBoard's projector saves, in its state.txt and in the bookmarks of a projector config: a list of
// states. What a state asks for is asked of this page; where its points lay and its camera belong to a map that is not
// here. Pure.
import { formatStep } from '../../base/format';
import { escapeRegex } from '../../base/regex';
import { kComponentsMax, type View } from '../../base/view';
import { formatGroup } from './axes';
import { componentsOf, saidOf } from './components';

export interface SavedState {
  readonly title: string;
  /** The one that was open when the file was saved. */
  readonly isSelected: boolean;
  /** Rows of the table that it is of. */
  readonly points: number;
  readonly view: Partial<View>;
  /** Ascending, each once. */
  readonly rows: Uint32Array;
}

/** TensorBoard shows no more rows of a larger table, the first ones. */
const kRowsOfTensorBoard = 100_000;
const kNoColour = 'No color map';
const kMethods: ReadonlyMap<unknown, View['method']> = new Map([
  ['pca', 'pca'],
  ['tsne', 'tsne'],
  ['umap', 'umap'],
  ['custom', 'axes'],
]);
/** In the order of view.axes. */
const kCustomSides = ['customXLeft', 'customXRight', 'customYDown', 'customYUp'];

type Fields = Readonly<Record<string, unknown>>;

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');
const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Empty where the text holds none. */
export function readStates(text: string): SavedState[] {
  try {
    return listOf(JSON.parse(text)).flatMap((one, at) => readState(one, at) ?? []);
  } catch {
    return [];
  }
}

function readState(value: unknown, at: number): SavedState | null {
  if (typeof value !== 'object' || value === null) return null;
  const state = value as Fields;
  const method = kMethods.get(state['selectedProjection']);
  const points = listOf(state['dataSetDimensions'])[0];
  if (method === undefined || !isCount(points)) return null;
  const rows = listOf(state['selectedPoints']).filter((row) => isCount(row) && row < points) as number[];
  const colour = textOf(state['selectedColorOptionName']);
  return {
    title: textOf(state['label']) || `state ${at + 1}`,
    isSelected: state['isSelected'] === true,
    points,
    view: { method, colour: colour === kNoColour ? 'none' : colour, ...viewOfMethod(method, state) },
    rows: Uint32Array.from(new Set(rows)).sort(),
  };
}

function viewOfMethod(method: View['method'], state: Fields): Partial<View> {
  const dims = (isSpace: boolean) => ({ dims: isSpace ? (3 as const) : (2 as const) });
  const number = (name: 'perplexity' | 'n_neighbors' | 'min_dist', value: unknown, low: number, high: number) =>
    typeof value === 'number' && value >= low && value <= high ? { [name]: value } : {};
  if (method === 'pca') {
    const drawn = listOf(state['pcaComponentDimensions']);
    const isSpace = drawn.length === 3;
    const components = drawn.filter(isCount).map((one) => one + 1);
    return { ...dims(isSpace), components: saidOf(componentsOf(components, isSpace ? 3 : 2, kComponentsMax)) };
  }
  if (method === 'tsne')
    return { ...dims(state['tSNEis3d'] === true), ...number('perplexity', state['tSNEPerplexity'], 1, 1000) };
  if (method === 'umap') {
    const { umapNeighbors, umapMinDist } = state;
    return {
      ...dims(state['umapIs3d'] === true),
      ...number('n_neighbors', umapNeighbors, 2, 1000),
      ...number('min_dist', umapMinDist, 0, 1),
    };
  }
  const column = textOf(state['customSelectedSearchByMetadataOption']);
  const groupOf = (side: string) => {
    const text = textOf(state[`${side}Text`]);
    const expression = state[`${side}Regex`] === true ? text : escapeRegex(text);
    return text === '' ? '' : formatGroup({ kind: 'matches', column, text: expression });
  };
  return { dims: 2, axes: kCustomSides.map(groupOf) };
}

/** Why a state cannot be shown on a table of so many rows; empty where it can. */
export function misfitOf(state: SavedState, points: number): string {
  const isCut = state.points === kRowsOfTensorBoard && points > kRowsOfTensorBoard;
  if (state.points === points || isCut) return '';
  return `“${state.title}” is of ${formatStep(state.points)} rows, and this table has ${formatStep(points)}.`;
}
