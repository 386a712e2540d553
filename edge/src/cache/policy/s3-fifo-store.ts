import { LRUCache } from 'lru-cache';
import type { BoundedStore, BoundedStoreComponents, BoundedStoreOptions } from './bounded-store.js';

interface Entry<Value> {
  readonly value: Value;
  readonly bytes: number;
  /** Since it came into its queue or was last spared there; up to {@link MAX_USES}. */
  uses: number;
}

/** Where newcomers prove themselves. Live segments that are asked for once a viewer need more than a tenth. */
const SMALL_SHARE = 0.15;
/** Uses while in the small queue that lead to the main one: the paper's "more than once". */
const PROVEN_USES = 2;
const MAX_USES = 3;
/** Unproven newcomers may use the main queue while more than this is free: a cache that fills up refuses nobody. */
const FREE_SHARE = 1 / 32;

/**
 * S3-FIFO (Yang et al., SOSP 2023), counted in bytes. Newcomers queue in a small part; what is not used again there
 * falls out, and only its name is remembered for a while. What was used again, or comes back while its name is
 * remembered, goes to the main queue, where each use grants another round. A viewer who watches a rare title to its end
 * thus pushes out little but his own segments.
 *
 * A hit moves nothing. The queues are lru-caches whose order is left alone: `peek` to look, `get` for another round.
 */
export class S3FifoStore<Value> implements BoundedStore<Value> {
  readonly limitBytes: number;
  readonly #small: LRUCache<string, Entry<Value>>;
  readonly #main: LRUCache<string, Entry<Value>>;
  /** Names and sizes of what fell out of the small queue: as many bytes as the main queue holds. */
  readonly #ghosts: LRUCache<string, number>;
  readonly #smallBytes: number;
  readonly #mainBytes: number;
  readonly #onEvict: ((key: string, value: Value) => void) | undefined;
  #evictions = 0;

  constructor({ onEvict }: BoundedStoreComponents<Value>, { limitBytes }: BoundedStoreOptions) {
    this.limitBytes = limitBytes;
    this.#onEvict = onEvict;
    this.#smallBytes = Math.max(1, Math.floor(limitBytes * SMALL_SHARE));
    this.#mainBytes = Math.max(1, limitBytes - this.#smallBytes);
    this.#small = queue(this.#smallBytes, (key, entry) => this.#leaveSmall(key, entry));
    // Never overflows by itself: room is made before.
    this.#main = queue(this.#mainBytes, () => {});
    this.#ghosts = new LRUCache<string, number>({
      maxSize: this.#mainBytes,
      sizeCalculation: (bytes) => bytes,
    });
  }

  get(key: string): Value | undefined {
    const entry = this.#main.peek(key) ?? this.#small.peek(key);
    if (entry === undefined) return undefined;
    if (entry.uses < MAX_USES) entry.uses++;
    return entry.value;
  }

  peek(key: string): Value | undefined {
    return (this.#main.peek(key) ?? this.#small.peek(key))?.value;
  }

  set(key: string, value: Value, bytes: number): boolean {
    const before = this.#main.peek(key);
    const newcomer = before ?? this.#small.peek(key);
    const entry = { value, bytes, uses: newcomer === undefined ? 0 : Math.min(MAX_USES, newcomer.uses + 1) };
    this.delete(key);
    if (bytes > this.#mainBytes) return false;
    const known = this.#ghosts.delete(key);
    if (before !== undefined || known || bytes > this.#smallBytes) this.#intoMain(key, entry);
    else this.#small.set(key, entry);
    return true;
  }

  delete(key: string): boolean {
    return this.#main.delete(key) || this.#small.delete(key);
  }

  *keys(): IterableIterator<string> {
    yield* this.#main.keys();
    yield* this.#small.keys();
  }

  get size(): number {
    return this.#main.size + this.#small.size;
  }

  get bytes(): number {
    return this.#main.calculatedSize + this.#small.calculatedSize;
  }

  get evictions(): number {
    return this.#evictions;
  }

  #leaveSmall(key: string, entry: Entry<Value>): void {
    const free = this.#mainBytes - this.#main.calculatedSize - entry.bytes;
    if (entry.uses >= PROVEN_USES || free >= this.#mainBytes * FREE_SHARE) {
      entry.uses = 0;
      this.#intoMain(key, entry);
      return;
    }
    this.#ghosts.set(key, entry.bytes);
    this.#evicted(key, entry);
  }

  /** Each round that is granted was paid for by a hit, so this stays cheap however long the queue is. */
  #intoMain(key: string, entry: Entry<Value>): void {
    while (this.#main.calculatedSize + entry.bytes > this.#mainBytes) {
      const { value: oldest } = this.#main.rkeys().next();
      const candidate = oldest === undefined ? undefined : this.#main.peek(oldest);
      if (oldest === undefined || candidate === undefined) break;
      if (candidate.uses > 0) {
        candidate.uses--;
        this.#main.get(oldest);
        continue;
      }
      this.#main.delete(oldest);
      this.#evicted(oldest, candidate);
    }
    this.#main.set(key, entry);
  }

  #evicted(key: string, { value }: Entry<Value>): void {
    this.#evictions++;
    this.#onEvict?.(key, value);
  }
}

function queue<Value>(
  maxSize: number,
  onOverflow: (key: string, entry: Entry<Value>) => void,
): LRUCache<string, Entry<Value>> {
  return new LRUCache<string, Entry<Value>>({
    maxSize,
    sizeCalculation: ({ bytes }) => bytes,
    dispose: (entry, key, reason) => {
      if (reason === 'evict') onOverflow(key, entry);
    },
  });
}
