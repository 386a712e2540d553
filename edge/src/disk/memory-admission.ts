import { LRUCache } from 'lru-cache';

export interface MemoryAdmissionOptions {
  /** What memory holds. */
  readonly memoryBytes: number;
}

/** Reads within the window that earn a place. */
const EARNED_READS = 3;
/** The window, in what is read within it for the first time, as a multiple of memory. */
const WINDOW_MEMORIES = 2;
/** Of the window, however small the objects are: about 10 MB of names. */
const MOST_KEYS = 65_536;

/**
 * Which objects on disk are worth a place in memory, where each pushes others out. Of those that are worth it, no more
 * than fill memory once, the coldest is asked for about once while as much is read: three reads within two memories'
 * worth tell it from objects of a library that is asked for evenly, which would push out nothing colder.
 */
export class MemoryAdmission {
  /** In order of the first read: later ones do not prolong the window. */
  readonly #reads: LRUCache<string, { count: number }>;
  readonly #windowBytes: number;

  constructor({ memoryBytes }: MemoryAdmissionOptions) {
    this.#windowBytes = Math.max(1, WINDOW_MEMORIES * memoryBytes);
    this.#reads = new LRUCache({ maxSize: this.#windowBytes, max: MOST_KEYS });
  }

  /** Whether the next read will earn it. */
  isNext(key: string): boolean {
    return (this.#reads.peek(key)?.count ?? 0) + 1 >= EARNED_READS;
  }

  /** Counts a read from disk. True: this one is to go to memory, and is counted from new. */
  read(key: string, bytes: number): boolean {
    const known = this.#reads.peek(key);
    if (known === undefined) {
      this.#reads.set(key, { count: 1 }, { size: Math.min(Math.max(1, bytes), this.#windowBytes) });
      return false;
    }
    known.count++;
    if (known.count < EARNED_READS) return false;
    this.#reads.delete(key);
    return true;
  }
}
