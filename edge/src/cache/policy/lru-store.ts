import { LRUCache } from 'lru-cache';
import type { BoundedStore, BoundedStoreComponents, BoundedStoreOptions } from './bounded-store.js';

/** The longest unused leaves first. */
export class LruStore<Value extends NonNullable<unknown>> implements BoundedStore<Value> {
  readonly limitBytes: number;
  readonly #values: LRUCache<string, Value>;
  #evictions = 0;

  constructor({ onEvict }: BoundedStoreComponents<Value>, { limitBytes }: BoundedStoreOptions) {
    this.limitBytes = limitBytes;
    this.#values = new LRUCache<string, Value>({
      maxSize: limitBytes,
      dispose: (value, key, reason) => {
        if (reason !== 'evict') return;
        this.#evictions++;
        onEvict?.(key, value);
      },
    });
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  peek(key: string): Value | undefined {
    return this.#values.peek(key);
  }

  set(key: string, value: Value, bytes: number): boolean {
    // lru-cache keeps the old value when it refuses a new one that is too large, and the old size of a value that is
    // set again.
    this.#values.delete(key);
    if (bytes > this.limitBytes) return false;
    this.#values.set(key, value, { size: bytes });
    return true;
  }

  delete(key: string): boolean {
    return this.#values.delete(key);
  }

  keys(): IterableIterator<string> {
    return this.#values.keys();
  }

  get size(): number {
    return this.#values.size;
  }

  get bytes(): number {
    return this.#values.calculatedSize;
  }

  get evictions(): number {
    return this.#evictions;
  }
}
