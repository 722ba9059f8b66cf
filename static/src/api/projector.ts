// The routes of embeddings and projections that the projector page asks.
import { brokenAnswer, failure, success, type Result } from '../base/result';
import { decodeAnswer, getColumns, getList, kBase, request, target } from './client';
import { float32, kColumnsType, numberField, uint32, type Item } from './columns';
import type * as Wire from './types';

/** While the server computes, it is asked again this often. */
const kPollMs = 400;

/** What the server can do beyond its first version; a page leaves out what it cannot. */
export interface Abilities {
  /** Exact neighbours by either distance. */
  readonly neighbors: boolean;
  readonly statistics: boolean;
  readonly changes: boolean;
  readonly pause: boolean;
  /** `affinity` and `start` of a projection. */
  readonly start: boolean;
  /** `late_exaggeration` and `kl_tolerance` of a projection. */
  readonly ending: boolean;
  /** Rows of another table on a map. */
  readonly placement: boolean;
  /** A map that is known, without starting one. */
  readonly find: boolean;
}

export const kNoAbilities: Abilities = {
  neighbors: false,
  statistics: false,
  changes: false,
  pause: false,
  start: false,
  ending: false,
  placement: false,
  find: false,
};

/** Read from the server's own description of its routes. */
export function abilitiesOf(description: unknown): Abilities {
  const paths = (description as { paths?: Record<string, Record<string, unknown>> } | null)?.paths ?? {};
  const names = Object.keys(paths);
  const has = (end: string) => names.some((name) => name.endsWith(end));
  const post = names.find((name) => name.endsWith('/projections'));
  const body = JSON.stringify((post === undefined ? undefined : paths[post]?.['post']) ?? '');
  const schemas = JSON.stringify((description as { components?: unknown } | null)?.components ?? '');
  return {
    neighbors: has('/embeddings/neighbors'),
    statistics: has('/embeddings/statistics'),
    changes: has('/embeddings/changes'),
    pause: has('/projections/{id}/pause'),
    start: body.includes('"affinity"') || schemas.includes('"affinity"'),
    ending: schemas.includes('"kl_tolerance"'),
    placement: schemas.includes('"placement"'),
    find: body.includes('"if_known"'),
  };
}

export async function getAbilities(signal?: AbortSignal): Promise<Result<Abilities>> {
  const response = await request('GET', `${kBase}/openapi.json`, signal);
  if (!response.ok) return response;
  try {
    return success(abilitiesOf(await response.value.json()));
  } catch {
    return brokenAnswer('/openapi.json: not JSON');
  }
}

export interface NeighbourQuery {
  readonly run: number;
  readonly tag: string;
  readonly step: number;
  readonly row: number;
  readonly k: number;
  readonly metric: 'cosine' | 'euclidean';
}

export async function getNeighbours(query: NeighbourQuery, signal?: AbortSignal): Promise<Result<Wire.Neighbours>> {
  const items = await getColumns('/embeddings/neighbors', { ...query }, signal);
  if (!items.ok) return items;
  const item = items.value[0];
  if (item === undefined) return brokenAnswer('/embeddings/neighbors: no item');
  const distance = float32(item, 'distance');
  const rows = [...uint32(item, 'row')];
  return success({
    row: query.row,
    metric: query.metric,
    neighbours: rows.map((row, i) => ({ row, distance: distance[i] ?? NaN })),
  });
}

/** By cosine distance alone: what servers without /embeddings/neighbors answer. */
export async function getCosineNeighbours(
  { run, tag, step, row, k }: NeighbourQuery,
  signal?: AbortSignal,
): Promise<Result<Wire.Neighbours>> {
  const url = target('/embeddings/row', { run, tag, step, row, neighbours: k });
  const answer = await readJson<Wire.Neighbours>(await request('GET', url, signal), url);
  return answer.ok ? success({ ...answer.value, metric: 'cosine' }) : answer;
}

async function readJson<T>(response: Result<Response>, what: string): Promise<Result<T>> {
  if (!response.ok) return response;
  try {
    return success((await response.value.json()) as T);
  } catch {
    return brokenAnswer(`${what}: not JSON`);
  }
}

/** Asks until the answer is there: 202 says that the server is still computing it. */
async function poll(url: string, signal?: AbortSignal): Promise<Result<Response>> {
  for (;;) {
    const response = await request('GET', url, signal);
    if (!response.ok || response.value.status !== 202) return response;
    // An answer that nobody reads keeps its connection, of which a browser has six.
    await response.value.text().catch(() => '');
    await new Promise((resolve) => setTimeout(resolve, kPollMs));
    if (signal?.aborted) return failure({ status: 0, title: 'Cancelled', detail: '', requestId: '' });
  }
}

export async function getStatistics(
  query: { run: number; tag: string; step: number },
  signal?: AbortSignal,
): Promise<Result<Wire.EmbeddingStatistics>> {
  return readJson(await poll(target('/embeddings/statistics', query), signal), '/embeddings/statistics');
}

export interface EmbeddingChanges {
  readonly residual: number;
  readonly cka: number;
  /** Of each row: 1 - Jaccard similarity of its nearest neighbours in both. */
  readonly change: Float32Array;
}

