import { PING_PATH } from '@eddy/protocol';
import type { Clock, Timers } from '../components.js';
import type { FetchBlock } from '../digests/block-reader.js';

export interface RoundTripsComponents {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly fetch: FetchBlock;
  /** Base URLs by pathway, the best first. */
  readonly pathways: () => ReadonlyMap<string, string>;
  /** Looked at before each round. */
  readonly allowed: () => boolean;
}

/** Playback has its buffer by then. */
const FIRST_MS = 10_000;
const AGAIN_MS = 600_000;
const MAX_PATHWAYS = 4;
const TIMEOUT_MS = 3_000;
/** The first request opens the connection; of the others the shortest counts. */
const REQUESTS = 3;

/** How far the edges of other pathways are: a few small requests, one after the other, when nobody waits for anything. */
export class RoundTrips {
  readonly #components: RoundTripsComponents;
  #measuredMs: ReadonlyMap<string, number> = new Map();
  #cancel: (() => void) | undefined;
  #abort: AbortController | undefined;

  constructor(components: RoundTripsComponents) {
    this.#components = components;
  }

  /** In milliseconds by pathway; empty before something was measured, or where nothing may be. */
  get measuredMs(): ReadonlyMap<string, number> {
    return this.#components.allowed() ? this.#measuredMs : new Map();
  }

  /** The picture has begun. */
  begin(): void {
    if (this.#cancel === undefined) this.#schedule(FIRST_MS);
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = () => {};
    this.#abort?.abort();
    this.#abort = undefined;
  }

  #schedule(afterMs: number): void {
    const abort = new AbortController();
    this.#abort = abort;
    this.#cancel = this.#components.timers.after(afterMs, () => {
      void this.#measure(abort.signal).then(() => {
        if (!abort.signal.aborted) this.#schedule(AGAIN_MS);
      });
    });
  }

  async #measure(signal: AbortSignal): Promise<void> {
    const pathways = [...this.#components.pathways()].slice(0, MAX_PATHWAYS);
    // Where there is no choice, nobody needs to know.
    if (pathways.length < 2 || !this.#components.allowed()) return;
    const measuredMs = new Map<string, number>();
    for (const [id, url] of pathways) {
      const ms = await this.#roundTrip(url + PING_PATH, signal);
      if (signal.aborted) return;
      if (ms !== undefined) measuredMs.set(id, ms);
    }
    this.#measuredMs = measuredMs;
  }

  async #roundTrip(url: string, signal: AbortSignal): Promise<number | undefined> {
    const { clock, timers, fetch } = this.#components;
    const late = new AbortController();
    const cancel = timers.after(TIMEOUT_MS, () => late.abort());
    const stop = (): void => late.abort();
    signal.addEventListener('abort', stop);
    let shortestMs: number | undefined;
    try {
      for (let left = REQUESTS; left > 0; left--) {
        const askedAt = clock.now();
        const response = await fetch(url, { signal: late.signal });
        const ms = clock.now() - askedAt;
        await response.arrayBuffer();
        if (!response.ok) return undefined;
        if (left < REQUESTS) shortestMs = Math.min(ms, shortestMs ?? ms);
      }
    } catch {
      // Out of reach, or too far to be of use.
    } finally {
      cancel();
      signal.removeEventListener('abort', stop);
    }
    return shortestMs;
  }
}
