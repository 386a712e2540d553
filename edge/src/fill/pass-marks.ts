import { LRUCache } from 'lru-cache';
import type { NoStoreReason } from '../cache/storability.js';
import type { Clock } from '../components.js';

/** Keys remembered, and for how long. A wrong memory costs one request more at the origin, nothing else. */
const MAX_MARKS = 10_000;
const MARK_MS = 60_000;

/**
 * Keys whose objects turned out not to be storable: their requests go alone, instead of waiting for one another only
 * to hear that they must.
 */
export class PassMarks {
  readonly #clock: Clock;
  readonly #marks = new LRUCache<string, { readonly reason: NoStoreReason; readonly untilMs: number }>({
    max: MAX_MARKS,
  });

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  set(key: string, reason: NoStoreReason): void {
    this.#marks.set(key, { reason, untilMs: this.#clock.now() + MARK_MS });
  }

  get(key: string): NoStoreReason | undefined {
    const mark = this.#marks.get(key);
    return mark !== undefined && mark.untilMs > this.#clock.now() ? mark.reason : undefined;
  }

  delete(key: string): void {
    this.#marks.delete(key);
  }
}
