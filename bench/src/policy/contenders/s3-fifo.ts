import type { ByteCache } from './byte-cache.js';

interface Entry {
  readonly object: number;
  readonly bytes: number;
  uses: number;
  queue: 'small' | 'main';
}

const SMALL_SHARE = 0.1;
const MAX_USES = 3;

/**
 * S3-FIFO (Yang et al., SOSP 2023): newcomers queue in a tenth of the bytes and go on to the main queue only when they
 * were used again; the main queue gives what was used another round. Names of those that fell out are remembered for
 * as many bytes as the main queue holds, and return straight to it.
 */
export class S3Fifo implements ByteCache {
  readonly #limitBytes: number;
  readonly #entries = new Map<number, Entry>();
  /** A Map is a queue too: it iterates in order of insertion. */
  readonly #small = new Map<number, Entry>();
  readonly #main = new Map<number, Entry>();
  readonly #ghosts = new Map<number, number>();
  #smallBytes = 0;
  #mainBytes = 0;
  #ghostBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  access(object: number, bytes: number): boolean {
    const held = this.#entries.get(object);
    if (held !== undefined) {
      held.uses = Math.min(MAX_USES, held.uses + 1);
      return true;
    }
    if (bytes > this.#limitBytes) return false;
    const entry: Entry = { object, bytes, uses: 0, queue: 'small' };
    const ghost = this.#ghosts.has(object);
    while (this.bytes + bytes > this.#limitBytes) this.#evict();
    if (ghost) this.#forget(object);
    this.#entries.set(object, entry);
    if (ghost) this.#toMain(entry);
    else {
      this.#small.set(object, entry);
      this.#smallBytes += bytes;
    }
    return false;
  }

  #evict(): void {
    if (this.#smallBytes >= this.#limitBytes * SMALL_SHARE || this.#main.size === 0) this.#evictSmall();
    else this.#evictMain();
  }

  #evictSmall(): void {
    for (const entry of this.#small.values()) {
      this.#small.delete(entry.object);
      this.#smallBytes -= entry.bytes;
      if (entry.uses > 1) {
        this.#toMain(entry);
        continue;
      }
      this.#entries.delete(entry.object);
      this.#remember(entry);
      return;
    }
    this.#evictMain();
  }

  #evictMain(): void {
    for (const entry of this.#main.values()) {
      this.#main.delete(entry.object);
      if (entry.uses > 0) {
        entry.uses--;
        this.#main.set(entry.object, entry);
        continue;
      }
      this.#mainBytes -= entry.bytes;
      this.#entries.delete(entry.object);
      return;
    }
  }

  #toMain(entry: Entry): void {
    entry.queue = 'main';
    entry.uses = 0;
    this.#main.set(entry.object, entry);
    this.#mainBytes += entry.bytes;
  }

  #remember({ object, bytes }: Entry): void {
    this.#ghosts.set(object, bytes);
    this.#ghostBytes += bytes;
    for (const oldest of this.#ghosts.keys()) {
      if (this.#ghostBytes <= this.#limitBytes * (1 - SMALL_SHARE)) break;
      this.#forget(oldest);
    }
  }

  #forget(object: number): void {
    this.#ghostBytes -= this.#ghosts.get(object) ?? 0;
    this.#ghosts.delete(object);
  }

  get bytes(): number {
    return this.#smallBytes + this.#mainBytes;
  }
}
