import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Item } from '../src/api/columns';
import * as client from '../src/api/projector';
import type { Projection, ProjectionRequest } from '../src/api/types';
import { success } from '../src/base/result';
import { ProjectionJob } from '../src/pages/projector/job.svelte';

let listeners: ((item: Item) => void)[] = [];
vi.mock('../src/api/projector', () => ({
  openProjection: vi.fn(),
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
