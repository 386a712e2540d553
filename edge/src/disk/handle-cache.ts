import type { DiskFileSystem } from './file-system.js';
import type { DiskEntry } from './lru-index.js';

interface Handle {
  readonly file: Promise<number>;
  users: number;
  kept: boolean;
}

export interface HandleCacheOptions {
  /** Files held open. */
  readonly count: number;
  readonly pathOf: (key: string) => string;
}

/**
 * Open files of the objects read last: opening and closing is two more trips to the thread pool for each read. A file
 * that is replaced or removed while it is read stays readable until the last reader is done.
 */
export class HandleCache {
  readonly #files: DiskFileSystem;
  readonly #options: HandleCacheOptions;
  /** Least recently used first. */
  readonly #handles: Map<DiskEntry, Handle> = new Map();
  readonly #closing: Set<Promise<unknown>> = new Set();

  constructor({ files }: { readonly files: DiskFileSystem }, options: HandleCacheOptions) {
    this.#files = files;
    this.#options = options;
  }

  /** Rejects as `open` does; then nothing is kept. */
  async use<T>(entry: DiskEntry, run: (file: number) => Promise<T>): Promise<T> {
    const handle = this.#take(entry);
    handle.users++;
    try {
      return await run(await handle.file);
    } finally {
      handle.users--;
      if (!handle.kept) this.#closeIfUnused(handle);
    }
  }

  /** Of a file that is replaced or removed. */
  drop(entry: DiskEntry): void {
    const handle = this.#handles.get(entry);
    if (handle === undefined) return;
    this.#handles.delete(entry);
    handle.kept = false;
    this.#closeIfUnused(handle);
  }

  /** For when the process has run out of descriptors. */
  dropHalf(): void {
    this.#shrinkTo(Math.floor(this.#handles.size / 2));
  }

  async close(): Promise<void> {
    this.#shrinkTo(0);
    await Promise.all(this.#closing);
  }

  #take(entry: DiskEntry): Handle {
    const known = this.#handles.get(entry);
    if (known !== undefined) {
      this.#handles.delete(entry);
      this.#handles.set(entry, known);
      return known;
    }
    // What is gone must not be opened under its name again: there may be a newer object.
    const kept = !entry.gone;
    const handle: Handle = {
      file: this.#files.open(this.#options.pathOf(entry.key), 'read'),
      users: 0,
      kept,
    };
    if (!kept) return handle;
    this.#handles.set(entry, handle);
    handle.file.catch(() => {
      handle.kept = false;
      if (this.#handles.get(entry) === handle) this.#handles.delete(entry);
    });
    this.#shrinkTo(this.#options.count);
    return handle;
  }

  #shrinkTo(count: number): void {
    for (const entry of this.#handles.keys()) {
      if (this.#handles.size <= count) return;
      this.drop(entry);
    }
  }

  #closeIfUnused(handle: Handle): void {
    if (handle.users > 0) return;
    const closed = handle.file.then((file) => this.#files.close(file)).catch(() => undefined);
    this.#closing.add(closed);
    void closed.then(() => this.#closing.delete(closed));
  }
}
