import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Clock, Timers } from '../components.js';
import type { Log } from '../telemetry/log.js';
import { Condemned } from './condemned.js';
import { isFull } from './disk-errors.js';
import { DiskStore, type DiskStoreOptions } from './disk-store.js';
import {
  type DiskCounts,
  type DiskHit,
  type DiskMatch,
  type DiskObject,
  DiskPurgeError,
  type DiskState,
  type DiskStats,
  type DiskTier,
  FolderInUseError,
  type MetaChange,
  type OpenedObject,
  type WriteOutcome,
  type WriteRefusal,
} from './disk-tier.js';
import type { DiskFileSystem } from './file-system.js';
import { type FolderLock, lockFolder } from './folder-lock.js';

export interface FolderTierComponents {
  readonly files: DiskFileSystem;
  readonly timers: Timers;
  /** Since the epoch. */
  readonly wallClock: Clock;
  readonly log: Log;
}

export interface FolderTierOptions extends DiskStoreOptions {
  /** The first wait before an unusable folder is tried again; doubles up to `retryMaxMs`. */
  readonly retryMs: number;
  readonly retryMaxMs: number;
}

/** A store that may fail and come back: while it is away, reads miss and writes are skipped. */
export class FolderTier implements DiskTier {
  readonly ready: Promise<void>;
  readonly #components: FolderTierComponents;
  readonly #options: FolderTierOptions;
  readonly #counts: DiskCounts = {
    ...{ hits: 0, misses: 0, skippedReads: 0, writes: 0, evictions: 0, purged: 0 },
    ...{ corrupt: 0, readErrors: 0, writeErrors: 0, failures: 0 },
  };
  readonly #skippedWrites: Record<WriteRefusal, number> = {
    ...{ 'disk-queue-full': 0, 'disk-rebuilding': 0, 'disk-object-too-large': 0 },
    ...{ 'disk-full': 0, 'disk-failed': 0, 'disk-purged': 0 },
  };
  /** Purges that failed: made up for before anything of the folder is served again. */
  readonly #condemned: Condemned = new Condemned();
  #store: DiskStore | undefined;
  #lock: FolderLock | undefined;
  #formerToken: string | undefined;
  #state: 'failed' | 'open' | 'closed' = 'failed';
  #retryMs: number;
  #cancelRetry: () => void = () => undefined;
  #probing = false;
  #becomeReady: () => void = () => undefined;

  constructor(components: FolderTierComponents, options: FolderTierOptions) {
    this.#components = components;
    this.#options = options;
    this.#retryMs = options.retryMs;
    this.ready = new Promise((done) => {
      this.#becomeReady = done;
    });
  }

  /**
   * Once. Resolves when the folder is locked, or when it takes a while to find out whether it may be.
   *
   * @throws FolderInUseError. Any other trouble makes it go without disk, and try again.
   */
  async start(): Promise<void> {
    let waited = false;
    await new Promise<void>((done, refused) => {
      const waits = (): void => {
        waited = true;
        done();
      };
      this.#enter(waits).then(done, (error: unknown) => {
        if (error instanceof FolderInUseError && !waited) refused(error);
        else this.#fail(error);
        done();
      });
    });
  }

  get stats(): DiskStats {
    const { limitBytes } = this.#options;
    return {
      state: this.#stateNow(),
      objects: this.#store?.objects ?? 0,
      bytes: this.#store?.bytes ?? 0,
      limitBytes,
      counts: this.#counts,
      skippedWrites: this.#skippedWrites,
    };
  }

  mayHave(key: string): boolean {
    return this.#store?.mayHave(key) ?? false;
  }

  async read(key: string): Promise<DiskHit | undefined> {
    return this.#store?.read(key, undefined) ?? this.#miss();
  }

  async open(key: string): Promise<OpenedObject | undefined> {
    return this.#store?.open(key) ?? this.#miss();
  }

  openKnown(key: string): OpenedObject | undefined {
    return this.#store?.openKnown(key);
  }

  async readRange(key: string, start: number, end: number): Promise<DiskHit | undefined> {
    return this.#store?.read(key, { start, end }) ?? this.#miss();
  }

  async write(key: string, object: DiskObject): Promise<WriteOutcome> {
    const outcome = (await this.#store?.write(key, object)) ?? 'disk-failed';
    if (outcome !== 'stored') this.#skippedWrites[outcome]++;
    return outcome;
  }

  async updateMeta(key: string, change: MetaChange): Promise<boolean> {
    return (await this.#store?.updateMeta(key, change)) ?? false;
  }

  async updateWhere(matches: DiskMatch, change: MetaChange): Promise<readonly string[]> {
    try {
      return await this.#needStore().updateWhere(matches, change);
    } catch (error) {
      // Removing is the safe side of a soft purge.
      this.#condemned.addMatch(matches);
      throw error;
    }
  }

  async delete(key: string): Promise<boolean> {
    try {
      return await this.#needStore().delete(key);
    } catch (error) {
      this.#condemned.addKey(key);
      throw error;
    }
  }

  async deleteWhere(matches: DiskMatch): Promise<readonly string[]> {
    try {
      return await this.#needStore().deleteWhere(matches);
    } catch (error) {
      this.#condemned.addMatch(matches);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    this.#cancelRetry();
    this.#becomeReady();
    await this.#leave();
  }

  #stateNow(): DiskState {
    if (this.#state !== 'open') return this.#state;
    if (this.#store?.isRebuilding === true) return 'rebuilding';
    return this.#store?.isFull === true ? 'full' : 'ok';
  }

  #miss(): undefined {
    this.#counts.misses++;
    return undefined;
  }

  /** @throws DiskPurgeError: what cannot be reached cannot be purged. */
  #needStore(): DiskStore {
    if (this.#store === undefined) throw new DiskPurgeError('the disk cache cannot be used at the moment');
    return this.#store;
  }

  async #enter(waits?: () => void): Promise<void> {
    const { files, wallClock, log, timers } = this.#components;
    const { folder } = this.#options;
    await files.makeFolder(folder);
    const lock = await lockFolder(
      { files, timers, wallClock, ...(waits && { waits }) },
      { folder, formerToken: this.#formerToken },
    );
    this.#formerToken = lock.token;
    const components = {
      files,
      wallClock,
      counts: this.#counts,
      suspect: (error: unknown) => this.#suspect(error),
    };
    const store = new DiskStore(components, { ...this.#options, folder: join(folder, 'v1') });
    try {
      await store.prepare();
      // Nothing is served before what was to be purged is gone.
      if (!this.#condemned.isEmpty) {
        await store.rebuild();
        await this.#condemned.carryOut(store);
      }
    } catch (error) {
      await store.close();
      await lock.release();
      throw error;
    }
    if (this.#state === 'closed') return lock.release();
    this.#lock = lock;
    this.#store = store;
    this.#state = 'open';
    this.#retryMs = this.#options.retryMs;
    lock.watch((error) => this.#fail(error, store));
    store.rebuild().then(
      () => {
        log.info({ folder, objects: store.objects, bytes: store.bytes }, 'disk cache is indexed');
        this.#becomeReady();
      },
      (error: unknown) => this.#fail(error, store),
    );
  }

  /** One object's trouble or the whole folder's? A file written for the purpose tells. */
  #suspect(error: unknown): void {
    const store = this.#store;
    if (this.#probing || store === undefined) return;
    this.#probing = true;
    this.#components.log.debug({ err: error }, 'disk cache met an error');
    void this.#canWrite().then((cause) => {
      this.#probing = false;
      if (cause !== undefined) this.#fail(cause, store);
    });
  }

  /** Undefined: it can. */
  async #canWrite(): Promise<unknown> {
    const { files } = this.#components;
    const path = join(this.#options.folder, `probe.${randomUUID()}`);
    try {
      const file = await files.open(path, 'create');
      await files.close(file);
      await files.unlink(path);
      return undefined;
    } catch (error) {
      // Full is no reason to give up: writes make room.
      return isFull(error) ? undefined : error;
    }
  }

  #fail(error: unknown, store: DiskStore | undefined = this.#store): void {
    if (this.#state === 'closed' || store !== this.#store) return;
    const { folder, retryMaxMs } = this.#options;
    const { log, timers } = this.#components;
    this.#state = 'failed';
    this.#counts.failures++;
    const waitMs = this.#retryMs;
    log.warn({ err: error, folder, retryMs: waitMs }, 'disk cache cannot be used; going on without it');
    this.#retryMs = Math.min(2 * waitMs, retryMaxMs);
    this.#becomeReady();
    void this.#leave().then(() => {
      if (this.#state === 'closed') return;
      this.#cancelRetry = timers.after(waitMs, () => {
        this.#enter().catch((reason: unknown) => this.#fail(reason));
      });
    });
  }

  async #leave(): Promise<void> {
    const store = this.#store;
    const lock = this.#lock;
    this.#store = undefined;
    this.#lock = undefined;
    await store?.close();
    await lock?.release();
  }
}
