import type { Labels, WriteRefusal } from './disk-tier.js';

/** A write between its call and its end. */
export interface Writing extends Labels {
  readonly bytes: number;
  /** A purge came: it is not to happen any more. */
  purged: boolean;
}

export interface WriteQueueOptions {
  /** Of files on their way to the disk. */
  readonly limitBytes: number;
}

/** What is being written or waits for it. Bounded in bytes, since the bodies are held in memory. */
export class WriteQueue {
  readonly #limitBytes: number;
  readonly #writing: Set<Writing> = new Set();
  #bytes = 0;
  #rebuildBudgetBytes: number;

  constructor({ limitBytes }: WriteQueueOptions) {
    this.#limitBytes = limitBytes;
    this.#rebuildBudgetBytes = limitBytes;
  }

  /**
   * While the index is rebuilt nobody knows how full the folder is, nor what to evict: then no more is written in all
   * than may be on its way at any time, so that the folder never holds more than its limit and that.
   */
  admit(labels: Labels, bytes: number, isRebuilding: boolean): Writing | WriteRefusal {
    // One that alone is larger may go alone.
    if (this.#bytes > 0 && this.#bytes + bytes > this.#limitBytes) return 'disk-queue-full';
    if (isRebuilding) {
      if (bytes > this.#rebuildBudgetBytes) return 'disk-rebuilding';
      this.#rebuildBudgetBytes -= bytes;
    }
    const writing: Writing = { ...labels, bytes, purged: false };
    this.#bytes += bytes;
    this.#writing.add(writing);
    return writing;
  }

  end(writing: Writing): void {
    if (this.#writing.delete(writing)) this.#bytes -= writing.bytes;
  }

  purge(key: string): void {
    for (const writing of this.#writing) if (writing.key === key) writing.purged = true;
  }

  [Symbol.iterator](): IterableIterator<Labels> {
    return this.#writing.values();
  }
}
