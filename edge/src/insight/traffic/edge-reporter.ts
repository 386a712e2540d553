import type { Clock, Timers } from '../../components.js';
import { EDGE_COUNTERS, type EdgeCounter } from '../measures/edge-counters.js';
import { markOf } from '../rollup/fact.js';
import type { EdgeMinute } from '../store/insight-store.js';

/** What an edge has counted since it started; all only grow. */
export type EdgeTotals = Readonly<Record<Exclude<EdgeCounter, 'reportedMs'>, number>>;

export interface EdgeReporterComponents {
  readonly totals: () => EdgeTotals;
  /** Resolves when a minute is kept; it may be given again. */
  readonly add: (counted: EdgeMinute) => Promise<unknown>;
  /** Monotonic. */
  readonly clock: Clock;
  /** Since the epoch. */
  readonly wallClock: Clock;
  readonly timers: Timers;
  /** Told why minutes wait, or that one was given up. */
  readonly onError: (error: unknown) => void;
}

export interface EdgeReporterOptions {
  readonly edge: string;
  readonly pop: string;
  /** Another one each time the edge starts. */
  readonly run: string;
}

const MINUTE_MS = 60_000;
/** Minutes kept while nobody takes them: a day. The oldest are given up then. */
const MOST_WAITING = 1440;

/** Tells once a minute what the edge has counted in it, until it is kept: a minute counts once, however often it is told. */
export class EdgeReporter {
  readonly #components: EdgeReporterComponents;
  readonly #options: EdgeReporterOptions;
  readonly #waiting: EdgeMinute[] = [];
  #before: EdgeTotals;
  #beforeMs: number;
  #sequence = 0;
  #cancel: () => void;
  #sending = Promise.resolve();

  constructor(components: EdgeReporterComponents, options: EdgeReporterOptions) {
    this.#components = components;
    this.#options = options;
    this.#before = components.totals();
    this.#beforeMs = components.clock.now();
    this.#cancel = this.#atNextMinute();
  }

  /** Tells what was counted since the last minute ended. */
  async close(): Promise<void> {
    this.#cancel();
    this.#take(Math.floor(this.#components.wallClock.now() / MINUTE_MS));
    await this.#send();
  }

  #atNextMinute(): () => void {
    const { timers, wallClock } = this.#components;
    return timers.after(MINUTE_MS - (wallClock.now() % MINUTE_MS), () => {
      // A timer is early or late by a little; the minute that ended is meant.
      this.#take(Math.round(wallClock.now() / MINUTE_MS) - 1);
      this.#cancel = this.#atNextMinute();
      void this.#send();
    });
  }

  #take(minute: number): void {
    const { totals, clock } = this.#components;
    const { edge, pop, run } = this.#options;
    const [now, nowMs] = [totals(), clock.now()];
    const sums = Object.fromEntries(
      EDGE_COUNTERS.map((name) => [
        name,
        name === 'reportedMs' ? Math.round(nowMs - this.#beforeMs) : now[name] - this.#before[name],
      ]),
    );
    this.#before = now;
    this.#beforeMs = nowMs;
    this.#waiting.push({ id: markOf(`${edge} ${run} ${this.#sequence++}`), minute, edge, pop, sums });
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
  }

  /** The oldest first; what fails is tried again with the next minute. */
  #send(): Promise<void> {
    this.#sending = this.#sending.then(async () => {
      try {
        for (let counted = this.#waiting[0]; counted !== undefined; counted = this.#waiting[0]) {
          await this.#components.add(counted);
          if (this.#waiting[0] === counted) this.#waiting.shift();
        }
      } catch (error) {
        this.#components.onError(error);
      }
    });
    return this.#sending;
  }
}
