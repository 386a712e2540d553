import type { SegmentDigest, WantedSegment } from '@eddy/protocol';
import { LRUCache } from 'lru-cache';

/** One name for one wanted range of one path. */
export function wantedKey({ path, range }: WantedSegment): string {
  return range === undefined ? path : `${path}\n${range.start}+${range.bytes}`;
}

/** Digests by path and range, the longest unused ones leaving first. */
export class DigestIndex {
  readonly #digests: LRUCache<string, SegmentDigest>;
  /** Keys of a path, so that one replaced under its name is forgotten whole. */
  readonly #keysOfPath = new Map<string, Set<string>>();
  /** Surrogate keys of those that have any: a digest outlives the object that a purge would find them at. */
  readonly #tagsOfPath = new Map<string, readonly string[]>();

  constructor(maxSegments: number) {
    this.#digests = new LRUCache({
      max: maxSegments,
      dispose: (digest, key, reason) => {
        if (reason !== 'set') this.#forgetKey(digest.path, key);
      },
    });
  }

  get size(): number {
    return this.#digests.size;
  }

  get(wanted: WantedSegment): SegmentDigest | undefined {
    return this.#digests.get(wantedKey(wanted));
  }

  set(wanted: WantedSegment, digest: SegmentDigest, tags: readonly string[]): void {
    const key = wantedKey(wanted);
    this.#digests.set(key, digest);
    if (tags.length > 0) this.#tagsOfPath.set(wanted.path, tags);
    const keys = this.#keysOfPath.get(wanted.path);
    if (keys === undefined) this.#keysOfPath.set(wanted.path, new Set([key]));
    else keys.add(key);
  }

  /** Looks at every path. */
  pathsOf(
    matches: (subject: { readonly path: string; readonly tags: readonly string[] }) => boolean,
  ): string[] {
    return [...this.#keysOfPath.keys()].filter((path) =>
      matches({ path, tags: this.#tagsOfPath.get(path) ?? [] }),
    );
  }

  deletePath(path: string): void {
    for (const key of [...(this.#keysOfPath.get(path) ?? [])]) this.#digests.delete(key);
  }

  #forgetKey(path: string, key: string): void {
    const keys = this.#keysOfPath.get(path);
    keys?.delete(key);
    if (keys?.size !== 0) return;
    this.#keysOfPath.delete(path);
    this.#tagsOfPath.delete(path);
  }
}
