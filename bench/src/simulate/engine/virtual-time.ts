import type { Clock, Timers } from '@eddy/player-sdk/internal';

interface Alarm {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/** Events run between two looks at the real event loop. */
const BATCH = 512;
/** Zero means "not yet" in many places, so time does not begin there. */
const BEGINNING_MS = 1_000;

/**
 * Time that jumps from event to event. What is due first runs first, and of what is due together what was set
 * first; promises settle after each event, so that one seed always gives one run.
 */
export class VirtualTime {
  #now = BEGINNING_MS;
  #set = 0;
  #ran = 0;
  readonly #heap: Alarm[] = [];
  readonly clock: Clock = { now: () => this.#now };
  readonly timers: Timers = {
    after: (ms, run) => {
      const alarm: Alarm = { at: this.#now + Math.max(0, ms), order: this.#set++, run };
      this.#push(alarm);
      return () => {
        // Left where it is: taking it out of the middle costs more than passing it by.
        alarm.run = undefined;
      };
    },
  };

  /** Events that have run. */
  get events(): number {
    return this.#ran;
  }

  /** Runs everything that is due by `until`, and moves the clock there. Rejects with what an event throws. */
  async run(until: number, signal?: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      let over = false;
      const step = (): void => {
        if (over) return;
        try {
          signal?.throwIfAborted();
          if (this.#runNext(until)) return;
          over = true;
          this.#now = until;
          resolve();
        } catch (error) {
          over = true;
          reject(error);
        }
      };
      // Node lets all promises settle between two immediates, however long their chains.
      const batch = (): void => {
        if (over) return;
        for (let index = 0; index < BATCH; index++) setImmediate(step);
        setImmediate(batch);
      };
      setImmediate(batch);
    });
  }

  #runNext(until: number): boolean {
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.at > until) return false;
      this.#pop();
      const { run } = next;
      if (run === undefined) continue;
      next.run = undefined;
      this.#now = next.at;
      this.#ran++;
      run();
      return true;
    }
  }

  #push(alarm: Alarm): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(alarm);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(alarm, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = alarm;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      const left = heap[below];
      if (left === undefined) break;
      const right = heap[below + 1];
      let child = left;
      if (right !== undefined && isBefore(right, left)) {
        below++;
        child = right;
      }
      if (!isBefore(child, last)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
  }
}

function isBefore(one: Alarm, other: Alarm): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
