import type { AskedRange } from '../ranges/ranges.js';
import type { Span } from '../tracing/tracing.js';

/** Where objects come from: a folder, a bucket, another web server; or several of them, with care taken. */
export interface Upstream {
  /** Whether `query` reaches it, so that objects differ by it. */
  readonly usesQuery: boolean;
  /**
   * Makes one request. Resolves with the response head; its body must be read to the end or discarded.
   * Aborting the signal ends the request, also in the middle of the body.
   *
   * @throws UpstreamError where there is no response. Every response is an answer, whatever its status.
   */
  fetch(request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamResponse>;
  close(): Promise<void>;
}

export interface UpstreamRequest {
  /** Default GET. Folders and buckets answer others than GET and HEAD with 405. */
  readonly method?: string | undefined;
  /** Canonical path (see `http/request-key`), below the origin's prefix. */
  readonly path: string;
  /** Empty or with its question mark. */
  readonly query: string;
  /**
   * End-to-end request header fields, name, value, name, value. Web servers get them unchanged, but for those that
   * the properties here say (`range` and so on) and those of the connection. Folders and buckets ignore them.
   */
  readonly fields?: HeaderFields | undefined;
  /** For methods that carry one. Read at most once. */
  readonly body?: AsyncIterable<Buffer> | undefined;
  /** The length of `body`, where it is known. */
  readonly bodyBytes?: number | undefined;
  readonly range?: AskedRange | undefined;
  /** `range` counts only if this strong ETag or date is still the object's (RFC 9110 section 13.1.5). */
  readonly ifRange?: string | undefined;
  /** Asks for a 304 where the origin still has this version. */
  readonly unlessEtag?: string | undefined;
  readonly unlessModifiedSince?: string | undefined;
  /** A sibling edge asks for this: it has taken us for the owner, so it goes to the origin from here. */
  readonly fromSibling?: boolean | undefined;
  /** Hears of 1xx answers (103 Early Hints, for one) before the response, where the origin sends any. */
  readonly onInfo?: ((status: number, fields: HeaderFields) => void) | undefined;
  /** What this request belongs to, if its way is recorded. */
  readonly span?: Span | undefined;
}

export interface UpstreamResponse {
  readonly status: number;
  /**
   * Every end-to-end header field as the origin sent it: case, order and repeats. Trailers are ignored.
   * Folders and buckets make them from what they know of the object.
   */
  readonly fields: HeaderFields;
  /** The same for look-ups: lower-case names, repeats joined. */
  readonly headers: UpstreamHeaders;
  /** Whether the body's end can be told from a broken connection. */
  readonly endIsKnown: boolean;
  readonly body: UpstreamBody;
  /** Who answered. Default: the origin. */
  readonly from?: UpstreamRole | undefined;
}

export type UpstreamRole = 'origin' | 'shield' | 'sibling';

/** Name, value, name, value. Characters stand for bytes (latin1), so that what came goes out unchanged. */
export type HeaderFields = readonly string[];

/** End-to-end header fields by their lower-case names. */
export type UpstreamHeaders = Readonly<Record<string, string>>;

/** Iterated at most once. Iteration throws `UpstreamError`. */
export interface UpstreamBody extends AsyncIterable<Buffer> {
  /** Gives up what is left, at once. Safe to call at any time, also twice. */
  discard(): void;
}

/** Whether it may be sent twice: safe, and with no body that is gone after the first time. */
export function isRepeatable({ method = 'GET', body }: UpstreamRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && body === undefined;
}
