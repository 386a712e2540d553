import type { Clock } from '../components.js';
import { isFull, TornError } from './disk-errors.js';
import { DiskReads, type DiskReadsOptions } from './disk-reads.js';
import {
  type DiskCounts,
  type DiskHit,
  type DiskMatch,
  type DiskObject,
  DiskPurgeError,
  type MetaChange,
  type OpenedObject,
  type WriteOutcome,
} from './disk-tier.js';
import { eachMatch } from './each-match.js';
import type { DiskFileSystem } from './file-system.js';
import { HandleCache } from './handle-cache.js';
import { KeyQueue } from './key-queue.js';
import { type DiskEntry, fileBytesOf, LruIndex } from './lru-index.js';
import { type FoundObject, nameOf, ObjectFiles } from './object-files.js';
import { headerBytesOf } from './object-format.js';
import type { ByteRange } from './object-reader.js';
import { rebuildIndex } from './rebuild.js';
import { Room } from './room.js';
import { Slots } from './slots.js';
import { WriteQueue, type Writing } from './write-queue.js';

export interface DiskStoreComponents {
  readonly files: DiskFileSystem;
  /** Since the epoch. */
  readonly wallClock: Clock;
  readonly counts: DiskCounts;
  /** Something failed that may mean that the whole folder does. */
  readonly suspect: (error: unknown) => void;
}

export interface DiskStoreOptions extends DiskReadsOptions {
  readonly folder: string;
  readonly limitBytes: number;
  readonly maxObjects: number;
  readonly writeQueueBytes: number;
  readonly writesAtOnce: number;
  readonly openFiles: number;
}

/** Read at once, so it must fit into one call; what is larger is stored in slices. */
const MAX_FILE_BYTES = 1024 * 1024 * 1024;
/** A full disk: so much of the limit is freed at least. */
const FULL_SHARE = 0.01;

/** The objects of one usable, locked folder. A folder that fails and comes back gets a new one. */
export class DiskStore {
  readonly #components: DiskStoreComponents;
  readonly #options: DiskStoreOptions;
  readonly #objects: ObjectFiles;
  readonly #index: LruIndex;
  readonly #handles: HandleCache;
  readonly #room: Room;
  readonly #keys: KeyQueue = new KeyQueue();
  readonly #reads: DiskReads;
  readonly #writes: Slots;
  readonly #queue: WriteQueue;
  /** While it is rebuilt: names about which the index knows better than the folder. Else undefined. */
  #settled: Set<string> | undefined = new Set();
  #rebuilt: Promise<void> | undefined;
  #full = false;
  #stopped = false;

  constructor(components: DiskStoreComponents, options: DiskStoreOptions) {
    const { files } = components;
    const { folder, openFiles, touchMs } = options;
    this.#components = components;
    this.#options = options;
    this.#objects = new ObjectFiles({ files }, { folder });
    this.#index = new LruIndex({ graspSeconds: Math.max(1, Math.round(touchMs / 1000)) });
    this.#handles = new HandleCache(
      { files },
      { count: openFiles, pathOf: (key) => this.#objects.pathOf(key) },
    );
    this.#reads = new DiskReads(
      {
        ...components,
        ...{ handles: this.#handles, index: this.#index, keys: this.#keys },
        probe: (key) => this.#probe(key),
        discard: (entry) => this.#discard(entry),
      },
      options,
    );
    this.#room = new Room({ index: this.#index, evict: (entry) => this.#evict(entry) }, options);
    this.#writes = new Slots({ count: options.writesAtOnce });
    this.#queue = new WriteQueue({ limitBytes: options.writeQueueBytes });
  }

  get objects(): number {
    return this.#index.size;
  }

  get bytes(): number {
    return this.#index.bytes;
  }

  get isFull(): boolean {
    return this.#full;
  }

  get isRebuilding(): boolean {
    return this.#settled !== undefined;
  }

  /** Rejects if the folder cannot be used. */
  prepare(): Promise<void> {
    return this.#objects.prepare();
  }

  /** Indexes what the folder holds; a second call waits for the first. Rejects if it cannot be listed. */
  rebuild(): Promise<void> {
    this.#rebuilt ??= this.#indexAll();
    return this.#rebuilt;
  }

