/**
 * Stored responses in a folder, behind the memory tier. It knows keys, tags and bytes, nothing of HTTP. Nothing here
 * throws or rejects unless its comment says so: a disk that fails makes misses.
 */
export interface DiskTier {
  /** What the folder held is indexed, or the folder has turned out to be unusable. Everything works before. */
  readonly ready: Promise<void>;
  readonly stats: DiskStats;
  /** Without I/O. False: `read` will miss. True is a promise only once `ready`. */
  mayHave(key: string): boolean;
  /** Whole and verified. Counts as a use. Undefined: a miss, for whatever reason. */
  read(key: string): Promise<DiskHit | undefined>;
  /**
   * To be read while it is sent. Whole and verified if it was not verified within the hour; else only its length and header
   * are, since the page cache gives back what was verified (docs/decisions/0100). Counts as a use. Undefined: a miss.
   */
  open(key: string): Promise<OpenedObject | undefined>;
  /** The same at once, of a file that is kept open. Undefined, and not counted, where that needs any I/O. */
  openKnown(key: string): OpenedObject | undefined;
  /** Bytes `start` to `end` (exclusive) of the body; reads and verifies the blocks they lie in. `0, 0` for meta alone. */
  readRange(key: string, start: number, end: number): Promise<DiskHit | undefined>;
  /** Replaces what has the key. The buffers are not to change until it resolves. */
  write(key: string, object: DiskObject): Promise<WriteOutcome>;
  /** In place: a 304, a soft purge. `change` gets the present meta; undefined leaves it. Resolves to whether it did. */
  updateMeta(key: string, change: MetaChange): Promise<boolean>;
  /** The same for each that matches, also those that are not indexed yet. @throws DiskPurgeError */
  updateWhere(matches: DiskMatch, change: MetaChange): Promise<readonly string[]>;
  /**
   * A purge: once it resolves, neither read nor restart nor power cut brings back what was written before. Resolves to
   * whether there was something.
   *
   * @throws DiskPurgeError if the disk would not do it. No read of this process finds it again, and it is tried again
   * when the disk recovers; but a restart before might bring it back.
   */
  delete(key: string): Promise<boolean>;
  /** The same for each that matches, also those that are not indexed yet. Resolves to their keys. @throws DiskPurgeError */
  deleteWhere(matches: DiskMatch): Promise<readonly string[]>;
  /** Ends what is under way and gives the folder free. */
  close(): Promise<void>;
}

export interface DiskObject {
  /** The caller's; some KB at most, since the edge reads it to rebuild the index. */
  readonly meta: Buffer;
  /** Kept in memory for `deleteWhere`; best equal among many objects. Surrogate keys, say, divided by spaces. */
  readonly tags: string;
  readonly body: Buffer;
}

export interface DiskHit {
  readonly meta: Buffer;
  readonly tags: string;
  /** Of the whole object, also where a range was read. */
  readonly bodyBytes: number;
  readonly body: Buffer;
  /**
   * Gives the memory of `body` back for the next read, which then costs half as much. At most once, and only when nobody
   * will look at `body` again: after the connection has taken it, never if it went into the memory tier. Without it the
   * garbage collector does the work.
   */
  release(): void;
}

export interface OpenedObject {
  /** The same buffer each time the object is opened, as long as its file is kept open. */
  readonly meta: Buffer;
  readonly tags: string;
  readonly bodyBytes: number;
  /** All of the body, where it had to be read at once. Then there is no need of `pieces`. */
  readonly whole: Buffer | undefined;
  /**
   * Bytes `start` to `end` (exclusive). Each piece is the caller's until he asks for the next. Several may read at a time.
   * Rejects if the disk fails or the file is shorter than it was.
   *
   * @throws Error after `release`.
   */
  pieces(start: number, end: number): AsyncGenerator<Buffer, void, undefined>;
  /** Keeps it open also after `release`, for who reads several parts. Returns what ends that. @throws Error after `release`. */
  hold(): () => void;
  /** Once. Readers that have begun go on, also if the object is purged or replaced meanwhile. */
  release(): void;
}

export interface Labels {
  readonly key: string;
  readonly tags: string;
}

export type DiskMatch = (labels: Labels) => boolean;
export type MetaChange = (meta: Buffer) => Buffer | undefined;

/** Why an object was not written; the word reaches metric and log. */
export const WRITE_REFUSALS = [
  'disk-queue-full',
  'disk-rebuilding',
  'disk-object-too-large',
  'disk-full',
  'disk-failed',
  'disk-purged',
] as const;
/**
 * `disk-queue-full`: too many bytes on their way. `disk-rebuilding`: until the index is whole only so much is written.
 * `disk-object-too-large`: over half of the limit or over 1 GiB. `disk-full`: no room even after evictions. `disk-failed`: the
 * folder cannot be used, or this one write failed.
 */
export type WriteRefusal = (typeof WRITE_REFUSALS)[number];
export type WriteOutcome = 'stored' | WriteRefusal;

/** `full`: the last write met a full disk. `failed`: goes without disk, tries again later. */
export const DISK_STATES = ['rebuilding', 'ok', 'full', 'failed', 'closed'] as const;
export type DiskState = (typeof DISK_STATES)[number];

export interface DiskStats {
  readonly state: DiskState;
  readonly objects: number;
  /** Of the files, in whole blocks of the file system. */
  readonly bytes: number;
  readonly limitBytes: number;
  readonly counts: Readonly<DiskCounts>;
  readonly skippedWrites: Readonly<Record<WriteRefusal, number>>;
}

/** Since the start. */
export interface DiskCounts {
  hits: number;
  misses: number;
  /** Misses because too many reads were waiting already. */
  skippedReads: number;
  writes: number;
  evictions: number;
  purged: number;
  /** Torn or rotten objects that were found and removed. */
  corrupt: number;
  readErrors: number;
  writeErrors: number;
  /** The folder became unusable. */
  failures: number;
}

/** A purge could not be made to last. The disk tier tries again when the disk recovers. */
export class DiskPurgeError extends Error {
  override readonly name = 'DiskPurgeError';
  readonly code = 'purge-not-durable';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** Another running edge uses the folder. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
  readonly code = 'disk-folder-in-use';

  constructor(folder: string, holder: string) {
    super(`${folder} is used by another edge (${holder}): give each its own cache.dir`);
  }
}
