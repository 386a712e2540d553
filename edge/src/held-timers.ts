import type { Timers } from './components.js';

/** For tests: timers that fire when the test says so. */
export class HeldTimers implements Timers {
  readonly #held = new Set<{ readonly ms: number; readonly run: () => void }>();

  after(ms: number, run: () => void): () => void {
    const timer = { ms, run };
    this.#held.add(timer);
    return () => this.#held.delete(timer);
  }

  /** Runs those that were set to `ms`. */
  fire(ms: number): void {
    for (const timer of [...this.#held]) {
      if (timer.ms !== ms) continue;
      this.#held.delete(timer);
      timer.run();
    }
  }
}
