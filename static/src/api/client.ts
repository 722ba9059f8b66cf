// One function per route of docs/api.md. Errors are values that name what failed; `signal` ends a
// request that nobody waits for any more.
import { askEach } from '../base/ask_each';
import { brokenAnswer, failure, success, type Failure, type Result } from '../base/result';
import type { Series } from '../base/series';
import { decodeColumns, float64, numberField, uint32, type Item } from './columns';
import type * as Graph from './graph_types';
import type * as Media from './media_types';
import type * as Wire from './types';

/** Relative to the page, which lies beside it: a proxy may put a path of its own before both. */
export const kBase = 'api/v1';

type Query = Record<string, string | number | readonly number[] | undefined>;

/** tag -> digest, of the listed tags that have one. */
let digests: ReadonlyMap<string, string> = new Map();

export function target(path: string, query: Query): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    const digest = name === 'tag' || name === 'from_tag' ? digests.get(`${value}`) : undefined;
    if (digest !== undefined) {
      parts.push(`${name}_digest=${digest}`);
      continue;
    }
    const text = typeof value === 'object' ? value.join(',') : encodeURIComponent(value);
    parts.push(`${name}=${text}`);
  }
  return `${kBase}${path}${parts.length === 0 ? '' : `?${parts.join('&')}`}`;
}

/** The failure that a problem+json body describes; anything else is told by its status. */
export function problemOf(status: number, statusText: string, body: string, requestId: string): Failure {
  try {
    const problem = JSON.parse(body) as { title?: unknown; detail?: unknown; request_id?: unknown };
    return {
      status,
      title: typeof problem.title === 'string' ? problem.title : statusText,
      detail: typeof problem.detail === 'string' ? problem.detail : '',
      requestId: typeof problem.request_id === 'string' ? problem.request_id : requestId,
    };
  } catch {
    return { status, title: statusText || `Status ${status}`, detail: body.slice(0, 300), requestId };
  }
}

export async function request(
  method: string,
  url: string,
  signal?: AbortSignal,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Result<Response>> {
  const init: RequestInit = { method, signal: signal ?? null, headers };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { ...headers, 'Content-Type': 'application/json' };
  }
  try {
    const response = await fetch(url, init);
    if (response.ok) return success(response);
    const id = response.headers.get('X-Request-Id') ?? '';
    return failure(problemOf(response.status, response.statusText, await response.text(), id));
  } catch (error) {
    const isAborted = error instanceof DOMException && error.name === 'AbortError';
    return failure({
      status: 0,
      title: isAborted ? 'Cancelled' : 'The server does not answer',
      detail: isAborted ? '' : 'Is `spirogram serve` still running? The page goes on when it is back.',
      requestId: '',
    });
  }
}

async function getJson(path: string, query: Query, signal?: AbortSignal): Promise<Result<unknown>> {
  const response = await request('GET', target(path, query), signal);
  if (!response.ok) return response;
  try {
    return success((await response.value.json()) as unknown);
  } catch {
    return brokenAnswer(`${path}: not JSON`);
  }
}

/** The array under `key`; its elements are what docs/api.md says. */
export async function getList<T>(path: string, key: string, query: Query, signal?: AbortSignal): Promise<Result<T[]>> {
  const answer = await getJson(path, query, signal);
  if (!answer.ok) return answer;
  const list = (answer.value as Record<string, unknown> | null)?.[key];
  return Array.isArray(list) ? success(list as T[]) : brokenAnswer(`${path}: no list "${key}"`);
}

/** Ids of as many runs fit a URL that servers take. */
export const kRunsPerRequest = 1000;

async function getObject<T>(path: string, query: Query, signal?: AbortSignal): Promise<Result<T>> {
  const answer = await getJson(path, query, signal);
  if (!answer.ok) return answer;
  const isObject = typeof answer.value === 'object' && answer.value !== null;
  return isObject ? success(answer.value as T) : brokenAnswer(`${path}: not an object`);
}

export async function getColumns(path: string, query: Query, signal?: AbortSignal): Promise<Result<Item[]>> {
  const response = await request('GET', target(path, query), signal);
  return response.ok ? decodeAnswer(response.value) : response;
}

export async function decodeAnswer(response: Response): Promise<Result<Item[]>> {
  try {
    return decodeColumns(await response.arrayBuffer());
  } catch {
    return brokenAnswer(`${response.url}: the connection ended early`);
  }
}

function seriesOf(item: Item): Series {
  const tag = item.fields['tag'];
  return {
    run: numberField(item, 'run'),
    tag: typeof tag === 'string' ? tag : '',
    points: numberField(item, 'points'),
    step: float64(item, 'step'),
    wallTime: float64(item, 'wall_time'),
    mean: float64(item, 'mean'),
    min: float64(item, 'min'),
    max: float64(item, 'max'),
    count: uint32(item, 'count'),
    nonfinite: uint32(item, 'nonfinite'),
  };
}

