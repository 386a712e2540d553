import { LRUCache } from 'lru-cache';
import type { BoundedStore, BoundedStoreComponents, BoundedStoreOptions } from './bounded-store.js';

interface Entry<Value> {
  readonly value: Value;
  readonly bytes: number;
  /** Since it came into its queue or was last spared there; up to {@link MAX_USES}. */
  uses: number;
}

type Queue<Value> = LRUCache<string, Entry<Value>>;

/** Where newcomers prove themselves; more only while the main queue leaves room. */
const SMALL_SHARE = 0.15;
/** Uses while in the small queue that lead to the main one: the paper's "more than once". */
const PROVEN_USES = 2;
const MAX_USES = 3;

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
  readonly #small: Queue<Value>;
  readonly #main: Queue<Value>;
  /** Names and sizes of what fell out of the small queue: as many bytes as the main queue may hold. */
  readonly #ghosts: LRUCache<string, number>;
  readonly #smallBytes: number;
  readonly #onEvict: ((key: string, value: Value) => void) | undefined;
  #evictions = 0;

  constructor({ onEvict }: BoundedStoreComponents<Value>, { limitBytes }: BoundedStoreOptions) {
    this.limitBytes = limitBytes;
    this.#onEvict = onEvict;
    this.#smallBytes = Math.floor(limitBytes * SMALL_SHARE);
    // Room is made before something is set, so that neither overflows by itself.
    const queue = { maxSize: limitBytes, sizeCalculation: ({ bytes }: Entry<Value>) => bytes };
    this.#small = new LRUCache<string, Entry<Value>>(queue);
    this.#main = new LRUCache<string, Entry<Value>>(queue);
    this.#ghosts = new LRUCache<string, number>({
      maxSize: Math.max(1, limitBytes - this.#smallBytes),
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
    const proven = this.#main.peek(key);
    const before = proven ?? this.#small.peek(key);
    const uses = before === undefined ? 0 : Math.min(MAX_USES, before.uses + 1);
    this.delete(key);
    if (bytes > this.limitBytes) return false;
    const known = this.#ghosts.delete(key);
    while (this.bytes + bytes > this.limitBytes) this.#makeRoom();
    const queue = proven !== undefined || known ? this.#main : this.#small;
    queue.set(key, { value, bytes, uses });
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

  /** One step: the oldest of a queue leaves, or is spared. Each time that it is spared was paid for by a hit. */
  #makeRoom(): void {
    const fromSmall = this.#small.calculatedSize > this.#smallBytes || this.#main.size === 0;
    const queue = fromSmall ? this.#small : this.#main;
    const { value: key } = queue.rkeys().next();
    const entry = key === undefined ? undefined : queue.peek(key);
    if (key === undefined || entry === undefined) return;
    if (fromSmall && entry.uses >= PROVEN_USES) {
      this.#small.delete(key);
      entry.uses = 0;
      this.#main.set(key, entry);
    } else if (!fromSmall && entry.uses > 0) {
      entry.uses--;
      this.#main.get(key);
    } else {
      queue.delete(key);
      if (fromSmall && entry.bytes <= this.#ghosts.maxSize) this.#ghosts.set(key, entry.bytes);
      this.#evictions++;
      this.#onEvict?.(key, entry.value);
    }
  }
}
