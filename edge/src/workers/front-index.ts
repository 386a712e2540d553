import type { Clock } from '../components.js';
import type { HotAnswer } from '../hot/hot-answer.js';
import { type HotObject, hotAnswerOf } from '../hot/hot-index.js';
import { type HotRecord, hotObjectOf } from './hot-record.js';

export interface FrontIndexComponents {
  readonly onDropped: (bytes: number) => void;
  /** Since the epoch. */
  readonly wallClock: Clock;
}

/** What a front may answer: as much as its owner has told it, and no longer than that. */
export class FrontIndex {
  readonly #objects = new Map<string, HotObject>();
  readonly #touched = new Set<string>();
  readonly #onDropped: (bytes: number) => void;
  readonly #keepAliveMs: number;
  readonly #wallClock: Clock;

  constructor(
    { onDropped, wallClock }: FrontIndexComponents,
    { keepAliveMs }: { readonly keepAliveMs: number },
  ) {
    this.#onDropped = onDropped;
    this.#keepAliveMs = keepAliveMs;
    this.#wallClock = wallClock;
  }

  /** The answer to a plain GET; undefined unless the object is fresh and known here. A use of it. */
  find(key: string): HotAnswer | undefined {
    const object = this.#objects.get(key);
    if (object === undefined) return undefined;
    this.#touched.add(key);
    return hotAnswerOf(object, this.#wallClock.now());
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