export interface ScalarQuery {
  run: readonly number[];
  tag: string;
  rows?: number | undefined;
  from?: number | undefined;
  to?: number | undefined;
}

export async function getScalars(query: ScalarQuery, signal?: AbortSignal): Promise<Result<Series[]>> {
  if (query.run.length === 0) return success([]);
  const items = await getColumns('/scalars', { ...query }, signal);
  return items.ok ? success(items.value.map(seriesOf)) : items;
}

export const getStatus = (signal?: AbortSignal) => getObject<Wire.Status>('/status', {}, signal);
export const getStorage = (signal?: AbortSignal) => getObject<Wire.StorageUse>('/storage', {}, signal);
/** Every point of the chosen scalars (or, as events, one run), as a download. */
export const exportUrl = (
  format: Wire.ExportFormat,
  query: { run?: readonly number[] | undefined; tag?: string; tag_regex?: string | undefined },
) =>
  target('/export', { format: format === 'wide' ? 'csv' : format, ...query, wide: format === 'wide' ? 1 : undefined });
/** Whether an export would begin, and why not. */
export const checkExport = (url: string) => request('HEAD', url);
export const getRuns = (signal?: AbortSignal) => getList<Wire.Run>('/runs', 'runs', {}, signal);
/** Those of them, without any that is deleted. */
export const getRunsAmong = (ids: readonly number[]) => getList<Wire.Run>('/runs', 'runs', { run: ids });
export const getDeletedRuns = (signal?: AbortSignal) =>
  getList<Wire.Run>('/runs', 'runs', { state: 'deleted' }, signal);
/** With all of its note. */
export const getRun = (id: number, signal?: AbortSignal) => getObject<Wire.Run>(`/runs/${id}`, {}, signal);
export const getRunSizes = (signal?: AbortSignal) => getList<Wire.RunSize>('/runs/sizes', 'runs', {}, signal);

/** Status 412 when the run has another revision than `revision` by now. */
export async function editRun(id: number, edit: Wire.RunEdit, revision: number): Promise<Result<Wire.Run>> {
  const headers = { 'If-Match': `"${revision}"` };
  const response = await request('PATCH', `${kBase}/runs/${id}`, undefined, edit, headers);
  if (!response.ok) return response;
  try {
    return success((await response.value.json()) as Wire.Run);
  } catch {
    return brokenAnswer(`/runs/${id}: not JSON`);
  }
}

/** All of the runs or none; the runs as they then are. */
export async function changeRuns(change: Wire.RunChange): Promise<Result<Wire.Run[]>> {
  const response = await request('POST', `${kBase}/runs/bulk`, undefined, change);
  if (!response.ok) return response;
  try {
    return success(((await response.value.json()) as { runs: Wire.Run[] }).runs);
  } catch {
    return brokenAnswer('/runs/bulk: not JSON');
  }
}

/** Of the runs, or of all. */
export async function getWarnings(
  runs: readonly number[] | undefined,
  signal?: AbortSignal,
): Promise<Result<Wire.RunWarnings>> {
  if (runs === undefined) return getObject<Wire.RunWarnings>('/warnings', {}, signal);
  const sum: Wire.RunWarnings = { warnings: [], total: 0, bytes_lost: 0 };
  for (let i = 0; i < runs.length; i += kRunsPerRequest) {
    const part = await getObject<Wire.RunWarnings>('/warnings', { run: runs.slice(i, i + kRunsPerRequest) }, signal);
    if (!part.ok) return part;
    sum.warnings = [...sum.warnings, ...part.value.warnings];
    sum.total += part.value.total;
    sum.bytes_lost += part.value.bytes_lost;
  }
  return success(sum);
}
export async function getTags(signal?: AbortSignal): Promise<Result<Wire.Tag[]>> {
  const tags = await getList<Wire.Tag>('/tags', 'tags', {}, signal);
  if (tags.ok) keepDigests(tags.value);
  return tags;
}

/** From now on a tag of the list that has a digest is asked for by that. */
export function keepDigests(tags: readonly Wire.Tag[]): void {
  digests = new Map(tags.flatMap(({ name, digest }) => (digest === undefined ? [] : [[name, digest] as const])));
}

/** Tags whose names match from their first character on. The server matches: a pattern from data could hold a page. */
export const getMatchingTags = (match_start: string, signal?: AbortSignal) =>
  getList<Wire.Tag>('/tags', 'tags', { match_start }, signal);
export const getHparams = (signal?: AbortSignal) => getList<Wire.RunHparams>('/hparams', 'runs', {}, signal);
export const getFindings = (run: readonly number[] | undefined, signal?: AbortSignal) =>
  getList<Wire.RunFindings>('/findings', 'runs', { run }, signal);

