import type { SegmentDigest, WantedSegment } from '@eddy/protocol';
import { CHUNK_BYTES, MAX_SEGMENT_BYTES } from '@eddy/protocol';
import { wantedKey } from './digest-index.js';
import { MerkleStream } from './merkle-stream.js';

/** About half a millisecond of hashing between two looks at the sockets. */
const SLICE_BYTES = 8 * CHUNK_BYTES;

/** Each holds a reference to a cached body while it is hashed, so only one is open at a time; waiting ones are names. */
const MAX_WAITING = 4096;

export interface CachedHashingComponents {
  /** The whole cached body of a canonical path, if it is held in memory. Its bytes never change. */
  readonly readCached: (path: string) => Buffer | undefined;
  /** Runs later, after pending socket work; `setImmediate` in a server. */
  readonly defer: (run: () => void) => void;
  readonly onHashed: (wanted: WantedSegment, digest: SegmentDigest) => void;
}

interface Job {
  readonly wanted: WantedSegment;
  cancelled: boolean;
}

/** Computes digests from bodies that are cached already, one after another, in slices. */
export class CachedHashing {
  readonly #components: CachedHashingComponents;
  readonly #jobs = new Map<string, Job>();
  #running = false;

  constructor(components: CachedHashingComponents) {
    this.#components = components;
  }

  /** Asking again for what is waiting costs nothing; with too much waiting the ask is dropped. */
  ask(wanted: WantedSegment): void {
    const key = wantedKey(wanted);
    if (this.#jobs.has(key) || this.#jobs.size >= MAX_WAITING) return;
    this.#jobs.set(key, { wanted, cancelled: false });
    if (this.#running) return;
    this.#running = true;
    this.#components.defer(() => this.#next());
  }

  /** The path's bytes are not these any more. */
  cancel(path: string): void {
    for (const [key, job] of this.#jobs) {
      if (job.wanted.path !== path) continue;
      job.cancelled = true;
      this.#jobs.delete(key);
    }
  }

  #next(): void {
    const first = this.#jobs.entries().next();
    if (first.done === true) {
      this.#running = false;
      return;
    }
    const [key, job] = first.value;
    const body = slice(this.#components.readCached(job.wanted.path), job.wanted);
    if (body === undefined) {
      this.#jobs.delete(key);
      this.#components.defer(() => this.#next());
      return;
    }
    this.#step(key, job, body, new MerkleStream());
  }

  #step(key: string, job: Job, body: Buffer, merkle: MerkleStream): void {
    if (!job.cancelled) {
      const at = merkle.totalBytes;
      merkle.update(body.subarray(at, at + SLICE_BYTES));
      if (merkle.totalBytes < body.length) {
        this.#components.defer(() => this.#step(key, job, body, merkle));
        return;
      }
      this.#jobs.delete(key);
      const { path, range } = job.wanted;
      const digest = { path, start: range?.start ?? 0, bytes: body.length, root: merkle.root() };
      this.#components.onHashed(job.wanted, digest);
    }
    this.#components.defer(() => this.#next());
  }
}

/** The wanted part of a body; undefined where the body does not hold all of it. */
function slice(body: Buffer | undefined, { range }: WantedSegment): Buffer | undefined {
  if (body === undefined) return undefined;
  if (range === undefined) return body.length <= MAX_SEGMENT_BYTES ? body : undefined;
  const end = range.start + range.bytes;
  if (range.bytes > MAX_SEGMENT_BYTES || end > body.length) return undefined;
  return body.subarray(range.start, end);
}
