import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as client from '../src/api/projector';
import type { Checkpoint, Projection, ProjectionRequest } from '../src/api/types';
import { success, type Result } from '../src/base/result';
import { Timeline } from '../src/pages/projector/timeline.svelte';

vi.mock('../src/api/projector', () => ({
  startProjection: vi.fn(),
  getProjection: vi.fn(() => new Promise(() => {})),
  cancelProjection: vi.fn(),
}));
vi.mock('../src/api/server.svelte', () => ({ server: {} }));

const request: ProjectionRequest = { run: 1, tag: 'embeddings/item', method: 'tsne', dims: 2, seed: 1 };
const checkpoints = [0, 5].map((step) => ({ step, wall_time: step, rows: 10, dims: 4 }) as unknown as Checkpoint);
const running = (id: number) => success({ ...request, id, state: 'running' } as unknown as Projection);

describe('maps of all checkpoints that are stopped', () => {
  let answers: ((answer: Result<Projection>) => void)[] = [];
  beforeEach(() => {
    answers = [];
    vi.mocked(client.cancelProjection).mockClear();
    vi.mocked(client.startProjection).mockImplementation(() => new Promise((resolve) => answers.push(resolve)));
  });
  afterEach(() => vi.useRealTimers());

  it('ends the one whose number comes only after the stop', async () => {
    const timeline = new Timeline();
    const loaded = timeline.load('a', checkpoints, request, true);
    timeline.stop();
    expect(client.cancelProjection).not.toHaveBeenCalled();
    answers[0]!(running(7));
    await loaded;
    expect(vi.mocked(client.cancelProjection).mock.calls).toEqual([[7]]);
  });
  it('leaves it where it was asked for again meanwhile', async () => {
    const timeline = new Timeline();
    const first = timeline.load('a', checkpoints, request, true);
    void timeline.load('a', checkpoints, request, true);
    answers[1]!(running(7));
    await Promise.resolve();
    await Promise.resolve();
    answers[0]!(running(7));
    await first;
    expect(client.cancelProjection).not.toHaveBeenCalled();
    timeline.stop();
    expect(vi.mocked(client.cancelProjection).mock.calls).toEqual([[7]]);
  });
});