/** What a tag of a run logged, from a step on or all of it. */
export interface StepsQuery {
  run: number;
  tag: string;
  from: number | undefined;
}
export const getHistograms = ({ run, tag, from }: StepsQuery, steps: number, signal?: AbortSignal) =>
  getColumns('/histograms', { run, tag, steps, from }, signal);
export const listTexts = ({ run, tag, from }: StepsQuery, signal?: AbortSignal) =>
  getList<Media.ValueInfo>('/texts/steps', 'texts', { run, tag, from }, signal);
export const getTextsAt = (run: number, tag: string, step: number, signal?: AbortSignal) =>
  getList<Media.TextEvent>('/texts', 'texts', { run, tag, from: step, to: step }, signal);
export const getImages = ({ run, tag, from }: StepsQuery, signal?: AbortSignal) =>
  getList<Media.ImageEvent>('/images', 'images', { run, tag, from }, signal);
/** `v` is for the browser alone: it asks again where a run that began anew has another image or clip at this place. */
export const imageUrl = (run: number, tag: string, { step, index, repeat, wall_time }: Media.ImageEvent) =>
  target('/images/data', { run, tag, step, index, repeat, v: wall_time });
export const getAudio = ({ run, tag, from }: StepsQuery, signal?: AbortSignal) =>
  getList<Media.AudioClip>('/audio', 'clips', { run, tag, from }, signal);
export const audioUrl = (run: number, tag: string, { step, index, repeat, wall_time }: Media.AudioClip) =>
  target('/audio/data', { run, tag, step, index, repeat, v: wall_time });
export const getTensors = ({ run, tag, from }: StepsQuery, signal?: AbortSignal) =>
  getList<Media.TensorInfo>('/tensors', 'tensors', { run, tag, from }, signal);
export const tensorUrl = (run: number, tag: string, step: number) => target('/tensors/data', { run, tag, step });
/** The first `values` of a tensor. */
export const getTensorValues = (run: number, tag: string, step: number, values: number, signal?: AbortSignal) =>
  getObject<Media.TensorValues>('/tensors/data', { run, tag, step, format: 'json', values }, signal);
export const listPrCurves = ({ run, tag, from }: StepsQuery, signal?: AbortSignal) =>
  getList<Media.ValueInfo>('/pr_curves/steps', 'curves', { run, tag, from }, signal);
export const getPrCurvesAt = (run: number, tag: string, step: number, signal?: AbortSignal) =>
  getColumns('/pr_curves', { run, tag, from: step, to: step }, signal);
export const getMeshes = ({ run, tag, from }: StepsQuery, signal?: AbortSignal) =>
  getObject<Media.MeshSeries>('/meshes', { run, tag, from }, signal);
export const getMesh = (run: number, tag: string, step: number, index: number, signal?: AbortSignal) =>
  getColumns('/meshes/data', { run, tag, step, index }, signal);
export const getLayout = (run: number, signal?: AbortSignal) =>
  getList<Media.CustomCategory>('/custom_scalars', 'categories', { run }, signal);
export const getGraphs = (run: number, signal?: AbortSignal) =>
  getList<Graph.GraphInfo>('/graphs', 'graphs', { run }, signal);
export const graphUrl = (run: number, tag: string) => target('/graphs/data', { run, tag });
export const getGraphNodes = (
  query: { run: number; tag: string; offset: number; limit: number },
  signal?: AbortSignal,
) => getObject<Graph.GraphNodes>('/graphs/nodes', query, signal);
export const getGraphStats = (run: number, tag: string, signal?: AbortSignal) =>
  getList<Graph.NodeStats>('/graphs/stats', 'nodes', { run, tag }, signal);
export const getCheckpoints = (run: number, tag: string, signal?: AbortSignal) =>
  getList<Wire.Checkpoint>('/embeddings', 'checkpoints', { run, tag }, signal);
/** The name of the embedding with the most rows; the first of `names` when none can be read. */
export async function findLargestEmbedding(
  run: number,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<Result<string>> {
  const answers = await askEach(names, (name) => getCheckpoints(run, name, signal), signal);
  const rows = answers.map((answer) => (answer.ok ? (answer.value.at(-1)?.rows ?? 0) : 0));
  return success(names[rows.indexOf(Math.max(...rows))] ?? '');
}
export const getMetadata = (run: number, tag: string, signal?: AbortSignal) =>
  getObject<Wire.EmbeddingMetadata>('/embeddings/metadata', { run, tag }, signal);
export const getProfileSteps = (
  query: { run: number; from?: number; to?: number; rows?: number },
  signal?: AbortSignal,
) => getColumns('/profile/steps', query, signal);
export const getKernels = (run: number, top: number, signal?: AbortSignal) =>
  getList<Wire.Kernel>('/profile/kernels', 'kernels', { run, top }, signal);
export const getSlices = (query: { run: number; from: number; to: number }, signal?: AbortSignal) =>
  getColumns('/profile/slices', query, signal);
