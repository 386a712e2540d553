import { LRUCache } from 'lru-cache';

/** A session that was silent for this long counts as a new one when it speaks again. */
export const SESSION_IDLE_MINUTES = 30;

/** Sessions that were counted already. */
export class KnownSessions {
  readonly #lastMinute: LRUCache<string, number>;

  constructor(options: { readonly maxSessions: number }) {
    this.#lastMinute = new LRUCache({ max: options.maxSessions });
  }

  isNew(session: string, minute: number): boolean {
    const last = this.#lastMinute.get(session);
    return last === undefined || minute - last > SESSION_IDLE_MINUTES;
  }

  note(session: string, minute: number): void {
    if (this.#lastMinute.get(session) !== minute) this.#lastMinute.set(session, minute);
  }
}
