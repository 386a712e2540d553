import type { Clock, Timers } from '../components.js';

/** The machine's own time, for tests that move bytes through real sockets. */
export const realClock: Clock = { now: () => performance.now() };

export const realTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Looks at each turn of the event loop until the condition holds; throws after `limitMs` (default 10,000). */
export async function until(condition: () => boolean, limitMs = 10_000): Promise<void> {
  const end = realClock.now() + limitMs;
  while (!condition()) {
    if (realClock.now() > end) throw new Error(`the condition did not hold within ${limitMs} ms`);
    await new Promise<void>((resolve) => setTimeout(resolve, 1));
  }
}
