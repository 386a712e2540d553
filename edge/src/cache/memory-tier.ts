import { LRUCache } from 'lru-cache';
import type { CachedObject } from './cached-object.js';

/** A place where whole objects are held. Memory answers at once; what is slower stands behind it. */
export interface ObjectTier {
  /** Counts as a use. Fresh or stale. */
  get(key: string): CachedObject | undefined;
  /** Does not count as a use. */
  peek(key: string): CachedObject | undefined;
  set(object: CachedObject): void;
  /** Every object of the path, whatever its query. Returns how many there were. */
  deletePath(path: string): number;
  delete(key: string): void;
  readonly stats: TierStats;
}

export interface TierStats {
  readonly objects: number;
  /** Bodies and overhead. */
  readonly bytes: number;
  readonly limitBytes: number;
  /** Pushed out by others since the start. */
  readonly evictions: number;
}

export interface MemoryTierOptions {
  readonly limitBytes: number;
}

/** Measured with 100,000 one-byte objects: head strings, buffer, map and list entries. */
const OVERHEAD_BYTES = 1_200;

export function sizeInMemory(object: CachedObject): number {
  return object.body.length + OVERHEAD_BYTES + 4 * object.key.length;
}

/** Least recently used objects leave first. Holds finished ones only: filling is the fill table's. */
export class MemoryTier implements ObjectTier {
  readonly #objects: LRUCache<string, CachedObject>;
  readonly #limitBytes: number;
  #evictions = 0;
  /** Told of each object that leaves, also of one that another takes the place of. */
  onRemoved: (key: string, bodyBytes: number) => void = () => {};

  constructor({ limitBytes }: MemoryTierOptions) {
    this.#limitBytes = limitBytes;
    this.#objects = new LRUCache<string, CachedObject>({
      maxSize: limitBytes,
      sizeCalculation: sizeInMemory,
      dispose: (object, key, reason) => {
        if (reason === 'evict') this.#evictions++;
        this.onRemoved(key, object.body.length);
      },
    });
  }

  get(key: string): CachedObject | undefined {
    return this.#objects.get(key);
  }

  peek(key: string): CachedObject | undefined {
    return this.#objects.peek(key);
  }

  set(object: CachedObject): void {
    this.#objects.set(object.key, object);
  }

  delete(key: string): void {
    this.#objects.delete(key);
  }

  deletePath(path: string): number {
    const variants = [...this.#objects.keys()].filter((key) => key === path || key.startsWith(`${path}?`));
    for (const key of variants) this.#objects.delete(key);
    return variants.length;
  }

  get stats(): TierStats {
    return {
      objects: this.#objects.size,
      bytes: this.#objects.calculatedSize,
      limitBytes: this.#limitBytes,
      evictions: this.#evictions,
    };
  }
}
