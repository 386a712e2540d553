import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const SEGMENT = /\.m4s$/;
const HEAD_BYTES = 8;
/** A live segment stays for more than a window after it has left the playlist. */
const LOOK_MS = 5_000;

/** Contents of the `mdat` boxes in an ISO media file: its frames. */
export function framesIn(file: Uint8Array): Uint8Array[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const found: Uint8Array[] = [];
  for (let at = 0; at + HEAD_BYTES <= file.length; ) {
    const size = view.getUint32(at);
    if (size < HEAD_BYTES) break;
    if (Buffer.from(file.subarray(at + 4, at + HEAD_BYTES)).toString('latin1') === 'mdat')
      found.push(file.subarray(at + HEAD_BYTES, at + size));
    at += size;
  }
  return found;
}

/** What the origin published: SHA-256, in hex, of the frames in each of its segments. */
export class OriginMedia {
  readonly hashes: Set<string> = new Set();
  readonly #folder: string;
  readonly #read = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Looks now and then from now on, until `stop`. */
  start(): void {
    // What one look misses the next one finds; the last one counts.
    this.#timer = setInterval(() => void this.look().catch(() => undefined), LOOK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.look();
  }

  async look(): Promise<void> {
    const names = await readdir(this.#folder, { recursive: true });
    for (const name of names) {
      if (!SEGMENT.test(name) || this.#read.has(name)) continue;
      // It may just have left.
      const file = await readFile(join(this.#folder, name)).catch(() => undefined);
      if (file === undefined) continue;
      this.#read.add(name);
      for (const frames of framesIn(file)) this.hashes.add(createHash('sha256').update(frames).digest('hex'));
    }
  }
}