  mayHave(key: string): boolean {
    if (this.#index.peek(key) !== undefined) return true;
    return this.#settled !== undefined && !this.#settled.has(nameOf(key));
  }

  read(key: string, range: ByteRange | undefined): Promise<DiskHit | undefined> {
    return this.#reads.read(key, range);
  }

  open(key: string): Promise<OpenedObject | undefined> {
    return this.#reads.open(key);
  }

  openKnown(key: string): OpenedObject | undefined {
    return this.#reads.openKnown(key);
  }

  async write(key: string, object: DiskObject): Promise<WriteOutcome> {
    const { body, meta, tags } = object;
    const headerBytes = headerBytesOf({ key, tags, meta, bodyBytes: body.length });
    const bytes = fileBytesOf({ headerBytes, bodyBytes: body.length });
    if (bytes > Math.min(this.#options.limitBytes / 2, MAX_FILE_BYTES)) return 'disk-object-too-large';
    const writing = this.#queue.admit({ key, tags }, bytes, this.isRebuilding);
    if (typeof writing === 'string') return writing;
    try {
      const first = await this.#writeInto(writing, object);
      if (first !== 'disk-full') return first;
      const leastBytes = Math.max(2 * bytes, this.#options.limitBytes * FULL_SHARE);
      const freed = this.#settled === undefined && (await this.#room.sweep(leastBytes));
      return freed ? await this.#writeInto(writing, object) : 'disk-full';
    } finally {
      this.#queue.end(writing);
    }
  }

  async updateMeta(key: string, change: MetaChange): Promise<boolean> {
    return this.#keys.run(key, async () => {
      const entry = this.#index.peek(key) ?? (await this.#probe(key));
      if (entry === undefined) return false;
      try {
        const header = await this.#handles.use(entry, (file) => this.#objects.readHeader(file));
        if (header?.key !== key) throw new TornError(key);
        const meta = change(header.meta);
        if (meta === undefined) return false;
        if (await this.#objects.writeMeta(key, meta, header)) {
          entry.version++;
          // It remembers what the header said.
          this.#handles.drop(entry);
        } else await this.#rewrite(entry, meta);
        return true;
      } catch (error) {
        if (error instanceof TornError) this.#components.counts.corrupt++;
        else {
          this.#components.counts.writeErrors++;
          this.#components.suspect(error);
        }
        // Half written, or with the old lifetime: neither may be found again.
        await this.#removeNow(entry);
        return false;
      }
    });
  }

  async updateWhere(matches: DiskMatch, change: MetaChange): Promise<readonly string[]> {
    const changed = new Set<string>();
    await this.#eachMatch(matches, async (key) => {
      if (await this.updateMeta(key, change)) changed.add(key);
    });
    return [...changed];
  }

  async delete(key: string): Promise<boolean> {
    const existed = await this.#purge(key);
    if (existed) await this.#sync([key]);
    return existed;
  }

