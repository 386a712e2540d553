import { BusError, type BusLog, type LogExtent } from '../../bus/bus.js';
import { parseJson } from '../../cluster/beat.js';
import type { Timers, Unsubscribe } from '../../components.js';
import { orderOf, type PurgeOrder } from '../order.js';
import type { PurgeReport } from '../purge.js';
import type { Cursor, CursorStore } from './cursor-file.js';

/** How an entry came to be carried out. */
export type AppliedHow = 'in-order' | 'without-shield' | 'garbled' | 'everything' | 'not-durable';

export interface LogFollowerComponents {
  readonly log: BusLog;
  readonly timers: Timers;
  readonly cursor: CursorStore;
  readonly carryOut: (order: PurgeOrder) => Promise<PurgeReport>;
  /** Resolves when it is this edge's turn: false where it did not wait to the end. */
  readonly turn: (epoch: string, sequence: number) => Promise<boolean>;
  /** `order` and `report` are undefined for what could not be read, and where everything was purged instead. */
  readonly onApplied: (applied: Applied) => void;
  readonly onTrouble: (error: unknown) => void;
}

export interface Applied {
  readonly epoch: string;
  readonly sequence: number;
  readonly how: AppliedHow;
  readonly order?: PurgeOrder | undefined;
  readonly report?: PurgeReport | undefined;
}

export interface LogFollowerOptions {
  /** Nothing that this edge holds is older than its start. */
  readonly startsEmpty: boolean;
}

const RETRY_MS = 1_000;
/** Carried out again after a crash at most. */
const SAVE_EVERY = 64;
const EVERYTHING: PurgeOrder = { target: { by: 'all' }, soft: false };

/**
 * Carries out a log of purges, one entry after the other, from where it was the last time. Each at least once, since
 * none does harm twice. What it was away too long for, it purges everything for.
 */
export class LogFollower {
  readonly #components: LogFollowerComponents;
  readonly #startsEmpty: boolean;
  readonly #stop: Unsubscribe;
  #cursor: Cursor | undefined;
  #isLoaded = false;
  #isServing = false;
  /** The disk did not confirm one: a later start begins before it. */
  #isPinned = false;
  #unsaved = 0;
  #last = 0;
  #running: Promise<void> | undefined;
  #again = false;
  #cancelRetry: (() => void) | undefined;
  #closed = false;

  constructor(components: LogFollowerComponents, { startsEmpty }: LogFollowerOptions) {
    this.#components = components;
    this.#startsEmpty = startsEmpty;
    this.#stop = components.log.onAppended(() => this.wake());
  }

  /** Up to where everything is carried out. Undefined: it has not heard of the log yet. */
  get position(): Cursor | undefined {
    return this.#cursor;
  }

  /** Entries that are known and not carried out yet. */
  get behind(): number {
    return Math.max(0, this.#last - (this.#cursor?.sequence ?? 0));
  }

  /** From now on it may fetch what a later purge is about. */
  serve(): void {
    this.#isServing = true;
  }

  /** Resolves when it has carried out all that there was, or cannot for now; then it tries again by itself. */
  wake(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    if (this.#running !== undefined) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stop();
    this.#cancelRetry?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      do {
        this.#again = false;
        await this.#catchUp();
      } while (this.#again && !this.#closed);
    } catch (error) {
      this.#components.onTrouble(error);
      if (this.#closed) return;
      this.#cancelRetry?.();
      // A bus that is lost wakes us when it is back.
      const isLost = error instanceof BusError && error.code === 'bus-lost';
      if (!isLost) this.#cancelRetry = this.#components.timers.after(RETRY_MS, () => void this.wake());
    }
  }

  async #catchUp(): Promise<void> {
    const { log, cursor: store } = this.#components;
    const extent = await log.extent();
    if (!this.#isLoaded) {
      this.#cursor = await store.load();
      this.#isLoaded = true;
      if (this.#startsEmpty && !this.#isServing) await this.#moveTo(extent);
    }
    if (!reaches(extent, this.#cursor)) await this.#purgeEverything(extent);
    else if (this.#cursor === undefined) await this.#moveTo(extent);
    this.#last = extent.last;
    while (!this.#closed) {
      const { epoch } = extent;
      const sequence = this.#cursor?.sequence ?? extent.last;
      const entry = await log.read(sequence + 1);
      if (entry === undefined) break;
      this.#last = Math.max(this.#last, entry.sequence);
      if (entry.sequence > sequence + 1) {
        await this.#purgeEverything({ ...extent, last: entry.sequence - 1 });
        continue;
      }
      const inTime = await this.#components.turn(epoch, entry.sequence);
      if (this.#closed) break;
      await this.#apply(epoch, entry.sequence, orderOf(parseJson(entry.data)), inTime);
    }
    await this.#save();
  }

  async #apply(
    epoch: string,
    sequence: number,
    order: PurgeOrder | undefined,
    inTime: boolean,
  ): Promise<void> {
    const carried = order === undefined ? undefined : await this.#carryOut(order);
    const how =
      order === undefined
        ? 'garbled'
        : carried === undefined
          ? 'not-durable'
          : inTime
            ? 'in-order'
            : 'without-shield';
    this.#cursor = { epoch, sequence };
    if (++this.#unsaved >= SAVE_EVERY) await this.#save();
    this.#components.onApplied({ epoch, sequence, how, order, report: carried });
  }

  /** Undefined: memory is rid of it, but the disk may bring it back after a restart. */
  async #carryOut(order: PurgeOrder): Promise<PurgeReport | undefined> {
    try {
      return await this.#components.carryOut(order);
    } catch (error) {
      await this.#save();
      this.#isPinned = true;
      this.#components.onTrouble(error);
      return undefined;
    }
  }

  /** Nobody knows any more what this edge has missed. */
  async #purgeEverything(extent: LogExtent): Promise<void> {
    await this.#components.turn(extent.epoch, extent.last);
    const report = await this.#carryOut(EVERYTHING);
    await this.#moveTo(extent);
    const { epoch, last: sequence } = extent;
    this.#components.onApplied({ epoch, sequence, how: 'everything', report });
  }

  async #moveTo({ epoch, last }: LogExtent): Promise<void> {
    this.#cursor = { epoch, sequence: last };
    this.#unsaved++;
    await this.#save();
  }

  async #save(): Promise<void> {
    if (this.#unsaved === 0 || this.#isPinned || this.#cursor === undefined) return;
    this.#unsaved = 0;
    // Without it a restart carries out more than it has to.
    await this.#components.cursor.save(this.#cursor).catch(this.#components.onTrouble);
  }
}

/** Whether all entries after the cursor are there. An edge without one has missed nothing where there was nothing. */
function reaches({ epoch, first, last }: LogExtent, cursor: Cursor | undefined): boolean {
  if (cursor === undefined) return last === 0;
  return cursor.epoch === epoch && first <= cursor.sequence + 1 && last >= cursor.sequence;
}
