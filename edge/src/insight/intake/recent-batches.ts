import type { Mark } from '../store/insight-store.js';

/** Batch ids of the last minutes, so that a batch that comes twice counts once. Bounded in time and in number. */
export class RecentBatches {
  readonly #windowMinutes: number;
  readonly #maxBatches: number;
  readonly #minutes = new Map<number, Set<string>>();
  #size = 0;

  constructor(options: { readonly windowMinutes: number; readonly maxBatches: number }) {
    this.#windowMinutes = options.windowMinutes;
    this.#maxBatches = options.maxBatches;
  }

  get size(): number {
    return this.#size;
  }

  has(id: string): boolean {
    for (const ids of this.#minutes.values()) if (ids.has(id)) return true;
    return false;
  }

  /** Minutes come in order, but for clocks that are set back. */
  add({ minute, id }: Mark): void {
    const ids = this.#minutes.get(minute) ?? new Set<string>();
    this.#minutes.set(minute, ids);
    if (!ids.has(id)) this.#size += 1;
    ids.add(id);
    if (ids.size > 1 && this.#size <= this.#maxBatches) return;
    for (const old of [...this.#minutes.keys()]) {
      const expired = old <= minute - this.#windowMinutes;
      // Whole minutes leave; within one minute nothing is forgotten, however many there are.
      if (expired || (this.#size > this.#maxBatches && old !== minute)) this.#drop(old);
    }
  }

  #drop(minute: number): void {
    this.#size -= this.#minutes.get(minute)?.size ?? 0;
    this.#minutes.delete(minute);
  }
}
