import { keyHash } from './key-hash.js';

export interface Rate {
  readonly perSecond: number;
  /** Requests at once. */
  readonly burst: number;
}

export interface RateTableOptions {
  readonly seed: number;
  /** Clients remembered, a power of two of at least 64. */
  readonly clients: number;
  /** Memory of `rateTableBytes(clients)`, zeroed or in use by another table of the same seed: counted once for both. */
  readonly memory?: ArrayBuffer | SharedArrayBuffer;
}

/** A slot is a client's mark and its time. Eight of them are one cache line. */
const SLOT_INTS = 2;
const WAYS = 8;
const SET_INTS = SLOT_INTS * WAYS;
/** Times are kept in sixteenths of a millisecond, so that 16,000 requests a second can be told apart. */
const TICKS_PER_MS = 16;

export function rateTableBytes(clients: number): number {
  return clients * SLOT_INTS * Int32Array.BYTES_PER_ELEMENT;
}

/**
 * Token buckets of many clients in a table whose size never changes.
 *
 * A bucket is one number, the time at which it will be full again (GCRA): a request moves it ahead by 1 / rate, and is
 * refused where that would be more than the burst ahead of now. A slot whose time has passed says the same as no slot,
 * so it is the first to be given to another client; only where eight that share a set are all short of tokens is the
 * fullest of them forgotten. A flood of addresses can thus make the table forgive, never grow.
 *
 * All is done by atomic steps on an Int32Array. On a SharedArrayBuffer given to several worker threads, with the same
 * seed and a clock that runs alike in all of them (the wall clock, not `performance.now`), requests are counted once.
 */
export class RateTable {
  readonly #cells: Int32Array;
  readonly #setMask: number;
  readonly #seed: number;

  constructor({ clients, seed, memory }: RateTableOptions) {
    if (clients < 64 || (clients & (clients - 1)) !== 0) throw new RangeError('clients is no power of two');
    this.#cells = new Int32Array(memory ?? new ArrayBuffer(rateTableBytes(clients)));
    if (this.#cells.length !== clients * SLOT_INTS) throw new RangeError('memory has another size');
    this.#setMask = clients / WAYS - 1;
    this.#seed = seed;
  }

  /** 0: taken. Else nothing was taken, and so many milliseconds have to pass first. */
  take(key: string, { perSecond, burst }: Rate, nowMs: number): number {
    const { mark, spread } = keyHash(key, this.#seed);
    const now = Math.trunc(nowMs * TICKS_PER_MS) | 0;
    const step = Math.max(1, Math.round((1000 * TICKS_PER_MS) / perSecond));
    const span = Math.min(step * burst, 2 ** 30);
    const slot = this.#slotOf(mark, (spread & this.#setMask) * SET_INTS, now);
    for (;;) {
      const full = Atomics.load(this.#cells, slot + 1);
      let ahead = (full - now) | 0;
      // Over the span: left over from before the numbers wrapped, or the clock was set back.
      if (ahead < 0 || ahead > span) ahead = 0;
      if (ahead + step > span) return Math.max(1, Math.ceil((ahead + step - span) / TICKS_PER_MS));
      const next = (now + ahead + step) | 0;
      if (Atomics.compareExchange(this.#cells, slot + 1, full, next) === full) return 0;
    }
  }

  /** The client's own slot, or the one in its set that knows least. */
  #slotOf(mark: number, base: number, now: number): number {
    const cells = this.#cells;
    let victim = base;
    let least = Number.POSITIVE_INFINITY;
    for (let slot = base; slot < base + SET_INTS; slot += SLOT_INTS) {
      const found = Atomics.load(cells, slot);
      if (found === mark) return slot;
      const ahead = found === 0 ? -(2 ** 31) : (Atomics.load(cells, slot + 1) - now) | 0;
      if (ahead < least) {
        least = ahead;
        victim = slot;
      }
    }
    // A thread that reads the mark before the time takes the old client's time for it once: at worst one refusal.
    Atomics.store(cells, victim + 1, now);
    Atomics.store(cells, victim, mark);
    return victim;
  }
}
