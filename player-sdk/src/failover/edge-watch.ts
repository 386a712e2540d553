import { PING_PATH } from '@eddy/protocol';
import type { Clock, Timers } from '../components.js';
import type { FetchBlock } from '../digests/block-reader.js';
import { graceMs, silencePatienceMs } from './patience.js';

export interface EdgeWatchComponents {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly fetch: FetchBlock;
  /** Base URLs by pathway, the best first. Empty: there is nowhere else to go. */
  pathways(): ReadonlyMap<string, string>;
  /** Base URL of the pathway that media come from. */
  host(): string | undefined;
  /** What is buffered ahead, in milliseconds. */
  bufferMs(): number;
  /** The player takes the first of these pathways, at once. */
  move(order: readonly string[]): void;
}

/** What is asked of the edge and not answered yet. */
export interface WatchedRequest {
  /** Bytes that have come. */
  loaded(): number;
  /** It fails now: the edge is left. */
  giveUp(): void;
}

const LOOK_MS = 250;
/** Asked when an edge is in doubt. */
const MAX_ASKED = 4;
const TIMEOUT_MS = 4_000;
/** For so long a pathway that was silent comes after all others. */
const SHUNNED_MS = 60_000;

/**
 * Notices that the edge in use is silent, though asked, and asks it and the others whether they are there. If another
 * is and it is not, media come from there. One that is merely slow answers, and where nobody does it is the viewer's
 * own network: both stay.
 */
export class EdgeWatch {
  readonly #components: EdgeWatchComponents;
  readonly #requests = new Set<WatchedRequest>();
  readonly #silentAt = new Map<string, number>();
  #heardAt = 0;
  #loaded = 0;
  #doubts = 0;
  #asking: AbortController | undefined;
  #cancel: () => void = () => {};

  constructor(components: EdgeWatchComponents) {
    this.#components = components;
  }

  /** Returns what is to be called when it is over, and whether there was an answer. */
  begin(request: WatchedRequest): (answered: boolean) => void {
    const isFirst = this.#requests.size === 0;
    this.#requests.add(request);
    if (isFirst) this.attend();
    return (answered) => {
      if (this.#requests.delete(request) && answered) this.#heard();
    };
  }

  /** There may be another place to go to now: what is asked is looked at from here on. */
  attend(): void {
    this.#cancel();
    if (this.#requests.size === 0 || this.#components.pathways().size < 2) return;
    this.#heard();
    this.#lookLater();
  }

  /** The same pathways, those last that were silent lately. */
  ordered(pathways: readonly string[]): string[] {
    const last = (id: string): boolean => this.#isShunned(id);
    return [...pathways.filter((id) => !last(id)), ...pathways.filter(last)];
  }

  /** `url`, or where the same is if it is of a pathway that media do not come from any more. */
  readdressed(url: string): string {
    const here = this.#components.host() ?? '';
    const bases = [...this.#components.pathways().values()];
    const left = bases.find((base) => base !== here && url.startsWith(`${base}/`));
    return left !== undefined && bases.includes(here) ? here + url.slice(left.length) : url;
  }

  close(): void {
    this.#cancel();
    this.#asking?.abort();
    this.#requests.clear();
  }

  #isShunned(id: string): boolean {
    return this.#components.clock.now() < (this.#silentAt.get(id) ?? Number.NEGATIVE_INFINITY) + SHUNNED_MS;
  }

  #heard(): void {
    this.#heardAt = this.#components.clock.now();
    this.#doubts = 0;
  }

  #lookLater(): void {
    this.#cancel = this.#components.timers.after(LOOK_MS, () => this.#look());
  }

  #look(): void {
    const { clock, bufferMs } = this.#components;
    if (this.#requests.size === 0) return;
    this.#lookLater();
    let loaded = 0;
    for (const request of this.#requests) loaded += request.loaded();
    if (loaded > this.#loaded) this.#heard();
    this.#loaded = loaded;
    if (clock.now() - this.#heardAt >= silencePatienceMs(bufferMs(), this.#doubts)) this.#doubt();
  }

  #doubt(): void {
    const { pathways, host } = this.#components;
    const all = [...pathways()];
    const [current] = all.find(([, base]) => base === host()) ?? [];
    const others = all.filter(([id]) => id !== current && !this.#isShunned(id)).slice(0, MAX_ASKED);
    if (this.#asking !== undefined || current === undefined || others.length === 0) return;
    const asking = new AbortController();
    this.#asking = asking;
    void this.#askAround(others, asking.signal).then((best) => {
      asking.abort();
      this.#asking = undefined;
      if (best !== undefined) this.#leave(current, best);
    });
  }

  /** Gives the pathway to go to. */
  async #askAround(
    others: readonly (readonly [id: string, base: string])[],
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { clock, timers, host, fetch } = this.#components;
    const after = (ms: number): Promise<undefined> =>
      new Promise((resolve) => {
        timers.after(ms, () => resolve(undefined));
      });
    const here = host();
    const askedAt = clock.now();
    let there = false;
    fetch(here + PING_PATH, { signal }).then(
      () => {
        there = true;
      },
      () => {},
    );
    const pings = others.map(async ([id, base]) => {
      if ((await fetch(base + PING_PATH, { signal })).ok) return id;
      throw new Error(id);
    });
    const best = await Promise.race([Promise.any(pings).catch(() => undefined), after(TIMEOUT_MS)]);
    const tookMs = clock.now() - askedAt;
    if (best !== undefined) await after(graceMs(tookMs) - tookMs);
    if (signal.aborted || this.#heardAt > askedAt || host() !== here) return undefined;
    if (best !== undefined && !there) return best;
    this.#heardAt = clock.now();
    this.#doubts++;
    return undefined;
  }

  #leave(current: string, best: string): void {
    const { clock, pathways, move } = this.#components;
    const asked = [...this.#requests];
    this.#requests.clear();
    this.#silentAt.set(current, clock.now());
    const others = [...pathways().keys()].filter((id) => id !== best);
    move([best, ...this.ordered(others)]);
    for (const { giveUp } of asked) giveUp();
  }
}
