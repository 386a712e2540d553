const NAMES = ['hits', 'hitBytes', 'open', 'dropped'] as const;
export type FrontCount = (typeof NAMES)[number];

/** Numbers of all threads in memory that all can read. Each slot has one writer, so nothing needs a lock. */
export class FrontCounters {
  readonly memory: SharedArrayBuffer;
  readonly #slots: number;
  readonly #values: Float64Array;

  constructor({ slots, memory }: { readonly slots: number; readonly memory?: SharedArrayBuffer }) {
    this.#slots = slots;
    this.memory = memory ?? new SharedArrayBuffer(slots * NAMES.length * Float64Array.BYTES_PER_ELEMENT);
    this.#values = new Float64Array(this.memory);
  }

  add(slot: number, name: FrontCount, count: number): void {
    const index = this.#index(slot, name);
    this.#values[index] = (this.#values[index] ?? 0) + count;
  }

  sum(name: FrontCount): number {
    let total = 0;
    for (let slot = 0; slot < this.#slots; slot++) total += this.#values[this.#index(slot, name)] ?? 0;
    return total;
  }

  /** A thread died: what it had open is closed; what it had counted stays. */
  closed(slot: number): void {
    this.#values[this.#index(slot, 'open')] = 0;
  }

  #index(slot: number, name: FrontCount): number {
    return slot * NAMES.length + NAMES.indexOf(name);
  }
}
