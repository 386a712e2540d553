/**
 * Holds values up to a number of bytes and decides which leave when more come.
 *
 * After `set(key, …)` either the new value is held or none is: an old one never outlives its replacement.
 */
export interface BoundedStore<Value> {
  /** Counts as a use. */
  get(key: string): Value | undefined;
  /** Does not count as a use. */
  peek(key: string): Value | undefined;
  /** Counts as a use. False: it is not held, being too large or worth less than what is there. */
  set(key: string, value: Value, bytes: number): boolean;
  /** False: it was not held. */
  delete(key: string): boolean;
  keys(): IterableIterator<string>;
  /** Values held. */
  readonly size: number;
  /** Their bytes, never above `limitBytes`. */
  readonly bytes: number;
  readonly limitBytes: number;
  /** Held once, then pushed out by others, since the start. */
  readonly evictions: number;
}

export interface BoundedStoreComponents<Value> {
  /** Hears of each value that was held and is not any more, unless it was deleted or replaced. */
  readonly onEvict?: (key: string, value: Value) => void;
}

export interface BoundedStoreOptions {
  readonly limitBytes: number;
}
