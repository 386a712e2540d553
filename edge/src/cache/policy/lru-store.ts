import { LRUCache } from 'lru-cache';
import type { BoundedStore, BoundedStoreComponents, BoundedStoreOptions } from './bounded-store.js';

interface Entry<Value> {
  readonly value: Value;
  readonly bytes: number;
}

/** The longest unused leaves first. */
export class LruStore<Value> implements BoundedStore<Value> {
  readonly limitBytes: number;
  readonly #entries: LRUCache<string, Entry<Value>>;
  #evictions = 0;

  constructor({ onEvict }: BoundedStoreComponents<Value>, { limitBytes }: BoundedStoreOptions) {
    this.limitBytes = limitBytes;
    this.#entries = new LRUCache<string, Entry<Value>>({
      maxSize: limitBytes,
      sizeCalculation: ({ bytes }) => bytes,
      dispose: ({ value }, key, reason) => {
        if (reason !== 'evict') return;
        this.#evictions++;
        onEvict?.(key, value);
      },
    });
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key)?.value;
  }

  peek(key: string): Value | undefined {
    return this.#entries.peek(key)?.value;
  }

  set(key: string, value: Value, bytes: number): boolean {
    // lru-cache keeps the old value when it refuses a new one that is too large.
    if (bytes > this.limitBytes) {
      this.delete(key);
      return false;
    }
    this.#entries.set(key, { value, bytes });
    return true;
  }

  delete(key: string): boolean {
    return this.#entries.delete(key);
  }

  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#entries.calculatedSize;
  }

  get evictions(): number {
    return this.#evictions;
  }
}
