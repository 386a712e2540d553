import type { ByteCache } from './byte-cache.js';
import { Heap } from './heap.js';

interface Entry {
  readonly bytes: number;
  uses: number;
  priority: number;
}

/**
 * LFU with dynamic ageing (Arlitt et al., 1999), the form of GreedyDual-Size that aims at bytes: what is used gets the
 * priority uses + age of the cache, and the age is the priority of the last victim.
 */
export class LfuDa implements ByteCache {
  readonly #limitBytes: number;
  readonly #entries = new Map<number, Entry>();
  readonly #heap = new Heap();
  #bytes = 0;
  #age = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  access(object: number, bytes: number): boolean {
    const held = this.#entries.get(object);
    if (held !== undefined) {
      held.uses++;
      held.priority = held.uses + this.#age;
      return true;
    }
    if (bytes > this.#limitBytes) return false;
    while (this.#bytes + bytes > this.#limitBytes) this.#evict();
    const entry: Entry = { bytes, uses: 1, priority: 1 + this.#age };
    this.#entries.set(object, entry);
    this.#heap.push(object, entry.priority);
    this.#bytes += bytes;
    return false;
  }

  /** Priorities only grow, so an entry that lies too low in the heap is put where it belongs when it comes up. */
  #evict(): void {
    for (let least = this.#heap.pop(); least !== undefined; least = this.#heap.pop()) {
      const entry = this.#entries.get(least.item);
      if (entry === undefined) continue;
      if (entry.priority > least.priority) {
        this.#heap.push(least.item, entry.priority);
        continue;
      }
      this.#age = entry.priority;
      this.#entries.delete(least.item);
      this.#bytes -= entry.bytes;
      return;
    }
  }

  get bytes(): number {
    return this.#bytes;
  }
}
