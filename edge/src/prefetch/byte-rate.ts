import type { Clock } from '../components.js';

/** Grants bytes at a rate, and those of one second at once. What was guessed wrong is settled later, into debt too. */
export class ByteRate {
  readonly #clock: Clock;
  readonly #bytesPerSecond: number;
  #left: number;
  #atMs: number;

  /** Monotonic clock. */
  constructor({ clock }: { readonly clock: Clock }, options: { readonly bytesPerSecond: number }) {
    this.#clock = clock;
    this.#bytesPerSecond = options.bytesPerSecond;
    this.#left = options.bytesPerSecond;
    this.#atMs = clock.now();
  }

  /** What may be taken now; below 0 while there is debt. */
  get roomBytes(): number {
    const nowMs = this.#clock.now();
    const earned = ((nowMs - this.#atMs) / 1000) * this.#bytesPerSecond;
    this.#left = Math.min(this.#bytesPerSecond, this.#left + earned);
    this.#atMs = nowMs;
    return this.#left;
  }

  /** Negative to give back. */
  take(bytes: number): void {
    this.#left -= bytes;
  }
}
