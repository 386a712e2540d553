/** What is said about an object with every response that carries it. */
export interface ObjectHead {
  readonly status: 200 | 404 | 410;
  readonly contentType: string;
  readonly contentEncoding?: string | undefined;
  /** As the origin gave it. */
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
  /** The `Cache-Control` that goes out. */
  readonly cacheControl: string;
  /** What the origin said of its lifetime, in words; a 304 may leave them out. */
  readonly told: { readonly cacheControl?: string | undefined; readonly expires?: string | undefined };
  /** When the origin made the response, milliseconds since the epoch. */
  readonly dateMs: number;
  /** How old it already was when it came (its `Age`). */
  readonly initialAgeSeconds: number;
  /** Undefined while it is not known. */
  readonly totalBytes: number | undefined;
}

/** How long an object may be used without asking the origin. */
export interface Lifetime {
  /** Counted from when the origin made the response. */
  readonly freshMs: number;
  /** How much longer while the origin fails. */
  readonly staleIfErrorMs: number;
}

/** A whole object. Its body is one buffer that never changes, so that it leaves in one write. */
export interface CachedObject {
  readonly key: string;
  readonly path: string;
  readonly head: ObjectHead;
  readonly lifetime: Lifetime;
  /** When it came or was last found unchanged, milliseconds since the epoch. */
  readonly receivedAtMs: number;
  readonly body: Buffer;
  /** What a responder made of the head for one second; it alone writes and reads it. */
  rendered: RenderedHead | undefined;
}

export interface RenderedHead {
  readonly second: number;
  readonly fields: string[];
}

export interface Freshness {
  readonly fresh: boolean;
  /** Rest of the lifetime; negative once it is over. */
  readonly ttlMs: number;
  readonly ageSeconds: number;
  /** Whether it may be served while the origin fails. */
  readonly usableOnError: boolean;
}

/** RFC 9111 section 4.2, with the age counted from arrival (4.2.3). */
export function freshnessOf(
  { head, lifetime, receivedAtMs }: Pick<CachedObject, 'head' | 'lifetime' | 'receivedAtMs'>,
  nowMs: number,
): Freshness {
  const ageMs = head.initialAgeSeconds * 1000 + Math.max(0, nowMs - receivedAtMs);
  const ttlMs = lifetime.freshMs - ageMs;
  return {
    fresh: ttlMs > 0,
    ttlMs,
    ageSeconds: Math.floor(ageMs / 1000),
    usableOnError: ttlMs + lifetime.staleIfErrorMs > 0,
  };
}