export async function getChanges(
  query: {
    run: number;
    tag: string;
    step: number;
    from_step: number;
    k: number;
    from_run?: number | undefined;
    from_tag?: string | undefined;
  },
  signal?: AbortSignal,
): Promise<Result<EmbeddingChanges>> {
  const url = target('/embeddings/changes', query);
  const ready = await poll(url, signal);
  if (!ready.ok) return ready;
  const items = await decodeAnswer(ready.value);
  if (!items.ok) return items;
  const item = items.value[0];
  if (item === undefined) return brokenAnswer('/embeddings/changes: no item');
  return success({
    residual: numberField(item, 'residual'),
    cka: numberField(item, 'cka'),
    change: float32(item, 'change'),
  });
}

export const getEmbeddingFiles = (run: number, signal?: AbortSignal) =>
  getList<Wire.EmbeddingFile>('/embeddings/files', 'tensors', { run }, signal);
/** Views as TensorBoard's projector saves them, as text. */
export async function getBookmarks(
  query: { run: number; tag: string; step: number },
  signal?: AbortSignal,
): Promise<Result<string>> {
  const response = await request('GET', target('/embeddings/bookmarks', query), signal);
  return response.ok ? success(await response.value.text()) : response;
}
export const spriteUrl = (run: number, tag: string, step: number) => target('/embeddings/sprite', { run, tag, step });

export const getCoordinates = (id: number, signal?: AbortSignal) =>
  getColumns(`/projections/${id}/coordinates`, {}, signal);
export interface Density {
  readonly counts: Uint16Array;
  readonly width: number;
  readonly height: number;
  readonly rect: { readonly xMin: number; readonly yMin: number; readonly xMax: number; readonly yMax: number };
  /** In the picture, and in its fullest pixel. */
  readonly points: number;
  readonly most: number;
}

/** Of a part of the map, or of all of it. */
export async function getDensity(
  id: number,
  width: number,
  height: number,
  rect: Density['rect'] | null,
  signal?: AbortSignal,
): Promise<Result<Density>> {
  const view = rect === null ? undefined : `${rect.xMin},${rect.yMin},${rect.xMax},${rect.yMax}`;
  const items = await getColumns(
    `/projections/${id}/density`,
    { width, height, ...(view === undefined ? {} : { view }) },
    signal,
  );
  if (!items.ok) return items;
  const item = items.value[0];
  const counts = item?.columns.get('count');
  if (item === undefined || !(counts instanceof Uint16Array) || counts.length !== width * height)
    return brokenAnswer('/density: no counts');
  const number = (name: string) => numberField(item, name);
  const shown = { xMin: number('x_min'), yMin: number('y_min'), xMax: number('x_max'), yMax: number('y_max') };
  return success({ counts, width, height, rect: shown, points: number('points'), most: number('most') });
}

export interface NearestPoint {
  readonly row: number;
  readonly x: number;
  readonly y: number;
}

/** The row that lies nearest to a place on the map. */
export async function getNearestPoint(
  id: number,
  x: number,
  y: number,
  signal?: AbortSignal,
): Promise<Result<NearestPoint>> {
  const url = target(`/projections/${id}/nearest`, { at: `${x},${y}` });
  return readJson(await request('GET', url, signal), url);
}

export const getProjection = async (id: number, signal?: AbortSignal) =>
  readJson<Wire.Projection>(await request('GET', `${kBase}/projections/${id}`, signal), `/projections/${id}`);
export const startProjection = async (body: Wire.ProjectionRequest) =>
  readJson<Wire.Projection>(await request('POST', `${kBase}/projections`, undefined, body), '/projections');
/** The same; a map that is there already and has at most `pointsMax` points comes with its coordinates, as an item. */
export const openProjection = async (body: Wire.ProjectionRequest, pointsMax: number) =>
  projectionOrMap(await request('POST', target('/projections', { coordinates: pointsMax }), undefined, body));
/** What that would answer where nothing had to be started; null where something had to. */
export async function findProjection(
  body: Wire.ProjectionRequest,
  pointsMax: number,
): Promise<Result<Wire.Projection | Item | null>> {
  const answer = await request(
    'POST',
    target('/projections', { coordinates: pointsMax, if_known: 1 }),
    undefined,
    body,
  );
  return answer.ok && answer.value.status === 204 ? success(null) : projectionOrMap(answer);
}
async function projectionOrMap(answer: Result<Response>): Promise<Result<Wire.Projection | Item>> {
  if (!answer.ok || answer.value.headers.get('Content-Type') !== kColumnsType)
    return readJson<Wire.Projection>(answer, '/projections');
  const items = await decodeAnswer(answer.value);
  if (!items.ok) return items;
  return items.value[0] === undefined ? brokenAnswer('/projections: no item') : success(items.value[0]);
}
export const pauseProjection = async (id: number, verb: 'pause' | 'resume') =>
  readJson<Wire.Projection>(await request('POST', `${kBase}/projections/${id}/${verb}`), `/projections/${id}`);
export const extendProjection = async (id: number, iterations: number) =>
  readJson<Wire.Projection>(
    await request('PATCH', `${kBase}/projections/${id}`, undefined, { iterations }),
    `/projections/${id}`,
  );

export async function cancelProjection(id: number): Promise<Result<null>> {
  const response = await request('DELETE', `${kBase}/projections/${id}`);
  return response.ok ? success(null) : response;
}