  async deleteWhere(matches: DiskMatch): Promise<readonly string[]> {
    const purged = new Set<string>();
    await this.#eachMatch(matches, async (key) => {
      if (await this.#purge(key)) purged.add(key);
    });
    await this.#sync(purged);
    return [...purged];
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    this.#stopped = true;
    await this.#rebuilt?.catch(() => undefined);
    await this.#keys.allIdle();
    await this.#handles.close();
  }

  async #indexAll(): Promise<void> {
    const { counts } = this.#components;
    const components = {
      objects: this.#objects,
      isSettled: (name: string) => this.#settled?.has(name) ?? true,
      found: (object: FoundObject) => void this.#index.putFound(factsOf(object)),
      unsound: async (name: string, error: unknown) => {
        if (error === undefined) counts.corrupt++;
        else counts.readErrors++;
        await this.#objects.remove(name).catch(this.#components.suspect);
      },
      isStopped: () => this.#stopped,
    };
    await rebuildIndex(components, { atOnce: Math.min(2, this.#options.atOnce) });
    if (this.#stopped) throw new Error('the index was not rebuilt to its end');
    this.#settled = undefined;
    this.#index.joinFound();
    this.#room.resume();
  }

  /** One attempt; what goes wrong becomes a word. */
  async #writeInto(writing: Writing, object: DiskObject): Promise<WriteOutcome> {
    const { key, bytes } = writing;
    const giveBack = await this.#room.reserve(bytes);
    if (giveBack === undefined) return 'disk-full';
    try {
      await this.#keys.run(key, async () => {
        if (!writing.purged) await this.#writes.run(() => this.#replace(key, object));
      });
      // One that came while it was written removes it, being behind it in the queue.
      if (writing.purged) return 'disk-purged';
      this.#full = false;
      this.#components.counts.writes++;
      return 'stored';
    } catch (error) {
      this.#components.counts.writeErrors++;
      if (isFull(error)) {
        this.#full = true;
        return 'disk-full';
      }
      this.#components.suspect(error);
      return 'disk-failed';
    } finally {
      giveBack();
      this.#room.sweepIfHigh();
    }
  }

  /** Under the key's queue. If it fails, the old object has left the index and the folder too. */
  async #replace(key: string, object: DiskObject): Promise<void> {
    this.#settled?.add(nameOf(key));
    const before = this.#index.peek(key);
    let headerBytes: number;
    try {
      headerBytes = await this.#objects.write(key, object);
    } catch (error) {
      if (before !== undefined) await this.#removeNow(before);
      else await this.#objects.remove(nameOf(key)).catch(this.#components.suspect);
      throw error;
    }
    const current = this.#index.peek(key);
    if (current !== undefined) this.#handles.drop(current);
    const touchedSeconds = this.#nowSeconds();
    this.#index.put({ key, tags: object.tags, headerBytes, bodyBytes: object.body.length, touchedSeconds });
  }

  async #rewrite(entry: DiskEntry, meta: Buffer): Promise<void> {
    const hit = await this.#reads.forRewriting(entry);
    if (hit === undefined) throw new TornError(entry.key);
    const { tags, body, release } = hit;
    await this.#replace(entry.key, { meta, tags, body });
    release();
  }

  /** While the index is rebuilt: looks whether the folder has it. */
  async #probe(key: string): Promise<DiskEntry | undefined> {
    const name = nameOf(key);
    if (this.#settled === undefined || this.#settled.has(name)) return undefined;
    const found = await this.#objects.inspect(name).catch(() => undefined);
    // Meanwhile it may have been indexed, written or purged.
    if (this.#settled?.has(name) !== false || this.#index.peek(key) !== undefined)
      return this.#index.peek(key);
    if (found === undefined || found.header.key !== key) return undefined;
    this.#settled.add(name);
    return this.#index.put(factsOf(found));
  }

  async #evict(entry: DiskEntry): Promise<void> {
    this.#components.counts.evictions++;
    await this.#discard(entry);
  }

  /** Out of the index at once, out of the folder in its turn, unless there is a newer one by then. */
  async #discard(entry: DiskEntry): Promise<void> {
    this.#forget(entry);
    await this.#keys.run(entry.key, async () => {
      if (this.#index.peek(entry.key) === undefined) await this.#removeNow(entry);
    });
  }

  /** Under the key's queue. */
  async #removeNow(entry: DiskEntry): Promise<void> {
    this.#forget(entry);
    await this.#objects.remove(nameOf(entry.key)).catch(this.#components.suspect);
  }

  #forget(entry: DiskEntry): void {
    this.#settled?.add(nameOf(entry.key));
    this.#index.remove(entry);
    this.#handles.drop(entry);
  }

  /** @throws DiskPurgeError */
  async #purge(key: string): Promise<boolean> {
    const name = nameOf(key);
    this.#settled?.add(name);
    const forget = (): void => {
      const entry = this.#index.peek(key);
      if (entry !== undefined) this.#forget(entry);
    };
    forget();
    // One that has not begun yet would otherwise come after the purge.
    this.#queue.purge(key);
    return this.#keys.run(key, async () => {
      // What was being written when the purge came.
      forget();
      try {
        const existed = await this.#objects.remove(name);
        if (existed) this.#components.counts.purged++;
        return existed;
      } catch (error) {
        this.#components.suspect(error);
        throw new DiskPurgeError(`the disk does not remove ${key}`, { cause: error });
      }
    });
  }

  /** So that a power cut does not undo a purge either. @throws DiskPurgeError */
  async #sync(keys: Iterable<string>): Promise<void> {
    const folders = new Set(Array.from(keys, (key) => this.#objects.folderOf(key)));
    try {
      for (const folder of folders) await this.#components.files.syncFolder(folder);
    } catch (error) {
      throw new DiskPurgeError('the disk does not confirm the purge', { cause: error });
    }
  }

  /** Now what is known, and once more when the index is whole. @throws DiskPurgeError */
  async #eachMatch(matches: DiskMatch, run: (key: string) => Promise<void>): Promise<void> {
    await eachMatch(this.#queue, matches, run);
    await eachMatch(this.#index.entries(), matches, run);
    if (this.#settled === undefined) return;
    await this.rebuild().catch((error: unknown) => {
      throw new DiskPurgeError('the index was not rebuilt', { cause: error });
    });
    await eachMatch(this.#index.entries(), matches, run);
  }

  #nowSeconds(): number {
    return Math.floor(this.#components.wallClock.now() / 1000);
  }
}

function factsOf({ header, changedMs }: FoundObject): ConstructorParameters<typeof DiskEntry>[0] {
  const { key, tags, headerBytes, bodyBytes } = header;
  return { key, tags, headerBytes, bodyBytes, touchedSeconds: Math.floor(changedMs / 1000) };
}
