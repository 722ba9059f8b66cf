// The page's one WebSocket: says what changed, and carries the coordinates of watched projections.
// A lost connection is taken up again with growing pauses; what was subscribed and watched is said
// again, and `onResync` tells the pages that marks may have been missed. Clock and socket are passed
// in, so that a test needs neither.
import { decodeColumns, type Item } from './columns';
import type { LiveMessage, LiveRequest } from './types';

export interface Socket {
  binaryType: BinaryType;
  onopen: (() => void) | null;
  onclose: (() => void) | null;
  onerror: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface LiveDependencies {
  openSocket: () => Socket;
  setTimer: (call: () => void, delayMs: number) => number;
  clearTimer: (timer: number) => void;
  /** In [0, 1): spreads the reconnects of many pages. */
  random: () => number;
}

export type LiveState = 'connecting' | 'open' | 'waiting' | 'closed';

export interface LiveHandlers {
  onState: (state: LiveState) => void;
  onMessage: (message: LiveMessage) => void;
  onItem: (item: Item) => void;
  /** Marks may be missing, after a reconnect or when the server dropped some: ask again. */
  onResync: () => void;
}

const kBackoffFirstMs = 500;
export const kBackoffMaxMs = 15_000;

/** The pause before attempt 0, 1, 2, ...: doubling, bounded, with up to a quarter of jitter. */
export function backoffMs(attempt: number, random: number): number {
  const base = Math.min(kBackoffMaxMs, kBackoffFirstMs * 2 ** Math.min(attempt, 16));
  return Math.round(base * (1 + random / 4));
}

export class Live {
  #socket: Socket | null = null;
  #state: LiveState = 'closed';
  #attempt = 0;
  #timer: number | null = null;
  #hasBeenOpen = false;
  #runs: readonly number[] | null = null;
  readonly #watched = new Set<number>();

  constructor(
    private readonly handlers: LiveHandlers,
    private readonly dependencies: LiveDependencies,
  ) {}

  open(): void {
    if (this.#socket !== null) return;
    this.#cancelTimer();
    this.#setState('connecting');
    const socket = this.dependencies.openSocket();
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#onOpen(socket);
    socket.onmessage = (event) => {
      if (socket === this.#socket) this.#onData(event.data);
    };
    socket.onerror = () => undefined; // a close follows every error
    socket.onclose = () => {
      if (socket === this.#socket) this.#onClose();
    };
  }

  close(): void {
    this.#cancelTimer();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#setState('closed');
  }

  /** Runs to hear about; empty means all. Kept over reconnects. */
  subscribe(runs: readonly number[]): void {
    const same = this.#runs !== null && this.#runs.join() === runs.join();
    this.#runs = runs;
    if (!same) this.#send({ type: 'subscribe', runs });
  }

  watch(id: number): void {
    this.#watched.add(id);
    this.#send({ type: 'watch_projection', id, projection_format: 'u16' });
  }

  unwatch(id: number): void {
    if (this.#watched.delete(id)) this.#send({ type: 'unwatch_projection', id });
  }

  #onOpen(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#setState('open');
    if (this.#runs !== null) this.#send({ type: 'subscribe', runs: this.#runs });
    for (const id of this.#watched) this.#send({ type: 'watch_projection', id, projection_format: 'u16' });
    if (this.#hasBeenOpen) this.handlers.onResync();
    this.#hasBeenOpen = true;
  }

  #onClose(): void {
    this.#socket = null;
    this.#setState('waiting');
    const delay = backoffMs(this.#attempt++, this.dependencies.random());
    this.#timer = this.dependencies.setTimer(() => {
      this.#timer = null;
      this.open();
    }, delay);
  }

  #onData(data: unknown): void {
    if (data instanceof ArrayBuffer) {
      const items = decodeColumns(data);
      if (items.ok) for (const item of items.value) this.handlers.onItem(item);
      return;
    }
    const message = parseMessage(data);
    if (message === null) return;
    // Only a server that speaks counts as reached: one that accepts and drops must not be hammered.
    if (message.type === 'hello') this.#attempt = 0;
    if (message.type === 'resync') this.handlers.onResync();
    else this.handlers.onMessage(message);
  }

  #send(request: LiveRequest): void {
    if (this.#state === 'open') this.#socket?.send(JSON.stringify(request));
  }

  #setState(state: LiveState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.handlers.onState(state);
  }

  #cancelTimer(): void {
    if (this.#timer !== null) this.dependencies.clearTimer(this.#timer);
    this.#timer = null;
  }
}

/** Messages of a kind that this page does not know are null: a newer server may send them. */
export function parseMessage(data: unknown): LiveMessage | null {
  if (typeof data !== 'string') return null;
  try {
    const message = JSON.parse(data) as { type?: unknown; changes?: unknown };
    if (message.type === 'changes') return Array.isArray(message.changes) ? (message as LiveMessage) : null;
    const isKnown = message.type === 'hello' || message.type === 'resync' || message.type === 'error';
    return isKnown ? (message as LiveMessage) : null;
  } catch {
    return null;
  }
}
