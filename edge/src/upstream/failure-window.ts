import type { BreakerOptions } from './breaker.js';

const SLOTS = 10;

interface Slot {
  at: number;
  requests: number;
  failures: number;
}

/** How many requests of the last `windowMs` failed, to a tenth of the window. */
export class FailureWindow {
  readonly #options: BreakerOptions;
  readonly #slots: Slot[];

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#slots = Array.from({ length: SLOTS }, () => ({ at: -1, requests: 0, failures: 0 }));
  }

  add(isFailure: boolean, now: number): void {
    const slot = this.#slot(now);
    if (slot === undefined) return;
    slot.requests++;
    if (isFailure) slot.failures++;
  }

  /** A request that was counted as a success has failed after all. */
  turn(now: number): void {
    const slot = this.#slot(now);
    if (slot !== undefined) slot.failures++;
  }

  isTooMuch(now: number): boolean {
    const { minRequests, failurePercent } = this.#options;
    const oldest = this.#index(now) - SLOTS;
    let requests = 0;
    let failures = 0;
    for (const slot of this.#slots) {
      if (slot.at <= oldest) continue;
      requests += slot.requests;
      failures += slot.failures;
    }
    return requests >= minRequests && failures * 100 >= requests * failurePercent;
  }

  clear(): void {
    for (const slot of this.#slots) slot.at = -1;
  }

  #slot(now: number): Slot | undefined {
    const at = this.#index(now);
    const slot = this.#slots[at % SLOTS];
    if (slot !== undefined && slot.at !== at) Object.assign(slot, { at, requests: 0, failures: 0 });
    return slot;
  }

  #index(now: number): number {
    return Math.floor(now / (this.#options.windowMs / SLOTS));
  }
}
