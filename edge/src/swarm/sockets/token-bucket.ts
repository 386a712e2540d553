/** Lets `capacity` units through at once and `perSecond` over time. */
export class TokenBucket {
  readonly #capacity: number;
  readonly #perSecond: number;
  #tokens: number;
  #atMs: number;

  constructor(options: { readonly capacity: number; readonly perSecond: number }, nowMs: number) {
    this.#capacity = options.capacity;
    this.#perSecond = options.perSecond;
    this.#tokens = options.capacity;
    this.#atMs = nowMs;
  }

  /** False: there is not enough left, and nothing was taken. */
  take(units: number, nowMs: number): boolean {
    const refilled = this.#tokens + ((nowMs - this.#atMs) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#capacity, refilled);
    this.#atMs = nowMs;
    if (this.#tokens < units) return false;
    this.#tokens -= units;
    return true;
  }
}
