/** What logic here gets from outside instead of reaching for it, so that tests can run it. */

/** Milliseconds. Monotonic where only differences matter, since the epoch where a type says so. */
export interface Clock {
  now(): number;
}

/** One-shot timers. The returned function cancels. */
export interface Timers {
  after(ms: number, run: () => void): () => void;
}

/** From 0 (inclusive) to 1 (exclusive). */
export type Random = () => number;

/** Removes a listener. Safe to call twice. */
export type Unsubscribe = () => void;

/** Monotonic. */
export const systemClock: Clock = { now: () => performance.now() };

/** Since the epoch. */
export const wallClock: Clock = { now: () => Date.now() };

export const systemTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
