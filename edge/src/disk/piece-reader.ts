import type { BufferPool } from './buffer-pool.js';
import { TornError } from './disk-errors.js';
import type { OpenedObject } from './disk-tier.js';
import type { DiskFileSystem } from './file-system.js';
import type { HandleCache, HeaderFacts, HeldFile } from './handle-cache.js';
import type { DiskEntry } from './lru-index.js';
import { decodeHeader } from './object-format.js';
import { isOf } from './object-reader.js';
import type { Slots } from './slots.js';

export interface PieceReaderComponents {
  readonly files: DiskFileSystem;
  readonly handles: HandleCache;
  readonly buffers: BufferPool;
  readonly reads: Slots;
  /** A body broke off while it was sent. */
  readonly onBroken: (entry: DiskEntry, error: unknown) => void;
}

export interface PieceReaderOptions {
  /** Read, and lent to a connection, at a time. */
  readonly pieceBytes: number;
  /** Once so many bytes are lent to slow clients, pieces are an eighth. */
  readonly lentBytes: number;
}

/** Reads bodies while they are sent, into few buffers that go round: what was written last is still in the CPU's cache. */
export class PieceReader {
  readonly #components: PieceReaderComponents;
  readonly #options: PieceReaderOptions;
  #lentBytes = 0;

  constructor(components: PieceReaderComponents, options: PieceReaderOptions) {
    this.#components = components;
    this.#options = options;
  }

  /** Rejects as `open` does; undefined: the file has another header than the index. */
  async open(entry: DiskEntry): Promise<OpenedObject | undefined> {
    const held = await this.#components.handles.hold(entry);
    try {
      held.facts ??= await this.#readFacts(held.file, entry);
    } catch (error) {
      held.letGo();
      throw error;
    }
    if (held.facts !== undefined) return this.#opened(entry, held, held.facts);
    held.letGo();
    return undefined;
  }

  /** The same without waiting, where the file is open already. */
  openKnown(entry: DiskEntry): OpenedObject | undefined {
    const held = this.#components.handles.holdKnown(entry);
    return held?.facts && this.#opened(entry, held, held.facts);
  }

  #opened(entry: DiskEntry, held: HeldFile, facts: HeaderFacts): OpenedObject {
    let users = 1;
    const leave = (): void => {
      if (--users === 0) held.letGo();
    };
    const enter = (): void => {
      if (users === 0) throw new Error(`${entry.key} was given back before it was read`);
      users++;
    };
    return {
      ...{ meta: facts.meta, tags: facts.tags, bodyBytes: entry.bodyBytes, whole: undefined },
      pieces: (start, end) => {
        enter();
        return this.#pieces(entry, held, { start, end }, leave);
      },
      hold: () => {
        enter();
        return leave;
      },
      release: leave,
    };
  }

  async #readFacts(file: number, entry: DiskEntry): Promise<HeldFile['facts']> {
    const { files, reads } = this.#components;
    const start = Buffer.allocUnsafe(entry.headerBytes);
    const count = await reads.run(() => files.read(file, start, 0));
    const header = count === start.length ? decodeHeader(start) : undefined;
    return header !== undefined && isOf(header, entry) ? { meta: header.meta, tags: header.tags } : undefined;
  }

  async *#pieces(
    entry: DiskEntry,
    { file }: HeldFile,
    { start, end }: { readonly start: number; readonly end: number },
    leave: () => void,
  ): AsyncGenerator<Buffer, void, undefined> {
    const { files, reads, buffers, onBroken } = this.#components;
    let lent = 0;
    try {
      for (let at = start; at < end; at += lent) {
        const piece = await reads.run(async () => {
          const wanted = Math.min(end - at, this.#pieceBytes());
          lent = wanted;
          this.#lentBytes += wanted;
          const buffer = buffers.take(wanted);
          if ((await files.read(file, buffer, entry.headerBytes + at)) === wanted) return buffer;
          throw new TornError(entry.key);
        });
        yield piece;
        // Whoever asks for the next has no need of this one any more; whoever leaves has not said so.
        this.#lentBytes -= lent;
        buffers.giveBack(piece);
      }
      lent = 0;
    } catch (error) {
      onBroken(entry, error);
      throw error;
    } finally {
      this.#lentBytes -= lent;
      leave();
    }
  }

  #pieceBytes(): number {
    const { pieceBytes, lentBytes } = this.#options;
    return this.#lentBytes < lentBytes ? pieceBytes : pieceBytes / 8;
  }
}
