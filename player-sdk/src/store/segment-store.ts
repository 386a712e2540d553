import type { HeldSegment, SegmentName } from '../swarm/swarm.js';

export interface SegmentStoreOptions {
  /** Most bytes of segments kept. Default 64 MiB. */
  readonly memoryBytes?: number;
  /** A segment was given up to make room. */
  readonly onEvict?: (segment: HeldSegment) => void;
}

const DEFAULT_MEMORY_BYTES = 64 * 1024 * 1024;

/**
 * Verified segments, by root and by name, bounded in bytes.
 * The newest, up to half of the memory, stay: at a live edge they are what every other viewer asks for next, and
 * one who seeks back must not push them out. Of the others the least recently used goes first.
 */
export class SegmentStore {
  readonly #memoryBytes: number;
  readonly #onEvict: (segment: HeldSegment) => void;
  /** In order of arrival. */
  readonly #byName = new Map<string, Entry>();
  readonly #byRoot = new Map<string, Set<Entry>>();
  #bytes = 0;
  #uses = 0;

  constructor({ memoryBytes = DEFAULT_MEMORY_BYTES, onEvict = () => {} }: SegmentStoreOptions = {}) {
    this.#memoryBytes = memoryBytes;
    this.#onEvict = onEvict;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#byName.size;
  }

  /** Keeps a segment; another one of the same name goes. False: it is larger than the whole memory. */
  add(segment: HeldSegment): boolean {
    if (segment.bytes.length > this.#memoryBytes) return false;
    const key = nameKey(segment.name);
    const before = this.#byName.get(key);
    if (before !== undefined) this.#remove(key, before);
    const entry: Entry = { segment, used: ++this.#uses };
    this.#byName.set(key, entry);
    const root = hex(segment.digest.root);
    const alike = this.#byRoot.get(root);
    if (alike === undefined) this.#byRoot.set(root, new Set([entry]));
    else alike.add(entry);
    this.#bytes += segment.bytes.length;
    while (this.#bytes > this.#memoryBytes) this.#evict();
    return true;
  }

  /** Counts as a use. */
  byRoot(root: Uint8Array): HeldSegment | undefined {
    for (const entry of this.#byRoot.get(hex(root)) ?? []) return this.#use(entry);
    return undefined;
  }

  /** Counts as a use. */
  byName(name: SegmentName): HeldSegment | undefined {
    const entry = this.#byName.get(nameKey(name));
    return entry === undefined ? undefined : this.#use(entry);
  }

  /** Oldest arrival first. */
  names(): SegmentName[] {
    return [...this.#byName.values()].map(({ segment }) => segment.name);
  }

  /** Gives up those that match, without telling of evictions, and returns them. */
  drop(matches: (segment: HeldSegment) => boolean): HeldSegment[] {
    const dropped = [...this.#byName].filter(([, { segment }]) => matches(segment));
    for (const [key, entry] of dropped) this.#remove(key, entry);
    return dropped.map(([, { segment }]) => segment);
  }

  /** Gives up everything, without telling of evictions. */
  clear(): void {
    this.#byName.clear();
    this.#byRoot.clear();
    this.#bytes = 0;
  }

  #use(entry: Entry): HeldSegment {
    entry.used = ++this.#uses;
    return entry.segment;
  }

  #evict(): void {
    let olderBytes = this.#bytes - this.#memoryBytes / 2;
    let victim: [string, Entry] | undefined;
    for (const candidate of this.#byName) {
      if (olderBytes <= 0) break;
      olderBytes -= candidate[1].segment.bytes.length;
      if (victim === undefined || candidate[1].used < victim[1].used) victim = candidate;
    }
    if (victim === undefined) return;
    this.#remove(...victim);
    this.#onEvict(victim[1].segment);
  }

  #remove(key: string, entry: Entry): void {
    this.#byName.delete(key);
    this.#bytes -= entry.segment.bytes.length;
    const root = hex(entry.segment.digest.root);
    const alike = this.#byRoot.get(root);
    alike?.delete(entry);
    if (alike?.size === 0) this.#byRoot.delete(root);
  }
}

interface Entry {
  readonly segment: HeldSegment;
  used: number;
}

function nameKey({ rendition, sequence }: SegmentName): string {
  return `${rendition}/${sequence}`;
}

function hex(root: Uint8Array): string {
  let text = '';
  for (const byte of root) text += byte.toString(16).padStart(2, '0');
  return text;
}
