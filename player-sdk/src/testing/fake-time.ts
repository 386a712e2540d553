import type { Clock, Random, Timers } from '../components.js';

interface Alarm {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/**
 * Time that moves only when told, for tests and simulations. It starts at 0 ms.
 * Timers run in the order in which they are due; those due at the same moment in the order in which they were set.
 */
export interface FakeTime {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Timers that wait. */
  readonly pending: number;
  /**
   * Moves the clock on by `ms` and runs everything that falls due on the way, timers set meanwhile included.
   * Promises do not settle in between: use `advance` where they matter.
   */
  advanceSync(ms: number): void;
  /** The same, but lets promises settle before the first timer and after each one. */
  advance(ms: number): Promise<void>;
  /** Advances in steps of `stepMs` (default 10) until `condition` holds; throws after `limitMs` (default 60,000). */
  advanceUntil(condition: () => boolean, options?: { stepMs?: number; limitMs?: number }): Promise<void>;
}

export function fakeTime(): FakeTime {
  let now = 0;
  let set = 0;
  const alarms = new Set<Alarm>();

  const nextDue = (until: number): Alarm | undefined => {
    let next: Alarm | undefined;
    for (const alarm of alarms) {
      if (alarm.at > until) continue;
      if (next === undefined || alarm.at < next.at || (alarm.at === next.at && alarm.order < next.order)) {
        next = alarm;
      }
    }
    return next;
  };

  const fire = (alarm: Alarm): void => {
    alarms.delete(alarm);
    now = Math.max(now, alarm.at);
    alarm.run();
  };

  const time: FakeTime = {
    clock: { now: () => now },
    timers: {
      after(ms, run) {
        const alarm: Alarm = { at: now + Math.max(0, ms), order: set++, run };
        alarms.add(alarm);
        return () => {
          alarms.delete(alarm);
        };
      },
    },
    get pending() {
      return alarms.size;
    },
    advanceSync(ms) {
      const until = now + ms;
      for (let alarm = nextDue(until); alarm !== undefined; alarm = nextDue(until)) fire(alarm);
      now = until;
    },
    async advance(ms) {
      const until = now + ms;
      await settle();
      for (let alarm = nextDue(until); alarm !== undefined; alarm = nextDue(until)) {
        fire(alarm);
        await settle();
      }
      now = until;
    },
    async advanceUntil(condition, { stepMs = 10, limitMs = 60_000 } = {}) {
      const until = now + limitMs;
      await settle();
      while (!condition()) {
        if (now >= until) throw new Error(`the condition did not hold within ${limitMs} ms of fake time`);
        await time.advance(stepMs);
      }
    },
  };
  return time;
}

/** Lets promises that need no I/O settle, however long their chain (within reason). */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

/** Random numbers that are the same on every run (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
