// Between two frames of a running map, of which ten come a second, points glide: the last frame is a key frame, the
// new one the next, and the GPU mixes them. The picture is one frame late; in return nothing jumps.

/** Frames that come slower are shown when they come. */
const kSpanMaxMs = 400;

export class Motion {
  /** The key frame that points come from; null: they are where they are. */
  from = $state.raw<Float32Array | null>(null);
  /** 0: at `from`, 1: arrived. */
  blend = $state(1);
  #startedAt = 0;
  #span = 100;
  #request = 0;

  move(from: Float32Array, to: Float32Array): void {
    const now = performance.now();
    const since = now - this.#startedAt;
    this.#startedAt = now;
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (isStill || from.length !== to.length || from.length === 0) return this.stop();
    this.#span = Math.min(kSpanMaxMs, Math.max(50, since));
    this.from = from;
    this.blend = 0;
    cancelAnimationFrame(this.#request);
    this.#request = requestAnimationFrame(this.#step);
  }

  stop(): void {
    cancelAnimationFrame(this.#request);
    this.from = null;
    this.blend = 1;
  }

  readonly #step = (now: number) => {
    this.blend = Math.min(1, Math.max(0, now - this.#startedAt) / this.#span);
    if (this.blend < 1) this.#request = requestAnimationFrame(this.#step);
  };
}
