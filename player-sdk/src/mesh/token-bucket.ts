import type { Clock } from '../components.js';

/** A rate with some room for bursts. Starts full. A rate of 0 means no limit. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #perMs: number;
  readonly #most: number;
  #tokens: number;
  #at: number;

  constructor(clock: Clock, { perSecond, burst }: { perSecond: number; burst: number }) {
    this.#clock = clock;
    this.#perMs = perSecond / 1000;
    this.#most = burst;
    this.#tokens = burst;
    this.#at = clock.now();
  }

  /** Takes `amount` if that much is there, or if the bucket is full (so that nothing is too large for ever). */
  take(amount: number): boolean {
    if (this.#perMs === 0) return true;
    this.#refill();
    if (this.#tokens < Math.min(amount, this.#most)) return false;
    this.#tokens -= amount;
    return true;
  }

  /** How long until `take(amount)` succeeds. */
  waitMs(amount: number): number {
    if (this.#perMs === 0) return 0;
    this.#refill();
    return Math.max(0, Math.ceil((Math.min(amount, this.#most) - this.#tokens) / this.#perMs));
  }

  #refill(): void {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#most, this.#tokens + (now - this.#at) * this.#perMs);
    this.#at = now;
  }
}
