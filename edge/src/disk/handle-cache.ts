import type { DiskFileSystem } from './file-system.js';
import type { DiskEntry } from './lru-index.js';

/** What the header of an open file says, so that it is read and decoded once. */
export interface HeaderFacts {
  readonly meta: Buffer;
  readonly tags: string;
}

interface Handle {
  readonly file: Promise<number>;
  /** Undefined until it is open. */
  opened: number | undefined;
  facts: HeaderFacts | undefined;
  users: number;
  kept: boolean;
}

/** An open file that stays readable until it is let go, whatever becomes of its name. */
export interface HeldFile {
  readonly file: number;
  facts: HeaderFacts | undefined;
  letGo(): void;
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
      handle.opened = await handle.file;
      return await run(handle.opened);
    } finally {
      this.#leave(handle);
    }
  }

  /** For longer than one call. Rejects as `open` does. */
  async hold(entry: DiskEntry): Promise<HeldFile> {
    const handle = this.#take(entry);
    handle.users++;
    try {
      handle.opened = await handle.file;
      return new Held(handle.opened, handle, () => this.#leave(handle));
    } catch (error) {
      this.#leave(handle);
      throw error;
    }
  }

  /** The same where the file is open and its header known: without waiting. */
  holdKnown(entry: DiskEntry): HeldFile | undefined {
    const known = this.#handles.get(entry);
    if (known?.opened === undefined || known.facts === undefined) return undefined;
    const handle = this.#take(entry);
    handle.users++;
    return new Held(known.opened, handle, () => this.#leave(handle));
  }

  /** What the header says, if the file is still open. */
  note(entry: DiskEntry, facts: HeaderFacts): void {
    const handle = this.#handles.get(entry);
    if (handle !== undefined) handle.facts ??= facts;
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
      opened: undefined,
      facts: undefined,
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

  #leave(handle: Handle): void {
    handle.users--;
    if (!handle.kept) this.#closeIfUnused(handle);
  }

  #closeIfUnused(handle: Handle): void {
    if (handle.users > 0) return;
    const closed = handle.file.then((file) => this.#files.close(file)).catch(() => undefined);
    this.#closing.add(closed);
    void closed.then(() => this.#closing.delete(closed));
  }
}

class Held implements HeldFile {
  readonly file: number;
  readonly #handle: Handle;
  #leave: (() => void) | undefined;

  constructor(file: number, handle: Handle, leave: () => void) {
    this.file = file;
    this.#handle = handle;
    this.#leave = leave;
  }

  get facts(): HeaderFacts | undefined {
    return this.#handle.facts;
  }

  set facts(facts: HeaderFacts | undefined) {
    this.#handle.facts = facts;
  }

  letGo(): void {
    this.#leave?.();
    this.#leave = undefined;
  }
}
