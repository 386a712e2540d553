import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { BLOCK_BYTES } from './checksum.js';
import type { DiskObject } from './disk-tier.js';
import { type DiskFileSystem, errorCode } from './file-system.js';
import {
  blocksOf,
  declaredHeaderBytes,
  decodeHeader,
  encodeHeader,
  headerBytesOf,
  type ObjectHeader,
  sumBlocks,
} from './object-format.js';

/** One folder for each first byte of a name, so that a million objects are four thousand a folder. */
const SUBFOLDERS: readonly string[] = Array.from({ length: 256 }, (_, index) =>
  index.toString(16).padStart(2, '0'),
);
/** Half a SHA-256: a clash would be found on reading, since the key is in the file, and never happens. */
const NAME = /^[0-9a-f]{32}$/;
/** The first read of an unknown file: nearly every header is whole in it. */
const FIRST_READ_BYTES = 4096;
/** What is no longer is written in one go: copying more to the thread that does it costs more than it saves. */
const PLACED_BYTES = 4 * BLOCK_BYTES;
/** Pieces between which other work gets its turn: their checksums take half a millisecond. */
const PIECE_BYTES = 128 * BLOCK_BYTES;

export interface FoundObject {
  readonly header: ObjectHeader;
  readonly changedMs: number;
}

/** Where the object's files are and how they are written; which ones there are the index knows. */
export class ObjectFiles {
  readonly #files: DiskFileSystem;
  readonly #root: string;
  #subfolders: readonly string[] = [];
  #written = 0;

  constructor({ files }: { readonly files: DiskFileSystem }, { folder }: { readonly folder: string }) {
    this.#files = files;
    this.#root = folder;
  }

  /** Those that may hold objects from before it was prepared. */
  get subfolders(): readonly string[] {
    return this.#subfolders;
  }

  pathOf(key: string): string {
    return this.#pathOfName(nameOf(key));
  }

  folderOf(key: string): string {
    return join(this.#root, nameOf(key).slice(0, 2));
  }

  /** Makes what is missing, and removes what a killed process had not finished. */
  async prepare(): Promise<void> {
    await this.#files.makeFolder(this.#root);
    const there = new Set(await this.#files.list(this.#root));
    this.#subfolders = SUBFOLDERS.filter((name) => there.has(name));
    for (const name of ['tmp', ...SUBFOLDERS]) {
      if (!there.has(name)) await this.#files.makeFolder(join(this.#root, name));
    }
    for (const name of await this.#files.list(join(this.#root, 'tmp'))) {
      await this.#files.unlink(join(this.#root, 'tmp', name));
    }
  }

  /** Names of the objects in a subfolder; strangers are left alone. */
  async names(subfolder: string): Promise<readonly string[]> {
    return (await this.#files.list(join(this.#root, subfolder))).filter((name) => NAME.test(name));
  }

  /** Rejects with ENOENT if there is none. Undefined: torn, rotten, or another object's. Does not look at the body. */
  async inspect(name: string): Promise<FoundObject | undefined> {
    const file = await this.#files.open(this.#pathOfName(name), 'read');
    const [facts, header] = await Promise.all([this.#files.stat(file), this.readHeader(file)]).finally(() => {
      // Not waited for: there may be a million files to look at.
      this.#files.close(file).catch(() => undefined);
    });
    if (header === undefined || header.headerBytes + header.bodyBytes !== facts.bytes) return undefined;
    return nameOf(header.key) === name ? { header, changedMs: facts.changedMs } : undefined;
  }

  async readHeader(file: number): Promise<ObjectHeader | undefined> {
    const start = Buffer.allocUnsafe(FIRST_READ_BYTES);
    const count = await this.#files.read(file, start, 0);
    const bytes = declaredHeaderBytes(start.subarray(0, count));
    if (bytes === undefined) return undefined;
    if (bytes <= count) return decodeHeader(start.subarray(0, count));
    const whole = Buffer.allocUnsafe(bytes);
    return (await this.#files.read(file, whole, 0)) === bytes ? decodeHeader(whole) : undefined;
  }

  /**
   * Into a file of its own which then takes the name, so that under the name there is always one whole object. Nothing
   * is synced: after a power cut a file may be torn, and its checksums tell. Resolves to the header's length.
   */
  async write(key: string, { meta, tags, body }: DiskObject): Promise<number> {
    const blockSums = new Uint32Array(blocksOf(body.length));
    const content = { key, tags, meta, bodyBytes: body.length, blockSums };
    const headerBytes = headerBytesOf(content);
    const path = join(this.#root, 'tmp', String(++this.#written));
    if (body.length <= PLACED_BYTES) {
      sumBlocks(body, 0, blockSums);
      await this.#files.place(path, this.pathOf(key), [encodeHeader(content), body]);
      return headerBytes;
    }
    const file = await this.#files.open(path, 'create');
    let closed = false;
    try {
      // The first piece last, since the header before it has the checksums of all.
      for (let at = lastPieceAt(body.length); at >= 0; at -= PIECE_BYTES) {
        const piece = body.subarray(at, at + PIECE_BYTES);
        sumBlocks(piece, at / BLOCK_BYTES, blockSums);
        if (at > 0) await this.#files.write(file, [piece], headerBytes + at);
        else await this.#files.write(file, [encodeHeader(content), piece], 0);
      }
      closed = true;
      await this.#files.close(file);
      await this.#files.rename(path, this.pathOf(key));
      return headerBytes;
    } catch (error) {
      if (!closed) await this.#files.close(file).catch(() => undefined);
      await this.#files.unlink(path).catch(() => undefined);
      throw error;
    }
  }

  /** In place, if it fits into the room. Resolves to whether it did. */
  async writeMeta(key: string, meta: Buffer, header: ObjectHeader): Promise<boolean> {
    if (meta.length > header.metaRoomBytes) return false;
    const file = await this.#files.open(this.pathOf(key), 'update');
    try {
      await this.#files.write(file, [encodeHeader({ ...header, meta })], 0);
      return true;
    } finally {
      await this.#files.close(file);
    }
  }

  /** Resolves to whether there was one. */
  async remove(name: string): Promise<boolean> {
    try {
      await this.#files.unlink(this.#pathOfName(name));
      return true;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return false;
      throw error;
    }
  }

  #pathOfName(name: string): string {
    return join(this.#root, name.slice(0, 2), name);
  }
}

export function nameOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

function lastPieceAt(bodyBytes: number): number {
  return Math.max(0, Math.ceil(bodyBytes / PIECE_BYTES) - 1) * PIECE_BYTES;
}
