import type { Labels } from './disk-tier.js';

/** An object on disk. Its place in the list says when it was used. */
export class DiskEntry implements Labels {
  readonly key: string;
  readonly tags: string;
  readonly headerBytes: number;
  readonly bodyBytes: number;
  /** Seconds since the epoch; the file's time of change, which survives a restart. */
  touchedSeconds: number;
  /** Grows with each change of the file in place. */
  version = 0;
  /** Purged, replaced or evicted: whoever is still reading it must not hand it out. */
  gone = false;
  /** When its whole body last agreed with its checksums, seconds since the epoch. 0: not in the life of this process. */
  soundSeconds = 0;
  /** Which list of found ones it is in while the index is rebuilt; none: -1. */
  foundSlot = -1;
  newer: DiskEntry | undefined = undefined;
  older: DiskEntry | undefined = undefined;

  constructor({ key, tags, headerBytes, bodyBytes, touchedSeconds }: EntryFacts) {
    this.key = key;
    this.tags = tags;
    this.headerBytes = headerBytes;
    this.bodyBytes = bodyBytes;
    this.touchedSeconds = touchedSeconds;
  }
}

export interface EntryFacts extends Labels {
  readonly headerBytes: number;
  readonly bodyBytes: number;
  readonly touchedSeconds: number;
}

/** Common file systems give space in blocks of this size. */
const ALLOCATION_BYTES = 4096;

export function fileBytesOf({
  headerBytes,
  bodyBytes,
}: Pick<DiskEntry, 'headerBytes' | 'bodyBytes'>): number {
  return Math.ceil((headerBytes + bodyBytes) / ALLOCATION_BYTES) * ALLOCATION_BYTES;
}

/** Entries in one order of use: a doubly linked list, each step O(1). */
class UseOrder {
  newest: DiskEntry | undefined = undefined;
  oldest: DiskEntry | undefined = undefined;

  add(entry: DiskEntry): void {
    entry.older = this.newest;
    entry.newer = undefined;
    if (this.newest === undefined) this.oldest = entry;
    else this.newest.newer = entry;
    this.newest = entry;
  }

  remove(entry: DiskEntry): void {
    if (entry.newer === undefined) this.newest = entry.older;
    else entry.newer.older = entry.older;
    if (entry.older === undefined) this.oldest = entry.newer;
    else entry.older.newer = entry.newer;
    entry.newer = undefined;
    entry.older = undefined;
  }

  /** Takes over all of `other` as older than its own. */
  appendOlder(other: UseOrder): void {
    if (other.newest === undefined) return;
    if (this.oldest === undefined) this.newest = other.newest;
    else {
      this.oldest.older = other.newest;
      other.newest.newer = this.oldest;
    }
    this.oldest = other.oldest;
  }
}

/**
 * Which objects the folder holds, in order of use. About 250 bytes an object beside its key (docs/decisions/0066).
 *
 * While it is rebuilt, what is found is laid into one list for each while of `graspSeconds`; they are joined at the end.
 * So no entry is ever sorted, and order within such a while is lost, which touching files rarely loses anyway.
 */
export class LruIndex {
  readonly #entries: Map<string, DiskEntry> = new Map();
  readonly #order: UseOrder = new UseOrder();
  readonly #tags: Map<string, { readonly text: string; uses: number }> = new Map();
  readonly #found: Map<number, UseOrder> = new Map();
  readonly #graspSeconds: number;
  #bytes = 0;

  constructor({ graspSeconds }: { readonly graspSeconds: number }) {
    this.#graspSeconds = graspSeconds;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get oldest(): DiskEntry | undefined {
    return this.#order.oldest;
  }

  peek(key: string): DiskEntry | undefined {
    return this.#entries.get(key);
  }

  /** Makes it the most recently used. */
  use(entry: DiskEntry): void {
    if (this.#entries.get(entry.key) !== entry) return;
    this.#orderOf(entry).remove(entry);
    entry.foundSlot = -1;
    this.#order.add(entry);
  }

  /** As the most recently used, in place of what had the key. */
  put(facts: EntryFacts): DiskEntry {
    const entry = this.#enter(facts);
    this.#order.add(entry);
    return entry;
  }

  /** By its time, below what is used meanwhile. Call `joinFound` in the end. */
  putFound(facts: EntryFacts): DiskEntry {
    const entry = this.#enter(facts);
    const slot = Math.floor(facts.touchedSeconds / this.#graspSeconds);
    let order = this.#found.get(slot);
    if (order === undefined) {
      order = new UseOrder();
      this.#found.set(slot, order);
    }
    order.add(entry);
    entry.foundSlot = slot;
    return entry;
  }

  joinFound(): void {
    const slots = [...this.#found.keys()].sort((a, b) => b - a);
    for (const slot of slots) {
      const order = this.#found.get(slot);
      if (order !== undefined) this.#order.appendOlder(order);
    }
    this.#found.clear();
  }

  /** Whether it was there. */
  remove(entry: DiskEntry): boolean {
    if (this.#entries.get(entry.key) !== entry) return false;
    entry.gone = true;
    this.#entries.delete(entry.key);
    this.#orderOf(entry).remove(entry);
    this.#bytes -= fileBytesOf(entry);
    const tags = this.#tags.get(entry.tags);
    if (tags !== undefined && --tags.uses === 0) this.#tags.delete(entry.tags);
    return true;
  }

  /** In no order; may be iterated while entries come and go. */
  entries(): IterableIterator<DiskEntry> {
    return this.#entries.values();
  }

  #enter(facts: EntryFacts): DiskEntry {
    const before = this.#entries.get(facts.key);
    if (before !== undefined) this.remove(before);
    const entry = new DiskEntry({ ...facts, tags: this.#intern(facts.tags) });
    this.#entries.set(entry.key, entry);
    this.#bytes += fileBytesOf(entry);
    return entry;
  }

  /** Objects of a title have the same tags; they are held once. */
  #intern(text: string): string {
    const known = this.#tags.get(text);
    if (known === undefined) this.#tags.set(text, { text, uses: 1 });
    else known.uses++;
    return known?.text ?? text;
  }

  #orderOf(entry: DiskEntry): UseOrder {
    return this.#found.get(entry.foundSlot) ?? this.#order;
  }
}
