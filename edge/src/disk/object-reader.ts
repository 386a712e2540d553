import { setImmediate } from 'node:timers/promises';
import type { BufferPool } from './buffer-pool.js';
import { BLOCK_BYTES } from './checksum.js';
import type { DiskHit } from './disk-tier.js';
import { type DiskFileSystem, errorCode } from './file-system.js';
import type { HandleCache } from './handle-cache.js';
import type { DiskEntry } from './lru-index.js';
import { blocksAreSound, decodeHeader, type ObjectHeader } from './object-format.js';

/** Bytes of the body, `end` exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export type ReadResult<Hit = DiskHit> =
  | { readonly kind: 'hit'; readonly hit: Hit }
  /** Torn, rotten, another object's, or changed while it was read. */
  | { readonly kind: 'unsound' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly error: unknown };

export interface ObjectReaderComponents {
  readonly files: DiskFileSystem;
  readonly handles: HandleCache;
  readonly buffers: BufferPool;
}

/** Other work gets its turn after so many bytes: half a millisecond of checksums. */
const TURN_BYTES = 128 * BLOCK_BYTES;

/** Reads an object's header and the blocks of `range` (default: all) into one buffer, and verifies both. */
export class ObjectReader {
  readonly #components: ObjectReaderComponents;

  constructor(components: ObjectReaderComponents) {
    this.#components = components;
  }

  async read(entry: DiskEntry, range: ByteRange | undefined): Promise<ReadResult> {
    const { handles, buffers } = this.#components;
    const { headerBytes, bodyBytes, version } = entry;
    const end = Math.min(range?.end ?? bodyBytes, bodyBytes);
    const start = Math.min(range?.start ?? 0, end);
    const firstBlock = start === end ? 0 : Math.floor(start / BLOCK_BYTES);
    const from = firstBlock * BLOCK_BYTES;
    const to = start === end ? 0 : Math.min(Math.ceil(end / BLOCK_BYTES) * BLOCK_BYTES, bodyBytes);
    let memory: Buffer | undefined;
    try {
      const buffer = buffers.take(headerBytes + to - from);
      memory = buffer;
      const whole = await handles.use(entry, (file) => this.#fill(file, buffer, headerBytes, from));
      const header = whole ? decodeHeader(buffer) : undefined;
      if (header !== undefined && isOf(header, entry) && (await isSound(buffer, firstBlock, header))) {
        memory = undefined;
        const body = buffer.subarray(headerBytes + start - from, headerBytes + end - from);
        const { meta, tags } = header;
        // Changed meanwhile: then the file says something else by now.
        if (entry.version === version && !entry.gone) handles.note(entry, { meta, tags });
        return { kind: 'hit', hit: { meta, tags, bodyBytes, body, release: () => buffers.giveBack(buffer) } };
      }
      return { kind: 'unsound' };
    } catch (error) {
      return readFailure(error);
    } finally {
      if (memory !== undefined) buffers.giveBack(memory);
    }
  }

  /** One read where header and blocks are neighbours, else two at once. False: the file is too short. */
  async #fill(file: number, buffer: Buffer, headerBytes: number, from: number): Promise<boolean> {
    const { files } = this.#components;
    if (from === 0) return (await files.read(file, buffer, 0)) === buffer.length;
    const [header, blocks] = await Promise.all([
      files.read(file, buffer.subarray(0, headerBytes), 0),
      files.read(file, buffer.subarray(headerBytes), headerBytes + from),
    ]);
    return header + blocks === buffer.length;
  }
}

export function readFailure(error: unknown): Exclude<ReadResult, { readonly kind: 'hit' }> {
  return errorCode(error) === 'ENOENT' ? { kind: 'missing' } : { kind: 'failed', error };
}

/** Whether the index means this object. */
export function isOf(header: ObjectHeader, entry: DiskEntry): boolean {
  const { key, headerBytes, bodyBytes } = header;
  return key === entry.key && headerBytes === entry.headerBytes && bodyBytes === entry.bodyBytes;
}

async function isSound(buffer: Buffer, firstBlock: number, header: ObjectHeader): Promise<boolean> {
  for (let at = header.headerBytes, block = firstBlock; at < buffer.length; at += TURN_BYTES) {
    if (!blocksAreSound(buffer.subarray(at, at + TURN_BYTES), block, header)) return false;
    block += TURN_BYTES / BLOCK_BYTES;
    if (at + TURN_BYTES < buffer.length) await setImmediate();
  }
  return true;
}
