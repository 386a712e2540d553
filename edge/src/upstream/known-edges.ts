import type { Timers } from '../components.js';
import type { GuardedUpstream } from './with-breaker.js';

export interface KnownEdgesComponents {
  readonly open: (url: string) => GuardedUpstream;
  readonly timers: Timers;
}

/** What is under way with an edge that left has so long to end. It may also come back. */
const CLOSE_AFTER_MS = 60_000;

/** Upstreams to edges that come and go: each is opened when it is first named, and closed a while after the last time. */
export class KnownEdges {
  readonly #components: KnownEdgesComponents;
  readonly #open = new Map<string, GuardedUpstream>();
  readonly #closing = new Map<string, () => void>();
  #urls: readonly string[] | undefined;
  #named: ReadonlyMap<string, GuardedUpstream> = new Map();

  constructor(components: KnownEdgesComponents) {
    this.#components = components;
  }

  /** Also those that are still to be closed. */
  get all(): ReadonlyMap<string, GuardedUpstream> {
    return this.#open;
  }

  /** By URL, in this order. Cheap for the same array as before. */
  named(urls: readonly string[]): ReadonlyMap<string, GuardedUpstream> {
    if (urls === this.#urls) return this.#named;
    this.#urls = urls;
    this.#named = new Map(urls.map((url) => [url, this.#at(url)]));
    for (const url of this.#open.keys()) if (!this.#named.has(url)) this.#closeLater(url);
    return this.#named;
  }

  async close(): Promise<void> {
    for (const cancel of this.#closing.values()) cancel();
    this.#closing.clear();
    const all = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(all.map((upstream) => upstream.close()));
  }

  #at(url: string): GuardedUpstream {
    this.#closing.get(url)?.();
    this.#closing.delete(url);
    const known = this.#open.get(url) ?? this.#components.open(url);
    this.#open.set(url, known);
    return known;
  }

  #closeLater(url: string): void {
    if (this.#closing.has(url)) return;
    const cancel = this.#components.timers.after(CLOSE_AFTER_MS, () => {
      this.#closing.delete(url);
      const upstream = this.#open.get(url);
      this.#open.delete(url);
      void upstream?.close();
    });
    this.#closing.set(url, cancel);
  }
}
