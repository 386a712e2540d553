/**
 * What becomes of the large messages that a viewer's player sends to others: some bytes are changed, they are not sent
 * at all, or one each two seconds.
 */
export type Manner = 'spoils' | 'withholds' | 'drips';

/**
 * Runs in a page before anything else and puts itself between the player and its data channels, whoever's player it
 * is. Self-contained, since it is sent there as text.
 */
export function misbehave(manner: Manner): void {
  /** Smaller ones carry words: what is held, what is asked for. */
  const LARGE_BYTES = 1_000;
  const SPOILT_BYTES = 23;
  const DRIP_MS = 2_000;
  const { send } = RTCDataChannel.prototype;

  const copyOf = (data: unknown): Uint8Array<ArrayBuffer> | undefined => {
    if (data instanceof ArrayBuffer) return new Uint8Array(data.slice(0));
    if (!ArrayBuffer.isView(data)) return undefined;
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  };
  const spoil = (bytes: Uint8Array): void => {
    const begin = Math.floor((bytes.length - SPOILT_BYTES) / 2);
    for (let at = begin; at < begin + SPOILT_BYTES; at++) bytes[at] = (bytes[at] ?? 0) ^ 0x5a;
  };

  /** What waits to drip out, in the order in which it was sent. */
  const queues = new WeakMap<RTCDataChannel, Uint8Array<ArrayBuffer>[]>();
  const drip = (channel: RTCDataChannel, queue: Uint8Array<ArrayBuffer>[]): void => {
    for (let large = false; !large; ) {
      const next = queue[0];
      if (next === undefined || channel.readyState !== 'open') {
        queues.delete(channel);
        return;
      }
      large = next.length >= LARGE_BYTES;
      queue.shift();
      send.call(channel, next as never);
    }
    setTimeout(() => drip(channel, queue), DRIP_MS);
  };

  RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: never): void {
    const bytes = copyOf(data);
    const isLarge = bytes !== undefined && bytes.length >= LARGE_BYTES;
    const queue = queues.get(this);
    if (bytes === undefined || !(isLarge || queue !== undefined)) {
      send.call(this, data);
      return;
    }
    if (manner === 'withholds') return;
    if (manner === 'spoils') {
      spoil(bytes);
      send.call(this, bytes as never);
      return;
    }
    if (queue !== undefined) {
      queue.push(bytes);
      return;
    }
    const fresh = [bytes];
    queues.set(this, fresh);
    setTimeout(() => drip(this, fresh), DRIP_MS);
  };
}
