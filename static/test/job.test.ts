import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Item } from '../src/api/columns';
import * as client from '../src/api/projector';
import type { Projection, ProjectionRequest } from '../src/api/types';
import { success } from '../src/base/result';
import { kDefaultView } from '../src/base/view';
import { earlierViews, settingsText } from '../src/pages/projector/continued';
import { ProjectionJob } from '../src/pages/projector/job.svelte';

let listeners: ((item: Item) => void)[] = [];
vi.mock('../src/api/projector', () => ({
  openProjection: vi.fn(),
  findProjection: vi.fn(),
  extendProjection: vi.fn(),
  cancelProjection: vi.fn(),
  getCoordinates: vi.fn(() => new Promise(() => {})),
}));
vi.mock('../src/api/server.svelte', () => ({
  server: {
    onItem: (listener: (item: Item) => void) => {
      listeners.push(listener);
      return () => (listeners = listeners.filter((one) => one !== listener));
    },
    watchProjection: () => () => undefined,
  },
}));

const request: ProjectionRequest = { run: 1, tag: 'embeddings/item', method: 'tsne', dims: 2, seed: 1 };
const running = (id: number): Projection => ({
  ...{ ...request, axes: null, step: 5, id, state: 'running', iterations: 100, iteration: 10, kl_divergence: 1 },
  ...{ seconds: 1, device: 'cpu', points: 3, error: null, variance_share: null },
});

describe('what is asked of a map that runs', () => {
  beforeEach(() => {
    listeners = [];
    vi.stubGlobal('requestAnimationFrame', (call: () => void) => setTimeout(call));
    let id = 0;
    vi.mocked(client.openProjection).mockImplementation(() => Promise.resolve(success(running(++id))));
  });
  afterEach(() => vi.unstubAllGlobals());

  /** An answer that comes when it is told to. */
  function late<T>(value: T): { answer: Promise<T>; come: () => Promise<void> } {
    let resolve: (value: T) => void = () => undefined;
    const answer = new Promise<T>((done) => (resolve = done));
    const come = async () => {
      resolve(value);
      await new Promise((done) => setTimeout(done));
    };
    return { answer, come };
  }
  const end = (id: number) =>
    listeners.forEach((listen) => listen({ fields: { ...running(id), state: 'done' }, columns: new Map() }));

  it('leaves a map done that ended before the answer came', async () => {
    const job = new ProjectionJob();
    await job.start(request);
    const { answer, come } = late(success({ ...running(1), iterations: 600 }));
    vi.mocked(client.extendProjection).mockReturnValue(answer);
    void job.extend(500);
    end(1);
    await come();
    expect(job.projection?.state).toBe('done');
  });
  it('changes no other map that was started meanwhile', async () => {
    const job = new ProjectionJob();
    await job.start(request);
    const { answer, come } = late(success(null));
    vi.mocked(client.cancelProjection).mockReturnValue(answer);
    void job.cancel();
    await job.start(request);
    await come();
    expect([job.projection?.id, job.projection?.state, listeners.length]).toEqual([2, 'running', 1]);
  });
  it('is shown where it still runs', async () => {
    const job = new ProjectionJob();
    await job.start(request);
    vi.mocked(client.extendProjection).mockResolvedValue(success({ ...running(1), iterations: 600 }));
    await job.extend(500);
    expect(job.projection?.iterations).toBe(600);
    vi.mocked(client.cancelProjection).mockResolvedValue(success(null));
    await job.cancel();
    expect([job.projection?.state, listeners.length]).toEqual(['cancelled', 0]);
  });
});

describe('a link to a map that went on from another', () => {
  const done = (id: number, start: number | null): Projection => ({ ...running(id), state: 'done', start });
  const origin = ['method=tsne', 'method=tsne&iterations=200'];
  const earlier = { ...request, iterations: 750 };
  const wanted = { ...request, iterations: 200 };
  beforeEach(() => {
    vi.stubGlobal('requestAnimationFrame', (call: () => void) => setTimeout(call));
    vi.mocked(client.findProjection).mockReset();
  });
  afterEach(() => vi.unstubAllGlobals());

  it('finds that first, and then what went on from it', async () => {
    vi.mocked(client.findProjection).mockImplementation(({ start, iterations }) =>
      Promise.resolve(success(start === 7 ? done(8, 7) : iterations === 750 ? done(7, null) : null)),
    );
    const job = new ProjectionJob();
    await job.find(wanted, origin, [earlier]);
    expect([job.projection?.id, job.origin]).toEqual([8, origin]);
  });
  it('finds one that began by itself where the server lacks one of them', async () => {
    vi.mocked(client.findProjection).mockImplementation(({ iterations }) =>
      Promise.resolve(success(iterations === 200 ? done(9, null) : null)),
    );
    const job = new ProjectionJob();
    await job.find(wanted, origin, [earlier]);
    expect([job.projection?.id, job.origin]).toEqual([9, ['method=tsne&iterations=200']]);
  });
});

describe('settings in a link', () => {
  const view = { ...kDefaultView, page: 'projector', method: 'tsne', perplexity: 12, fast: true } as const;
  it('are what a map hangs on, and come back from it', () => {
    const text = settingsText({ ...view, camera: '1,2', colour: 'city' });
    expect(text).toBe('method=tsne&perplexity=12&fast=1');
    expect(earlierViews({ ...view, continued: [text] })).toEqual([view]);
  });
  it('are of no account for a map of another kind', () => {
    expect(earlierViews({ ...view, method: 'umap', continued: [settingsText(view)] })).toEqual([]);
    expect(earlierViews({ ...view, dims: 3, continued: [settingsText(view)] })).toEqual([]);
  });
});
