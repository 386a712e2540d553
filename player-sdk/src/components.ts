/** What logic here gets from outside instead of reaching for it, so that tests and the simulator can run it. */

/** Monotonic time in milliseconds; only differences mean anything (`performance.now` in a browser). */
export interface Clock {
  now(): number;
}

/** One-shot timers. The returned function cancels. */
export interface Timers {
  after(ms: number, run: () => void): () => void;
}

/** From 0 (inclusive) to 1 (exclusive). */
export type Random = () => number;

/**
 * Memory for media: `bytes` bytes, all zero. A simulation, whose media are all zeros, gives the same ones again and
 * again.
 */
export type Allocate = (bytes: number) => Uint8Array<ArrayBuffer>;

export const newMemory: Allocate = (bytes) => new Uint8Array(bytes);

/** Removes a listener. Safe to call twice. */
export type Unsubscribe = () => void;
