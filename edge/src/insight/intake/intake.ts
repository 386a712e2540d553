import type { Clock, Timers } from '../../components.js';
import type { InsightLimits } from '../config.js';
import { InsightError } from '../errors.js';
import type { LiveWindow } from '../live/live-window.js';
import { BoundedNames, OTHER_NETWORKS, OTHER_STREAMS } from '../rollup/bounded-names.js';
import type { Fact } from '../rollup/fact.js';
import { rollUp } from '../rollup/rollup.js';
import {
  type CommitGroup,
  type EdgeMinute,
  GRAIN_MINUTES,
  type InsightStore,
} from '../store/insight-store.js';
import type { FactSink, SinkResult } from './fact-sink.js';
import { KnownSessions, SESSION_IDLE_MINUTES } from './known-sessions.js';
import { RecentBatches } from './recent-batches.js';

export interface IntakeComponents {
  readonly store: InsightStore;
  /** Since the epoch: dates the batches. */
  readonly wallClock: Clock;
  /** Monotonic: measures commits. */
  readonly clock: Clock;
  readonly timers: Timers;
  readonly live: LiveWindow;
  readonly onCommit?: (seconds: number) => void;
}

interface Waiting {
  readonly fact: Fact;
  readonly done: (result: SinkResult) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Takes facts in, and says so when they are committed. A batch that is known is not counted again; one that is on its
 * way is answered with it.
 */
export class Intake implements FactSink {
  readonly #components: IntakeComponents;
  readonly #limits: InsightLimits;
  readonly #recent: RecentBatches;
  readonly #sessions: KnownSessions;
  readonly #streams: BoundedNames;
  readonly #networks: BoundedNames;
  readonly #underWay = new Map<string, Promise<SinkResult>>();
  #queue: Waiting[] = [];
  #cancelTimer: (() => void) | undefined;
  #flushing: Promise<void> | undefined;
  #edges: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(components: IntakeComponents, limits: InsightLimits) {
    this.#components = components;
    this.#limits = limits;
    this.#recent = new RecentBatches({
      windowMinutes: limits.dedupeMinutes,
      maxBatches: limits.dedupeBatches,
    });
    this.#sessions = new KnownSessions({ maxSessions: limits.sessions });
    this.#streams = new BoundedNames({ maxPerMinute: limits.streamsPerMinute, others: OTHER_STREAMS });
    this.#networks = new BoundedNames({ maxPerMinute: limits.networksPerMinute, others: OTHER_NETWORKS });
  }

  get queued(): number {
    return this.#underWay.size;
  }

  /** Knows again what was committed before a restart. */
  async remember(): Promise<void> {
    const { store } = this.#components;
    const minute = this.#minute();
    for (const mark of await store.batchesSince(this.#dedupeSince(minute), this.#limits.dedupeBatches)) {
      this.#recent.add(mark);
    }
    const sessionsSince = minute - SESSIONS_KEPT_MINUTES;
    for (const { id } of await store.sessionsSince(sessionsSince, this.#limits.sessions)) {
      // When it was last heard is not stored; that it may still be playing is the safe guess.
      this.#sessions.note(id, minute);
    }
  }

  accept(fact: Fact): Promise<SinkResult> {
    const { batch } = fact;
    const underWay = this.#underWay.get(batch);
    if (underWay !== undefined) return underWay.then(() => 'duplicate');
    if (this.#recent.has(batch)) return Promise.resolve('duplicate');
    if (this.#closed) return refused('closing', 'This edge is closing: send the batch again later.');
    if (this.queued >= this.#limits.queuedBatches) {
      return refused('queue-full', 'Too many batches wait to be stored: send this one again later.');
    }
    const committed = new Promise<SinkResult>((done, failed) => {
      this.#queue.push({ fact, done, failed });
    });
    this.#underWay.set(batch, committed);
    this.#flushLater();
    return committed;
  }

  /** One after another, so that a minute that comes twice at a time counts once. */
  acceptEdge(counted: EdgeMinute): Promise<SinkResult> {
    const added = this.#edges.then(() => this.#components.store.addEdge(counted));
    this.#edges = added.catch(() => undefined);
    return added.then((isNew) => (isNew ? 'stored' : 'duplicate'));
  }

  /** What is due each minute: sums by hour and day. */
  async tend(): Promise<void> {
    await this.#components.store.tend(this.#minute());
  }

  /** Forgets what is older than it is kept. */
  async prune(): Promise<void> {
    const minute = this.#minute();
    const { minuteDays, hourDays, dayDays } = this.#limits.retention;
    await this.#components.store.prune({
      minute: minute - minuteDays * GRAIN_MINUTES.day,
      hour: minute - hourDays * GRAIN_MINUTES.day,
      day: minute - dayDays * GRAIN_MINUTES.day,
      batches: this.#dedupeSince(minute),
      sessions: minute - SESSIONS_KEPT_MINUTES,
    });
  }

  /** Commits what waits. Later batches are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer?.();
    await this.#flushing;
    await this.#flush();
    await this.#edges;
  }

  #minute(): number {
    return Math.floor(this.#components.wallClock.now() / 60_000);
  }

  #dedupeSince(minute: number): number {
    return minute - this.#limits.dedupeMinutes + 1;
  }

  #flushLater(): void {
    if (this.#cancelTimer !== undefined || this.#flushing !== undefined || this.#closed) return;
    this.#cancelTimer = this.#components.timers.after(this.#limits.commitEveryMs, () => {
      this.#cancelTimer = undefined;
      this.#flushing = this.#flush().finally(() => {
        this.#flushing = undefined;
        if (this.#queue.length > 0) this.#flushLater();
      });
    });
  }

  /** Never rejects: each batch hears of its own fate. */
  async #flush(): Promise<void> {
    const waiting = this.#queue;
    this.#queue = [];
    if (waiting.length === 0) return;
    const { store, clock, onCommit } = this.#components;
    const minute = this.#minute();
    const startedMs = clock.now();
    let seen: ReadonlySet<string>;
    try {
      const ids = waiting.map(({ fact }) => fact.batch);
      // Another edge may have committed them: `sendBeacon` never sees the answer.
      seen = await store.seen(ids, this.#dedupeSince(minute));
      const fresh = waiting.filter(({ fact }) => !seen.has(fact.batch)).map(({ fact }) => fact);
      if (fresh.length > 0) await store.commit(this.#group(fresh, minute));
    } catch (error) {
      for (const { fact, failed } of waiting) {
        this.#underWay.delete(fact.batch);
        failed(error);
      }
      return;
    }
    onCommit?.((clock.now() - startedMs) / 1000);
    const nowMs = this.#components.wallClock.now();
    for (const { fact, done } of waiting) {
      this.#recent.add({ minute, id: fact.batch });
      this.#sessions.note(fact.session, minute);
      const isNew = !seen.has(fact.batch);
      if (isNew) this.#components.live.record(fact, nowMs);
      this.#underWay.delete(fact.batch);
      done(isNew ? 'stored' : 'duplicate');
    }
  }

  #group(facts: readonly Fact[], minute: number): CommitGroup {
    const begun = new Set<string>();
    const rows = rollUp(
      facts,
      ({ session }) => {
        if (begun.has(session) || !this.#sessions.isNew(session, minute)) return false;
        begun.add(session);
        return true;
      },
      (keys) => ({
        ...keys,
        stream: this.#streams.nameOf(keys.stream, minute),
        network: this.#networks.nameOf(keys.network, minute),
      }),
    );
    return { minute, rows, batches: facts.map(({ batch }) => batch), sessions: [...begun] };
  }
}

function refused(code: 'closing' | 'queue-full', message: string): Promise<never> {
  return Promise.reject(new InsightError(code, message));
}

/** Long enough for the longest evening; a session that went on for longer is counted again after a restart. */
const SESSIONS_KEPT_MINUTES = 48 * SESSION_IDLE_MINUTES;
