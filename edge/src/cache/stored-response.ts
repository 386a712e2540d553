import type { RefusalReason } from '../refusals/refusals.js';
import type { FieldList } from './fields.js';

/** What is said with every response that carries the object. */
export interface ResponseHead {
  readonly status: number;
  /** End-to-end fields as they go out, without those that each response computes (`Age`, `Content-Length`, …). */
  readonly fields: FieldList;
  /** As the origin gave them. */
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  readonly contentEncoding: string | undefined;
  /** When the origin made the response, milliseconds since the epoch. */
  readonly dateMs: number;
  /** How old it already was when it came (RFC 9111 section 4.2.3, corrected_initial_age). */
  readonly initialAgeMs: number;
  /** Undefined while it is not known. */
  readonly totalBytes: number | undefined;
}

/** How long a response may be used. All counted from its age 0. */
export interface Lifetime {
  /** Without asking the origin. */
  readonly freshMs: number;
  /** Beyond that while the origin is asked in the background (RFC 5861 section 3). */
  readonly staleWhileRevalidateMs: number;
  /** Beyond that while the origin fails (RFC 5861 section 4). */
  readonly staleIfErrorMs: number;
}

/** A response in the cache. Its body is one buffer that never changes, so that it leaves in one write. */
export interface StoredResponse {
  /** Names the response: site, path, query as far as it counts, and the variant (see `http/request-key`, `cache/vary`). */
  readonly key: string;
  /** Its site's key prefix and canonical path; what purges and rules go by. */
  readonly path: string;
  readonly head: ResponseHead;
  readonly lifetime: Lifetime;
  /** Surrogate keys that purges may name. */
  readonly tags: readonly string[];
  /** Request fields that choose between variants, lower-case; empty where there is only one. */
  readonly vary: readonly string[];
  /** When it came or was last found unchanged, milliseconds since the epoch. */
  readonly receivedAtMs: number;
  readonly body: Buffer;
  /** A large object that is held in parts: its body is empty, the parts are stored under keys of their own. */
  readonly slices: SliceLayout | undefined;
  /** Told in the edge's own words, as a missing object of a bucket is. */
  readonly refusal: RefusalReason | undefined;
  /** What a responder made of the head for one second; it alone writes and reads it. */
  rendered: RenderedHead | undefined;
}

export interface SliceLayout {
  readonly sliceBytes: number;
  /** Tells parts of one version of the object from those of another. */
  readonly version: string;
}

export interface RenderedHead {
  readonly second: number;
  /** What it says to pages of other origins. */
  readonly cors: readonly string[];
  readonly fields: string[];
}

export interface Freshness {
  readonly fresh: boolean;
  /** Rest of the lifetime; negative once it is over. */
  readonly ttlMs: number;
  readonly ageSeconds: number;
  /** Whether it may be served while the origin is asked. */
  readonly usableWhileRevalidating: boolean;
  /** Whether it may be served while the origin fails. */
  readonly usableOnError: boolean;
}

/** RFC 9111 section 4.2, with the age counted from arrival (4.2.3). */
export function freshnessOf(
  { head, lifetime, receivedAtMs }: Pick<StoredResponse, 'head' | 'lifetime' | 'receivedAtMs'>,
  nowMs: number,
): Freshness {
  const ageMs = head.initialAgeMs + Math.max(0, nowMs - receivedAtMs);
  const ttlMs = lifetime.freshMs - ageMs;
  return {
    fresh: ttlMs > 0,
    ttlMs,
    ageSeconds: Math.floor(ageMs / 1000),
    usableWhileRevalidating: ttlMs + lifetime.staleWhileRevalidateMs > 0,
    usableOnError: ttlMs + lifetime.staleIfErrorMs > 0,
  };
}

/** Whether the hit path may answer with it: one look-up by its path, no thought. */
export function isPlain(object: StoredResponse): boolean {
  return (
    object.head.status === 200 &&
    object.vary.length === 0 &&
    object.slices === undefined &&
    object.refusal === undefined
  );
}

/** The same object, which is stale from now on: it may still be served while the origin is asked or fails. */
export function expired(object: StoredResponse, nowMs: number): StoredResponse {
  const { ttlMs } = freshnessOf(object, nowMs);
  if (ttlMs <= 0) return object;
  const { lifetime } = object;
  return { ...object, lifetime: { ...lifetime, freshMs: lifetime.freshMs - ttlMs }, rendered: undefined };
}
