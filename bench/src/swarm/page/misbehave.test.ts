import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Manner, misbehave } from './misbehave.js';

const sent: Uint8Array[] = [];

/** As much of a browser's as the patch touches. */
class FakeChannel {
  readonly readyState = 'open';

  send(data: Uint8Array): void {
    sent.push(data);
  }
}

function channelOf(manner: Manner): FakeChannel {
  class Channel extends FakeChannel {}
  Channel.prototype.send = FakeChannel.prototype.send;
  vi.stubGlobal('RTCDataChannel', Channel);
  misbehave(manner);
  return new Channel();
}

const message = (bytes: number, fill: number): Uint8Array => new Uint8Array(bytes).fill(fill);

beforeEach(() => {
  vi.useFakeTimers();
  sent.length = 0;
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a viewer that misbehaves', () => {
  it('changes 23 bytes in the middle of large messages, and none of its own', () => {
    const channel = channelOf('spoils');
    const own = message(65_536, 1);
    channel.send(own);
    channel.send(message(999, 2));
    const [large, small] = sent;
    const changed = [...(large ?? [])].flatMap((byte, index) => (byte === 1 ? [] : [index]));
    expect(changed).toHaveLength(23);
    expect(changed[11]).toBe(32_767);
    expect(own.every((byte) => byte === 1)).toBe(true);
    expect(small?.every((byte) => byte === 2)).toBe(true);
  });

  it('keeps large messages back, and only those', () => {
    const channel = channelOf('withholds');
    for (const bytes of [10, 1_000, 999, 65_536]) channel.send(message(bytes, 1));
    expect(sent.map(({ length }) => length)).toEqual([10, 999]);
  });

  it('lets one large message go each two seconds, in order', () => {
    const channel = channelOf('drips');
    channel.send(message(1, 1));
    for (const bytes of [2_000, 3_000, 2, 4_000, 3]) channel.send(message(bytes, 1));
    const lengths = (): number[] => sent.map(({ length }) => length);
    expect(lengths()).toEqual([1]);
    vi.advanceTimersByTime(2_000);
    expect(lengths()).toEqual([1, 2_000]);
    vi.advanceTimersByTime(4_000);
    expect(lengths()).toEqual([1, 2_000, 3_000, 2, 4_000]);
    vi.advanceTimersByTime(2_000);
    channel.send(message(4, 1));
    expect(lengths()).toEqual([1, 2_000, 3_000, 2, 4_000, 3, 4]);
  });
});
