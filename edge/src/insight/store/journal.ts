import { type FileHandle, open, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { InsightError } from '../errors.js';

/** What is acknowledged must fit into the database as well. */
const RESERVED_BYTES = 8 * 1024 * 1024;
/** After so many more it is looked at again how much is free. */
const UNSEEN_BYTES = 256 * 1024;

export interface JournalRecord {
  /** Rising. */
  readonly number: number;
  readonly text: string;
}

/**
 * A file to which records are added until they are kept elsewhere; a record that was added outlives a crash. A line is
 * one record: checksum, number, text. Only the last one can be torn, and counts as never written then.
 */
export class Journal {
  readonly #file: string;
  readonly #handle: FileHandle;
  #end: number;
  /** Up to where there is room. */
  #roomy = 0;
  #last: number;

  private constructor(file: string, handle: FileHandle, { end, last }: { end: number; last: number }) {
    this.#file = file;
    this.#handle = handle;
    this.#end = end;
    this.#last = last;
  }

  /**
   * With the records that are in it. Numbers go on after `last`, or after the last record.
   *
   * @throws InsightError `store-unreadable`
   */
  static async open(
    file: string,
    last: number,
  ): Promise<{ readonly journal: Journal; readonly records: readonly JournalRecord[] }> {
    const handle = await open(file, 'a+', 0o600).then(async (made) => {
      await made.close();
      return open(file, 'r+');
    });
    try {
      await syncFolder(dirname(file));
      const { records, end } = readRecords(await handle.readFile(), file);
      await handle.truncate(end);
      const journal = new Journal(file, handle, { end, last: Math.max(last, records.at(-1)?.number ?? 0) });
      return { journal, records };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Number of the last record. */
  get last(): number {
    return this.#last;
  }

  get sizeBytes(): number {
    return this.#end;
  }

  /** Resolves when the record is on disk. @throws InsightError `store-full`; nothing was added then. */
  async append(text: string): Promise<void> {
    const body = `${this.#last + 1} ${text}`;
    const line = Buffer.from(`${checksum(body)} ${body}\n`);
    if (this.#end + line.length > this.#roomy) await this.#findRoom(line.length);
    try {
      // At its place: what a write before this one may have left half done is written over.
      for (let done = 0; done < line.length; ) {
        const { bytesWritten } = await this.#handle.write(line, done, line.length - done, this.#end + done);
        done += bytesWritten;
      }
      await this.#handle.datasync();
    } catch (error) {
      await this.#handle.truncate(this.#end).catch(() => undefined);
      throw error;
    }
    this.#end += line.length;
    this.#last++;
  }

  /** All records are kept elsewhere. */
  async clear(): Promise<void> {
    if (this.#end === 0) return;
    await this.#handle.truncate(0);
    this.#end = 0;
    this.#roomy = 0;
  }

  async #findRoom(bytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(dirname(this.#file));
    if (bavail * bsize < RESERVED_BYTES + bytes) throw fullError(this.#file);
    this.#roomy = this.#end + bytes + UNSEEN_BYTES;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

function fullError(file: string): InsightError {
  const message = `Less than ${RESERVED_BYTES / 1024 / 1024} MiB are free on the disk of ${file}: free some space. What was stored is safe, new beacons are refused.`;
  return new InsightError('store-full', message);
}

/** So that the file itself is there after a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

/** @throws InsightError `store-unreadable`: what cannot be read is not the end. */
function readRecords(
  bytes: Buffer,
  file: string,
): { readonly records: JournalRecord[]; readonly end: number } {
  const records: JournalRecord[] = [];
  let end = 0;
  let isTorn = false;
  for (let start = 0, next = bytes.indexOf(10); next !== -1; next = bytes.indexOf(10, start)) {
    const [, sum, body = '', number = '', text = ''] =
      /^([0-9a-f]{8}) ((\d+) (.*))$/s.exec(bytes.toString('utf8', start, next)) ?? [];
    start = next + 1;
    if (sum !== checksum(body) || Number(number) <= (records.at(-1)?.number ?? 0)) {
      isTorn = true;
      continue;
    }
    if (isTorn) {
      const advice = 'put a backup in its place, or move it away and lose what it holds';
      throw new InsightError('store-unreadable', `${file} is damaged after byte ${end}: ${advice}.`);
    }
    records.push({ number: Number(number), text });
    end = start;
  }
  return { records, end };
}
