import type { Clock } from '../components.js';
import { BufferPool } from './buffer-pool.js';
import { isOutOfFiles, TornError } from './disk-errors.js';
import type { DiskCounts, DiskHit, OpenedObject } from './disk-tier.js';
import type { DiskFileSystem } from './file-system.js';
import type { HandleCache } from './handle-cache.js';
import type { KeyQueue } from './key-queue.js';
import type { DiskEntry, LruIndex } from './lru-index.js';
import { type ByteRange, ObjectReader, type ReadResult, readFailure } from './object-reader.js';
import { PieceReader, type PieceReaderOptions } from './piece-reader.js';
import { Slots } from './slots.js';

export interface DiskReadsComponents {
  readonly files: DiskFileSystem;
  /** Since the epoch. */
  readonly wallClock: Clock;
  readonly counts: DiskCounts;
  readonly handles: HandleCache;
  readonly index: LruIndex;
  readonly keys: KeyQueue;
  /** Something failed that may mean that the whole folder does. */
  readonly suspect: (error: unknown) => void;
  /** Looks into the folder for what is not indexed yet. */
  readonly probe: (key: string) => Promise<DiskEntry | undefined>;
  /** It is not to be found again. */
  readonly discard: (entry: DiskEntry) => Promise<void>;
}

export interface DiskReadsOptions extends PieceReaderOptions {
  readonly atOnce: number;
  readonly waitingReads: number;
  readonly touchMs: number;
  readonly idleBufferBytes: number;
}

/** Something changed under the reader so often that it gives up. */
const READ_ATTEMPTS = 3;
/** How long a body that was verified is taken for sound. */
const SOUND_SECONDS = 3600;

/** Finds, verifies and opens the objects of an index; removes what does not hold. */
export class DiskReads {
  readonly #components: DiskReadsComponents;
  readonly #options: DiskReadsOptions;
  readonly #slots: Slots;
  readonly #reader: ObjectReader;
  readonly #pieces: PieceReader;

  constructor(components: DiskReadsComponents, options: DiskReadsOptions) {
    const { files, handles } = components;
    this.#components = components;
    this.#options = options;
    this.#slots = new Slots({ count: options.atOnce });
    const buffers = new BufferPool({ idleBytes: options.idleBufferBytes });
    this.#reader = new ObjectReader({ files, handles, buffers });
    this.#pieces = new PieceReader(
      {
        ...{ files, handles, buffers, reads: this.#slots },
        onBroken: (entry, error) => this.#onBroken(entry, error),
      },
      options,
    );
  }

  read(key: string, range: ByteRange | undefined): Promise<DiskHit | undefined> {
    return this.#find(key, (entry) => this.#read(entry, range));
  }

  open(key: string): Promise<OpenedObject | undefined> {
    return this.#find(key, async (entry) => {
      if (this.#isSound(entry)) return this.#open(entry);
      const result = await this.#read(entry, undefined);
      return result.kind === 'hit' ? { kind: 'hit', hit: atOnce(result.hit) } : result;
    });
  }

  openKnown(key: string): OpenedObject | undefined {
    const entry = this.#components.index.peek(key);
    if (entry === undefined || !this.#isSound(entry) || this.#isOverrun) return undefined;
    const opened = this.#pieces.openKnown(entry);
    if (opened !== undefined) this.#countHit(entry);
    return opened;
  }

  /** Whole and verified, under the key's queue. Does not count. */
  async forRewriting(entry: DiskEntry): Promise<DiskHit | undefined> {
    const result = await this.#reader.read(entry, undefined);
    return result.kind === 'hit' ? result.hit : undefined;
  }

  get #isOverrun(): boolean {
    return this.#slots.waiting >= this.#options.waitingReads;
  }

  #isSound({ soundSeconds }: DiskEntry): boolean {
    return this.#nowSeconds() - soundSeconds < SOUND_SECONDS;
  }

  async #read(entry: DiskEntry, range: ByteRange | undefined): Promise<ReadResult> {
    const result = await this.#slots.run(() => this.#reader.read(entry, range));
    if (result.kind === 'hit' && range === undefined) entry.soundSeconds = this.#nowSeconds();
    return result;
  }

  async #open(entry: DiskEntry): Promise<ReadResult<OpenedObject>> {
    try {
      const hit = await this.#pieces.open(entry);
      return hit === undefined ? { kind: 'unsound' } : { kind: 'hit', hit };
    } catch (error) {
      return readFailure(error);
    }
  }

  /** The newest object of the key, which `read` reads; what does not hold is removed. */
  async #find<Hit extends { release(): void }>(
    key: string,
    read: (entry: DiskEntry) => Promise<ReadResult<Hit>>,
  ): Promise<Hit | undefined> {
    const { counts, index, keys, probe, suspect, handles, discard } = this.#components;
    for (let attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
      const entry = index.peek(key) ?? (await probe(key));
      if (entry === undefined) break;
      const { version } = entry;
      if (this.#isOverrun) {
        counts.skippedReads++;
        break;
      }
      const result = await read(entry);
      if (result.kind === 'hit') {
        if (!entry.gone) {
          this.#countHit(entry);
          return result.hit;
        }
        result.hit.release();
      } else if (!entry.gone && entry.version === version && !keys.isBusy(key)) {
        if (result.kind === 'unsound') counts.corrupt++;
        if (result.kind === 'missing') suspect(new Error(`the file of ${key} is gone`));
        if (result.kind === 'failed') this.#countReadError(result.error);
        if (result.kind === 'failed' && isOutOfFiles(result.error)) handles.dropHalf();
        else await discard(entry);
        break;
      }
      // It changed meanwhile: a second look decides.
      await keys.idle(key);
    }
    counts.misses++;
    return undefined;
  }

  #countHit(entry: DiskEntry): void {
    const { counts, files, index, handles, suspect } = this.#components;
    counts.hits++;
    index.use(entry);
    const now = this.#nowSeconds();
    if ((now - entry.touchedSeconds) * 1000 >= this.#options.touchMs) {
      entry.touchedSeconds = now;
      handles.use(entry, (file) => files.touch(file, now * 1000)).catch(suspect);
    }
  }

  /** It was sound, and is not any more, or the disk fails: whoever was reading is cut, the next one misses. */
  #onBroken(entry: DiskEntry, error: unknown): void {
    if (error instanceof TornError) this.#components.counts.corrupt++;
    else this.#countReadError(error);
    if (!entry.gone) void this.#components.discard(entry);
  }

  #countReadError(error: unknown): void {
    this.#components.counts.readErrors++;
    if (!isOutOfFiles(error)) this.#components.suspect(error);
  }

  #nowSeconds(): number {
    return Math.floor(this.#components.wallClock.now() / 1000);
  }
}

/** What was read whole, as one piece. */
function atOnce({ meta, tags, bodyBytes, body }: DiskHit): OpenedObject {
  return {
    ...{ meta, tags, bodyBytes, whole: body },
    async *pieces(start, end) {
      yield body.subarray(start, end);
    },
    hold: () => () => {},
    // Several may be sending it: the garbage collector knows when the last is done.
    release() {},
  };
}
