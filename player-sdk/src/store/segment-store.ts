import type { HeldSegment, SegmentName } from '../swarm/swarm.js';

export interface SegmentStoreOptions {
  /** Most bytes of segments kept. Default 64 MiB. */
  readonly memoryBytes?: number;
  /** How many others hold it, as far as is known. Default: none. */
  readonly copiesOf?: (name: SegmentName) => number;
  /** A segment was given up to make room, or because its place has other bytes by now. */
  readonly onEvict?: (segment: HeldSegment) => void;
}

const DEFAULT_MEMORY_BYTES = 64 * 1024 * 1024;

/**
 * Verified segments, by root and by name, bounded in bytes.
 * The newest, up to half of the memory, stay: at a live edge they are what every other viewer asks for next, and
 * one who seeks back must not push them out. Of the others that goes first of which the others hold most copies, since
 * nobody nearby needs it of this player; of equals the least recently used.
 */
export class SegmentStore {
  readonly #memoryBytes: number;
  readonly #copiesOf: (name: SegmentName) => number;
  readonly #onEvict: (segment: HeldSegment) => void;
  /** In order of arrival. */
  readonly #byName = new Map<string, Entry>();
  readonly #byRoot = new Map<string, Set<Entry>>();
  readonly #byPlace = new Map<string, Set<Entry>>();
  #bytes = 0;
  #uses = 0;

  constructor({
    memoryBytes = DEFAULT_MEMORY_BYTES,
    copiesOf = () => 0,
    onEvict = () => {},
  }: SegmentStoreOptions = {}) {
    this.#memoryBytes = memoryBytes;
    this.#copiesOf = copiesOf;
    this.#onEvict = onEvict;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#byName.size;
  }

  /**
   * Keeps a segment; another one of the same name goes, and so do other bytes of the same place: who asks for them was
   * told of them before they were replaced. False: it is larger than the whole memory.
   */
  add(segment: HeldSegment): boolean {
    if (segment.bytes.length > this.#memoryBytes) return false;
    const key = nameKey(segment.name);
    const before = this.#byName.get(key);
    if (before !== undefined) this.#remove(key, before);
    const entry: Entry = { segment, used: ++this.#uses };
    const root = hex(segment.digest.root);
    for (const other of [...(this.#byPlace.get(placeKey(segment)) ?? [])]) {
      if (hex(other.segment.digest.root) !== root) this.#giveUp(nameKey(other.segment.name), other);
    }
    this.#byName.set(key, entry);
    addTo(this.#byRoot, root, entry);
    addTo(this.#byPlace, placeKey(segment), entry);
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
    this.#byPlace.clear();
    this.#bytes = 0;
  }

  #use(entry: Entry): HeldSegment {
    entry.used = ++this.#uses;
    return entry.segment;
  }

  #evict(): void {
    let olderBytes = this.#bytes - this.#memoryBytes / 2;
    let victim: { readonly key: string; readonly entry: Entry; readonly copies: number } | undefined;
    for (const [key, entry] of this.#byName) {
      if (olderBytes <= 0) break;
      olderBytes -= entry.segment.bytes.length;
      const copies = this.#copiesOf(entry.segment.name);
      const rather = victim === undefined ? 1 : copies - victim.copies || victim.entry.used - entry.used;
      if (rather > 0) victim = { key, entry, copies };
    }
    if (victim !== undefined) this.#giveUp(victim.key, victim.entry);
  }

  #giveUp(key: string, entry: Entry): void {
    this.#remove(key, entry);
    this.#onEvict(entry.segment);
  }

  #remove(key: string, entry: Entry): void {
    this.#byName.delete(key);
    this.#bytes -= entry.segment.bytes.length;
    removeFrom(this.#byRoot, hex(entry.segment.digest.root), entry);
    removeFrom(this.#byPlace, placeKey(entry.segment), entry);
  }
}

interface Entry {
  readonly segment: HeldSegment;
  used: number;
}

function nameKey({ rendition, sequence }: SegmentName): string {
  return `${rendition}/${sequence}`;
}

/** Where the edge has the bytes. */
function placeKey({ digest }: HeldSegment): string {
  return `${digest.path}\n${digest.start}`;
}

function addTo(entries: Map<string, Set<Entry>>, key: string, entry: Entry): void {
  const alike = entries.get(key);
  if (alike === undefined) entries.set(key, new Set([entry]));
  else alike.add(entry);
}

function removeFrom(entries: Map<string, Set<Entry>>, key: string, entry: Entry): void {
  const alike = entries.get(key);
  alike?.delete(entry);
  if (alike?.size === 0) entries.delete(key);
}

function hex(root: Uint8Array): string {
  let text = '';
  for (const byte of root) text += byte.toString(16).padStart(2, '0');
  return text;
}
