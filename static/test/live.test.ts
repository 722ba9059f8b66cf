import { describe, expect, it } from 'vitest';
import { backoffMs, kBackoffMaxMs, Live, parseMessage, type LiveState, type Socket } from '../src/api/live';
import { doubles, oneColumn } from './testing';

class FakeSocket implements Socket {
  binaryType: BinaryType = 'blob';
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  readonly sent: unknown[] = [];
  isClosed = false;
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.isClosed = true;
  }
}

function setUp() {
  const sockets: FakeSocket[] = [];
  const timers: { call: () => void; delayMs: number; isCleared: boolean }[] = [];
  const log: string[] = [];
  const states: LiveState[] = [];
  const live = new Live(
    {
      onState: (state) => states.push(state),
      onMessage: (message) => log.push(message.type),
      onItem: () => log.push('item'),
      onResync: () => log.push('resync'),
    },
    {
      openSocket: () => {
        sockets.push(new FakeSocket());
        return sockets[sockets.length - 1]!;
      },
      setTimer: (call, delayMs) => timers.push({ call, delayMs, isCleared: false }) - 1,
      clearTimer: (timer) => (timers[timer]!.isCleared = true),
      random: () => 0,
    },
  );
  return { live, sockets, timers, log, states };
}

describe('Live', () => {
  it('says its subscription once the socket is open', () => {
    const { live, sockets } = setUp();
    live.open();
    live.subscribe([1, 2]);
    expect(sockets[0]!.sent).toEqual([]);
    sockets[0]!.onopen!();
    expect(sockets[0]!.sent).toEqual([{ type: 'subscribe', runs: [1, 2] }]);
  });
  it('does not repeat a subscription that is the same', () => {
    const { live, sockets } = setUp();
    live.open();
    sockets[0]!.onopen!();
    live.subscribe([1]);
    live.subscribe([1]);
    expect(sockets[0]!.sent.length).toBe(1);
  });
  it('comes back after a loss, subscribes and watches again, and asks for a resync', () => {
    const { live, sockets, timers, log, states } = setUp();
    live.open();
    live.subscribe([3]);
    live.watch(8);
    live.watch(9);
    sockets[0]!.onopen!();
    live.unwatch(8);
    expect(log).toEqual([]);
    sockets[0]!.onclose!();
    expect(states).toEqual(['connecting', 'open', 'waiting']);
    timers[0]!.call();
    sockets[1]!.onopen!();
    expect(sockets[1]!.sent).toEqual([
      { type: 'subscribe', runs: [3] },
      { type: 'watch_projection', id: 9, projection_format: 'u16' },
    ]);
    expect(log).toEqual(['resync']);
  });
  it('asks for everything anew when the server says that it dropped marks', () => {
    const { live, sockets, log } = setUp();
    live.open();
    sockets[0]!.onopen!();
    sockets[0]!.onmessage!({ data: '{"type":"resync","sequence":19}' });
    expect(log).toEqual(['resync']);
  });
  it('waits longer after each failure, and from the start after a hello', () => {
    const { live, sockets, timers } = setUp();
    live.open();
    for (let i = 0; i < 3; i++) {
      sockets[i]!.onclose!();
      timers[i]!.call();
    }
    expect(timers.map((timer) => timer.delayMs)).toEqual([500, 1000, 2000]);
    sockets[3]!.onopen!();
    sockets[3]!.onmessage!({ data: '{"type":"hello","version":"0.1.0","sequence":1}' });
    sockets[3]!.onclose!();
    expect(timers[3]!.delayMs).toBe(500);
  });
  it('keeps on waiting longer when connections open and drop without a word', () => {
    const { live, sockets, timers } = setUp();
    live.open();
    for (let i = 0; i < 2; i++) {
      sockets[i]!.onopen!();
      sockets[i]!.onclose!();
      timers[i]!.call();
    }
    expect(timers.map((timer) => timer.delayMs)).toEqual([500, 1000]);
  });
  it('stays closed after close, whatever the old socket says', () => {
    const { live, sockets, timers, log, states } = setUp();
    live.open();
    sockets[0]!.onopen!();
    live.close();
    sockets[0]!.onmessage!({ data: '{"type":"error","detail":"x"}' });
    sockets[0]!.onclose!();
    expect(sockets[0]!.isClosed).toBe(true);
    expect([timers, log, states.at(-1)]).toEqual([[], [], 'closed']);
  });
  it('drops the timer of a reconnect on close', () => {
    const { live, sockets, timers } = setUp();
    live.open();
    sockets[0]!.onclose!();
    live.close();
    expect(timers[0]!.isCleared).toBe(true);
  });
  it('hands on items of binary frames and ignores damaged ones', () => {
    const { live, sockets, log } = setUp();
    live.open();
    expect(sockets[0]!.binaryType).toBe('arraybuffer');
    sockets[0]!.onmessage!({ data: oneColumn({}, doubles(1)) });
    sockets[0]!.onmessage!({ data: new ArrayBuffer(5) });
    expect(log).toEqual(['item']);
  });
});

describe('backoffMs', () => {
  it('is bounded, jitter included', () => {
    expect(backoffMs(1000, 0)).toBe(kBackoffMaxMs);
    expect(backoffMs(1000, 1)).toBe(kBackoffMaxMs * 1.25);
  });
});

describe('parseMessage', () => {
  it.each(['', '{', '[]', '3', '{"type":"new_kind"}', '{"type":"changes"}', 7, null])('ignores %j', (data) => {
    expect(parseMessage(data)).toBeNull();
  });
});
