import type { Beacon } from '@eddy/protocol';
import type { Clock, Timers } from '../../components.js';
import type { InsightLimits } from '../config.js';
import { InsightError } from '../errors.js';
import type { LiveWindow } from '../live/live-window.js';
import { type DatedBeacon, rollUp } from '../rollup/rollup.js';
import { StreamNames } from '../rollup/stream-names.js';
import type { CommitGroup, InsightStore, Mark } from '../store/insight-store.js';
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

interface Waiting extends DatedBeacon {
  readonly id: string;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Takes batches in, and says so when they are committed. A batch that is known is not counted again; one that is
 * on its way is answered with it.
 */
export class Intake {
  readonly #components: IntakeComponents;
  readonly #limits: InsightLimits;
  readonly #recent: RecentBatches;
  readonly #sessions: KnownSessions;
  readonly #streams: StreamNames;
  readonly #underWay = new Map<string, Promise<void>>();
  #queue: Waiting[] = [];
  #cancelTimer: (() => void) | undefined;
  #flushing: Promise<void> | undefined;
  #closed = false;

  constructor(components: IntakeComponents, limits: InsightLimits) {
    this.#components = components;
    this.#limits = limits;
    this.#recent = new RecentBatches({
      windowMinutes: limits.dedupeMinutes,
      maxBatches: limits.dedupeBatches,
    });
    this.#sessions = new KnownSessions({ maxSessions: limits.sessions });
    this.#streams = new StreamNames({ maxPerMinute: limits.streamsPerMinute });
  }

  /** Batches not yet committed. */
  get queued(): number {
    return this.#underWay.size;
  }

  /** Knows again what was committed before a restart. */
  async remember(): Promise<void> {
    const { store } = this.#components;
    const minute = this.#minute();
    const batchesSince = minute - this.#limits.dedupeMinutes + 1;
    for (const mark of await store.batchesSince(batchesSince, this.#limits.dedupeBatches)) {
      this.#recent.add(mark);
    }
    const sessionsSince = minute - SESSIONS_KEPT_MINUTES;
    for (const { id } of await store.sessionsSince(sessionsSince, this.#limits.sessions)) {
      // When it was last heard is not stored; that it may still be playing is the safe guess.
      this.#sessions.note(id, minute);
    }
  }

  /**
   * Resolves when the batch is safe. @throws InsightError `queue-full`, `closing` or one of `store-…`; the batch was
   * not counted then, and may be sent again.
   */
  async accept(beacon: Beacon): Promise<'stored' | 'duplicate'> {
    const id = `${beacon.session} ${beacon.batch}`;
    const underWay = this.#underWay.get(id);
    if (underWay !== undefined) {
      await underWay;
      return 'duplicate';
    }
    if (this.#recent.has(id)) return 'duplicate';
    if (this.#closed) throw new InsightError('closing', 'This edge is closing: send the batch again later.');
    if (this.queued >= this.#limits.queuedBatches) {
      throw new InsightError('queue-full', 'Too many batches wait to be stored: send this one again later.');
    }
    const committed = new Promise<void>((done, failed) => {
      this.#queue.push({ beacon, minute: this.#minute(), id, done, failed });
    });
    this.#underWay.set(id, committed);
    this.#flushLater();
    await committed;
    return 'stored';
  }

  /** Forgets what is older than it is kept. */
  async prune(): Promise<void> {
    const minute = this.#minute();
    await this.#components.store.prune({
      rows: minute - this.#limits.retentionDays * 24 * 60,
      batches: minute - this.#limits.dedupeMinutes,
      sessions: minute - SESSIONS_KEPT_MINUTES,
    });
  }

  /** Commits what waits. Later batches are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer?.();
    await this.#flushing;
    await this.#flush();
  }

  #minute(): number {
    return Math.floor(this.#components.wallClock.now() / 60_000);
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
    const batches = this.#queue;
    this.#queue = [];
    if (batches.length === 0) return;
    const { store, clock, onCommit } = this.#components;
    const group = this.#group(batches);
    const startedMs = clock.now();
    try {
      await store.commit(group);
    } catch (error) {
      for (const { id, failed } of batches) {
        this.#underWay.delete(id);
        failed(error);
      }
      return;
    }
    onCommit?.((clock.now() - startedMs) / 1000);
    const nowMs = this.#components.wallClock.now();
    for (const { id, minute, beacon, done } of batches) {
      this.#recent.add({ minute, id });
      this.#sessions.note(beacon.session, minute);
      this.#components.live.record(beacon, nowMs);
      this.#underWay.delete(id);
      done();
    }
  }

  #group(batches: readonly Waiting[]): CommitGroup {
    const begun = new Map<string, Mark>();
    const rows = rollUp(
      batches,
      ({ beacon: { session }, minute }) => {
        if (begun.has(session) || !this.#sessions.isNew(session, minute)) return false;
        begun.set(session, { minute, id: session });
        return true;
      },
      ({ beacon, minute }) => this.#streams.nameOf(beacon.presentation, minute),
    );
    return {
      rows,
      batches: batches.map(({ minute, id }) => ({ minute, id })),
      sessions: [...begun.values()],
    };
  }
}

/** Long enough for the longest evening; a session that went on for longer is counted again after a restart. */
const SESSIONS_KEPT_MINUTES = 48 * SESSION_IDLE_MINUTES;
