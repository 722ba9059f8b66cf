import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Motion } from '../src/pages/projector/motion.svelte';

describe('a running map', () => {
  let now = 0;
  let isStill = false;
  let frames: ((time: number) => void)[] = [];
  beforeEach(() => {
    [now, isStill, frames] = [1000, false, []];
    vi.stubGlobal('performance', { now: () => now });
    vi.stubGlobal('matchMedia', () => ({ matches: isStill }));
    vi.stubGlobal('requestAnimationFrame', (call: (time: number) => void) => frames.push(call));
    vi.stubGlobal('cancelAnimationFrame', () => (frames = []));
  });
  afterEach(() => vi.unstubAllGlobals());

  const [before, after] = [Float32Array.of(0, 0), Float32Array.of(1, 1)];
  function draw(time: number): void {
    now = time;
    const calls = frames;
    frames = [];
    for (const call of calls) call(time);
  }

  it('glides from frame to frame in the time that frames take', () => {
    const motion = new Motion();
    motion.move(before, after);
    now = 1200;
    motion.move(before, after);
    expect(motion.from).toBe(before);
    expect(motion.blend).toBe(0);
    draw(1250);
    expect(motion.blend).toBeCloseTo(0.25);
    draw(1500);
    expect(motion.blend).toBe(1);
    expect(frames.length).toBe(0);
  });
  it('jumps where nothing may move, and where the points are others', () => {
    const motion = new Motion();
    motion.move(before, Float32Array.of(1, 2, 3));
    expect(motion.from).toBeNull();
    isStill = true;
    motion.move(before, after);
    expect(motion.from).toBeNull();
    expect(motion.blend).toBe(1);
  });
});
