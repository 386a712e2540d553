import { type DiskEntry, fileBytesOf, type LruIndex } from './lru-index.js';

export interface RoomComponents {
  readonly index: LruIndex;
  /** Takes it out of the index at once; resolves when the disk has its bytes back. */
  readonly evict: (entry: DiskEntry) => Promise<void>;
}

export interface RoomOptions {
  readonly limitBytes: number;
  readonly maxObjects: number;
}

/** Evictions that wait for the disk at a time. */
const AT_ONCE = 4;
/** Sweeping begins before the limit, so that writers seldom wait, and goes a little further, so that it is seldom. */
const HIGH_WATER = 0.99;
const LOW_WATER = 0.97;

/** Bytes on disk stay below the limit: room is reserved before a byte is written, and counts until its file is gone. */
export class Room {
  readonly #components: RoomComponents;
  readonly #options: RoomOptions;
  #reservedBytes = 0;
  #leavingBytes = 0;
  #sweeping: Promise<boolean> | undefined;
  /** The order of use is not known yet: nothing is evicted. */
  #suspended = true;

  constructor(components: RoomComponents, options: RoomOptions) {
    this.#components = components;
    this.#options = options;
  }

  /** Resolves when there is room; the function gives it back. Undefined: there is none to be had. */
  async reserve(bytes: number): Promise<(() => void) | undefined> {
    this.#reservedBytes += bytes;
    while (!this.#suspended && this.#isOver()) {
      if (await this.sweep()) continue;
      this.#reservedBytes -= bytes;
      return undefined;
    }
    return () => {
      this.#reservedBytes -= bytes;
    };
  }

  /** The index is whole. */
  resume(): void {
    this.#suspended = false;
    this.sweepIfHigh();
  }

  sweepIfHigh(): void {
    const { index } = this.#components;
    const { limitBytes, maxObjects } = this.#options;
    if (this.#suspended) return;
    if (index.bytes + this.#reservedBytes > limitBytes * HIGH_WATER || index.size > maxObjects)
      void this.sweep();
  }

  /**
   * Evicts the least recently used down to the low-water mark, and `atLeastBytes` in any case. Resolves to whether it
   * did anything.
   */
  sweep(atLeastBytes = 0): Promise<boolean> {
    this.#sweeping ??= this.#evict(atLeastBytes).finally(() => {
      this.#sweeping = undefined;
    });
    return this.#sweeping;
  }

  async #evict(atLeastBytes: number): Promise<boolean> {
    const { index, evict } = this.#components;
    const { limitBytes, maxObjects } = this.#options;
    const running = new Set<Promise<void>>();
    let freedBytes = 0;
    while (
      freedBytes < atLeastBytes ||
      index.bytes + this.#reservedBytes > limitBytes * LOW_WATER ||
      index.size > maxObjects * HIGH_WATER
    ) {
      const { oldest } = index;
      if (oldest === undefined) break;
      const bytes = fileBytesOf(oldest);
      this.#leavingBytes += bytes;
      freedBytes += bytes;
      const leaving = evict(oldest).finally(() => {
        this.#leavingBytes -= bytes;
        running.delete(leaving);
      });
      running.add(leaving);
      if (running.size >= AT_ONCE) await Promise.race(running);
    }
    await Promise.all(running);
    return freedBytes > 0;
  }

  #isOver(): boolean {
    const { index } = this.#components;
    const { limitBytes, maxObjects } = this.#options;
    return index.bytes + this.#leavingBytes + this.#reservedBytes > limitBytes || index.size + 1 > maxObjects;
  }
}
