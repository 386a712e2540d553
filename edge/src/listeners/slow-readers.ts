import type { Clock, Timers } from '../components.js';

export interface SlowReadersComponents {
  readonly timers: Timers;
  /** Monotonic. */
  readonly clock: Clock;
  readonly onCut: () => void;
}

export interface SlowReadersOptions {
  /** 0: nobody is cut. */
  readonly bytesPerSecond: number;
  readonly windowMs: number;
}

/** As much of a socket as is looked at. */
export interface ReadSocket {
  readonly writableLength: number;
  readonly destroyed: boolean;
  destroy(): unknown;
  once(event: 'close', listener: () => void): unknown;
}

interface Waiting {
  readonly sinceMs: number;
  readonly unsentBytes: number;
  /** Given to the connection since it was opened, or 0 where that is not known. */
  readonly givenBytes: number;
}

/**
 * Cuts clients that take less than a rate while bytes wait for them: each pins a body, and one that takes a byte now
 * and then never is idle enough for the timeout. A connection with nothing to send is looked at and left.
 */
export class SlowReaders {
  readonly #components: SlowReadersComponents;
  readonly #options: SlowReadersOptions;
  readonly #sockets = new Map<ReadSocket, Waiting | undefined>();
  #cancel: () => void = () => {};

  constructor(components: SlowReadersComponents, options: SlowReadersOptions) {
    this.#components = components;
    this.#options = options;
  }

  watch(socket: ReadSocket): void {
    if (this.#options.bytesPerSecond === 0) return;
    if (this.#sockets.size === 0) this.#plan();
    this.#sockets.set(socket, undefined);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) this.#cancel();
    });
  }

  /** Four looks a window: who is slow is found at most a quarter too late. */
  #plan(): void {
    this.#cancel = this.#components.timers.after(this.#options.windowMs / 4, () => {
      const now = this.#components.clock.now();
      for (const [socket, before] of this.#sockets)
        this.#sockets.set(socket, this.#look(socket, before, now));
      this.#plan();
    });
  }

  #look(socket: ReadSocket, before: Waiting | undefined, nowMs: number): Waiting | undefined {
    const { bytesPerSecond, windowMs } = this.#options;
    const { unsentBytes, exact } = unsent(socket);
    if (unsentBytes === 0 || socket.destroyed) return undefined;
    const givenBytes = 'bytesWritten' in socket ? Number(socket.bytesWritten) : 0;
    const now = { sinceMs: nowMs, unsentBytes, givenBytes };
    if (before === undefined) return now;
    const passedMs = nowMs - before.sinceMs;
    if (passedMs < windowMs) return before;
    // What waited then, and what came since, less what still waits: that was taken.
    const takenBytes = before.unsentBytes + (givenBytes - before.givenBytes) - unsentBytes;
    const owedBytes = (bytesPerSecond * passedMs) / 1000;
    if (takenBytes >= owedBytes) return now;
    // Where a write shows no progress until it is done, all but its last byte may have been taken.
    if (!exact) {
      if (takenBytes > 0) return now;
      if (unsentBytes > owedBytes) return before;
    }
    this.#components.onCut();
    socket.destroy();
    return undefined;
  }
}

/**
 * Bytes that the system has not taken yet. A body is one write, and the stream counts it until its last byte is gone;
 * the handle under it knows better, where it says so.
 */
function unsent(socket: ReadSocket): { readonly unsentBytes: number; readonly exact: boolean } {
  const { writableLength } = socket;
  const handle: unknown = '_handle' in socket ? socket._handle : undefined;
  if (writableLength > 0 && typeof handle === 'object' && handle !== null && 'writeQueueSize' in handle) {
    const { writeQueueSize } = handle;
    if (typeof writeQueueSize === 'number') return { unsentBytes: writeQueueSize, exact: true };
  }
  return { unsentBytes: writableLength, exact: false };
}
