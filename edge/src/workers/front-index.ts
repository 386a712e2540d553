import type { Clock } from '../components.js';
import { createHotIndex, type HotIndex, type HotObject } from '../hot/hot-index.js';
import { type HotRecord, hotObjectOf } from './hot-record.js';

export interface FrontIndexComponents {
  readonly keyOf: (target: string) => string | undefined;
  readonly onDropped: (bytes: number) => void;
  /** Since the epoch. */
  readonly wallClock: Clock;
}

/** What a front may answer: as much as its owner has told it, and no longer than that. */
export class FrontIndex {
  readonly index: HotIndex;
  readonly #objects = new Map<string, HotObject>();
  readonly #touched = new Set<string>();
  readonly #onDropped: (bytes: number) => void;
  readonly #keepAliveMs: number;

  constructor(
    { keyOf, onDropped, wallClock }: FrontIndexComponents,
    { keepAliveMs }: { readonly keepAliveMs: number },
  ) {
    this.#onDropped = onDropped;
    this.#keepAliveMs = keepAliveMs;
    const lookUp = (key: string): HotObject | undefined => {
      const object = this.#objects.get(key);
      if (object !== undefined) this.#touched.add(key);
      return object;
    };
    this.index = createHotIndex({ keyOf, wallClock, lookUp });
  }

  set(record: HotRecord): void {
    this.drop(record.key);
    this.#objects.set(record.key, hotObjectOf(record, { keepAliveMs: this.#keepAliveMs }));
  }

  drop(key: string): void {
    const object = this.#objects.get(key);
    if (object === undefined) return;
    this.#objects.delete(key);
    this.#touched.delete(key);
    this.#onDropped(object.body.length);
  }

  /** Keys asked for since the last call: the owner's cache counts them as used. */
  takeTouched(): string[] {
    const keys = [...this.#touched];
    this.#touched.clear();
    return keys;
  }
}
