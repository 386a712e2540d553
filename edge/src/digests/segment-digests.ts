import type { SegmentDigest, WantedSegment } from '@eddy/protocol';
import { MAX_SEGMENT_BYTES } from '@eddy/protocol';
import { LRUCache } from 'lru-cache';
import type { Unsubscribe } from '../components.js';
import { CachedHashing } from './cached-hashing.js';
import { DigestIndex, wantedKey } from './digest-index.js';
import { isMediaPath } from './media-path.js';
import { MerkleStream } from './merkle-stream.js';

export interface SegmentDigestsComponents {
  /** The whole cached body of a canonical path, if it is held in memory; must not copy it. */
  readonly readCached: (path: string) => Buffer | undefined;
  /**
   * Whether the cached body of a canonical path has to be asked about before it is served again. Its name may stand for
   * other bytes by then, as in live playlists that use names again. Default: never.
   */
  readonly isStale?: (path: string) => boolean;
  /** Surrogate keys of the object of a canonical path. Default: none. */
  readonly tagsOf?: (path: string) => readonly string[];
  /** Runs later, after pending socket work. Default `setImmediate`. */
  readonly defer?: (run: () => void) => void;
}

export interface SegmentDigestsOptions {
  /** Most digests held; the longest unused leave first. One takes about 400 bytes. */
  readonly maxSegments: number;
}

/** Follows one fill. After `finish` or `abort` it ignores everything. */
export interface SegmentHasher {
  update(chunk: Buffer): void;
  /** The body is whole. A count of bytes that is not what was fed makes no digest. */
  finish(totalBytes: number): void;
  abort(): void;
}

/** What segments hash to, computed as they are filled. Digests outlive the bodies. All paths are canonical. */
export interface SegmentDigests {
  /** Whether a fill of this path should be fed to a hasher: media segments only. */
  shouldHash(path: string): boolean;
  hasher(path: string): SegmentHasher;
  /**
   * The digest, if it is known. If it is not, it is computed from the cached body, later, and again when a fill of
   * the path ends; either way `onKnown` tells. While the cached body is stale nothing is known.
   */
  find(wanted: WantedSegment): SegmentDigest | undefined;
  /** The origin still has the same bytes: what is known of the path counts again. */
  confirm(path: string): void;
  /** Called for each digest that becomes known, with what it answers. */
  onKnown(listener: KnownListener): Unsubscribe;
  /** The path's bytes are not these any more (replaced, purged): forgets its digests. */
  invalidate(path: string): void;
  /** The same for all that match. Looks at every digest. Returns their paths. */
  invalidateMatching(
    matches: (subject: { readonly path: string; readonly tags: readonly string[] }) => boolean,
  ): string[];
  /** Digests held. */
  readonly size: number;
}

export type KnownListener = (wanted: WantedSegment, digest: SegmentDigest) => void;

/** Paths whose ranges somebody waits for while nothing of them is cached, and ranges remembered for each. */
const MAX_AWAITED_PATHS = 1024;
const MAX_AWAITED_RANGES = 256;

export function createSegmentDigests(
  components: SegmentDigestsComponents,
  options: SegmentDigestsOptions,
): SegmentDigests {
  const index = new DigestIndex(options.maxSegments);
  const listeners = new Set<KnownListener>();
  const awaited = new LRUCache<string, Map<string, WantedSegment>>({ max: MAX_AWAITED_PATHS });
  const isStale = components.isStale ?? ((): boolean => false);
  const defer = components.defer ?? ((run: () => void) => void setImmediate(run));

  function learn(wanted: WantedSegment, digest: SegmentDigest): void {
    index.set(wanted, digest, components.tagsOf?.(wanted.path) ?? []);
    const waiting = awaited.get(wanted.path);
    waiting?.delete(wantedKey(wanted));
    if (waiting?.size === 0) awaited.delete(wanted.path);
    for (const listener of [...listeners]) listener(wanted, digest);
  }

  const cached = new CachedHashing({ readCached: components.readCached, defer, onHashed: learn });

  function remember(wanted: WantedSegment): void {
    const waiting = awaited.get(wanted.path) ?? new Map<string, WantedSegment>();
    if (waiting.size < MAX_AWAITED_RANGES) waiting.set(wantedKey(wanted), wanted);
    awaited.set(wanted.path, waiting);
  }

  function forget(path: string): void {
    cached.cancel(path);
    index.deletePath(path);
  }

  return {
    shouldHash: isMediaPath,
    hasher(path) {
      return new FillHasher((root, bytes) => {
        // A fill replaces the resource: what was known of it may be about other bytes.
        forget(path);
        if (root !== undefined) learn({ path }, { path, start: 0, bytes, root });
        for (const wanted of awaited.get(path)?.values() ?? []) cached.ask(wanted);
      });
    },
    find(wanted) {
      if (!isMediaPath(wanted.path)) return undefined;
      const stale = isStale(wanted.path);
      const known = stale ? undefined : index.get(wanted);
      if (known !== undefined) return known;
      if (wanted.range !== undefined || stale) remember(wanted);
      if (!stale) cached.ask(wanted);
      return undefined;
    },
    confirm(path) {
      for (const wanted of [...(awaited.get(path)?.values() ?? [])]) {
        const known = index.get(wanted);
        if (known !== undefined) learn(wanted, known);
        else cached.ask(wanted);
      }
    },
    onKnown(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    invalidate: forget,
    invalidateMatching(matches) {
      const paths = index.pathsOf(matches);
      for (const path of paths) forget(path);
      return paths;
    },
    get size() {
      return index.size;
    },
  };
}

/** `done` gets no root when the body is too large to be shared whole. */
class FillHasher implements SegmentHasher {
  readonly #done: (root: Buffer | undefined, bytes: number) => void;
  #merkle: MerkleStream | undefined = new MerkleStream();
  #bytes = 0;
  #open = true;

  constructor(done: (root: Buffer | undefined, bytes: number) => void) {
    this.#done = done;
  }

  update(chunk: Buffer): void {
    if (!this.#open) return;
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_SEGMENT_BYTES) this.#merkle = undefined;
    this.#merkle?.update(chunk);
  }

  finish(totalBytes: number): void {
    if (!this.#open) return;
    this.#open = false;
    if (totalBytes === this.#bytes) this.#done(this.#merkle?.root(), totalBytes);
    this.#merkle = undefined;
  }

  abort(): void {
    this.#open = false;
    this.#merkle = undefined;
  }
}
