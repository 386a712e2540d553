import type { Timers } from '../components.js';
import type { DayMeter } from './day-meter.js';

/** No uplink that is met is faster: 1 Gbit/s. It says how soon a cap could be reached. */
const FASTEST_BYTES_PER_SECOND = 125_000_000;
const SHORTEST_MS = 1_000;
const LONGEST_MS = 30_000;

export interface UploadAccountComponents {
  readonly timers: Timers;
  readonly meter: DayMeter;
  /** Since playback began. */
  readonly uploadedBytes: () => number;
  /** The day's bytes have become more, or the day another. */
  readonly onCount: () => void;
}

/**
 * Enters what one playback uploads in the day's account: the more often, the nearer the cap is, so that it is passed by
 * no more than a second's upload.
 */
export class UploadAccount {
  readonly #components: UploadAccountComponents;
  readonly #capBytes: number;
  #entered = 0;
  #cancel: () => void = () => {};

  /** `capBytes` 0: none. */
  constructor(components: UploadAccountComponents, capBytes: number) {
    this.#components = components;
    this.#capBytes = capBytes;
    this.#next();
  }

  /** Enters the rest. */
  close(): void {
    this.#cancel();
    this.#enter();
  }

  #enter(): void {
    const { meter, uploadedBytes } = this.#components;
    const bytes = uploadedBytes();
    meter.add(bytes - this.#entered);
    this.#entered = bytes;
  }

  #next(): void {
    const { timers, meter, onCount } = this.#components;
    const left = this.#capBytes - meter.bytes;
    const soonest = (left / FASTEST_BYTES_PER_SECOND) * 1_000;
    // Once the cap is reached only a new day changes anything.
    const watched = this.#capBytes > 0 && left > 0;
    const waitMs = watched ? Math.min(LONGEST_MS, Math.max(SHORTEST_MS, soonest)) : LONGEST_MS;
    this.#cancel = timers.after(waitMs, () => {
      this.#enter();
      onCount();
      this.#next();
    });
  }
}
