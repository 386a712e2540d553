import type { Clock } from '../live/clock.js';

/** Time that jumps: whoever sleeps is woken at once, later. */
export class FakeClock implements Clock {
  #nowMs: number;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  async sleep(ms: number): Promise<void> {
    this.#nowMs += ms;
  }
}
