import type { ByteCache } from './byte-cache.js';
import { Heap } from './heap.js';

const NEVER = Number.POSITIVE_INFINITY;

/** When each request's object is asked for again: the index of that request, or infinity. */
export function nextUses(objects: Uint32Array, objectCount: number): Float64Array {
  const next = new Float64Array(objects.length);
  const seen = new Float64Array(objectCount).fill(NEVER);
  for (let at = objects.length - 1; at >= 0; at--) {
    const object = objects[at] ?? 0;
    next[at] = seen[object] ?? NEVER;
    seen[object] = at;
  }
  return next;
}

/**
 * Farthest next use with bypass: the object that is needed last leaves, which may be the newcomer. For objects of one
 * size this is the optimum (Belady's MIN). For sizes that differ the optimum is NP-hard, and this is neither it nor a
 * bound on it, but a policy that knows the future, and in practice close to the optimum when sizes are alike.
 */
export class Belady implements ByteCache {
  readonly #limitBytes: number;
  readonly #next: Float64Array;
  readonly #held = new Map<number, { readonly bytes: number; nextUse: number }>();
  readonly #heap = new Heap();
  #bytes = 0;
  #at = 0;

  /** `next` as {@link nextUses} gives it; `access` has to be called for every request, in order. */
  constructor(limitBytes: number, next: Float64Array) {
    this.#limitBytes = limitBytes;
    this.#next = next;
  }

  access(object: number, bytes: number): boolean {
    const nextUse = this.#next[this.#at++] ?? NEVER;
    const held = this.#held.get(object);
    if (held !== undefined) {
      held.nextUse = nextUse;
      this.#heap.push(object, -nextUse);
      return true;
    }
    if (nextUse === NEVER || bytes > this.#limitBytes) return false;
    this.#held.set(object, { bytes, nextUse });
    this.#heap.push(object, -nextUse);
    this.#bytes += bytes;
    while (this.#bytes > this.#limitBytes) this.#evict();
    return false;
  }

  #evict(): void {
    for (let last = this.#heap.pop(); last !== undefined; last = this.#heap.pop()) {
      const held = this.#held.get(last.item);
      if (held?.nextUse !== -last.priority) continue;
      this.#held.delete(last.item);
      this.#bytes -= held.bytes;
      return;
    }
  }

  get bytes(): number {
    return this.#bytes;
  }
}
