import type { Unsubscribe } from '../components.js';

/** As much of the page's `localStorage` as is used. */
export type KeyStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export interface PageStorageComponents {
  /** May throw: browsers refuse it in private windows, sandboxed frames and where cookies are blocked. */
  readonly store?: (() => KeyStore) | undefined;
  /** Where `storage` happens when another tab writes. */
  readonly page?: EventTarget | undefined;
}

/**
 * A few small values that outlive the page, where the browser lets them. Never throws; what the browser refuses to keep
 * is kept until the page goes.
 */
export class PageStorage {
  readonly #store: (() => KeyStore) | undefined;
  readonly #page: EventTarget | undefined;
  readonly #refused = new Map<string, string>();
  readonly #listeners = new Map<() => void, string>();

  constructor({ store, page }: PageStorageComponents = {}) {
    this.#store = store;
    this.#page = page;
  }

  get(key: string): string | undefined {
    const refused = this.#refused.get(key);
    if (refused !== undefined) return refused;
    try {
      return this.#store?.().getItem(key) ?? undefined;
    } catch {
      return undefined;
    }
  }

  set(key: string, value: string): void {
    this.#refused.delete(key);
    try {
      if (this.#store === undefined) this.#refused.set(key, value);
      else this.#store().setItem(key, value);
    } catch {
      this.#refused.set(key, value);
    }
    this.#tell(key);
  }

  remove(key: string): void {
    this.#refused.delete(key);
    try {
      this.#store?.().removeItem(key);
    } catch {
      // What was never kept needs no removing.
    }
    this.#tell(key);
  }

  /** Calls `listener` after the value of `key` was set, here or in another tab. */
  onChange(key: string, listener: () => void): Unsubscribe {
    if (this.#listeners.size === 0) this.#page?.addEventListener('storage', this.#onStorage);
    this.#listeners.set(listener, key);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#page?.removeEventListener('storage', this.#onStorage);
    };
  }

  readonly #onStorage = (event: Event): void => {
    // Without a key everything was cleared.
    if (!('key' in event)) return;
    if (typeof event.key === 'string') this.#tell(event.key);
    else for (const key of new Set(this.#listeners.values())) this.#tell(key);
  };

  #tell(key: string): void {
    for (const [listener, wanted] of [...this.#listeners]) if (wanted === key) listener();
  }
}
