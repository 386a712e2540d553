import type { AskedRange } from '../ranges/ranges.js';

/** Where objects come from: a folder, a bucket, another web server. */
export interface Upstream {
  /** Whether `query` reaches it, so that objects differ by it. */
  readonly usesQuery: boolean;
  /**
   * GETs one object. Resolves with the response head; its body must be read to the end or discarded.
   * Aborting the signal ends the request, also in the middle of the body.
   *
   * @throws UpstreamError where there is no response, or a 5xx.
   */
  fetch(request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamResponse>;
  close(): Promise<void>;
}

export interface UpstreamRequest {
  /** Canonical path (see `http/request-key`), below the origin's prefix. */
  readonly path: string;
  /** Empty or with its question mark. */
  readonly query: string;
  readonly range?: AskedRange | undefined;
  /** Asks for a 304 where the origin still has this version. */
  readonly unlessEtag?: string | undefined;
  readonly unlessModifiedSince?: string | undefined;
}

export interface UpstreamResponse {
  /** 200, 206, 304, 404, 416, or whatever else the origin says below 500. */
  readonly status: number;
  readonly headers: UpstreamHeaders;
  /** Whether the body's end can be told from a broken connection. */
  readonly endIsKnown: boolean;
  readonly body: UpstreamBody;
}

/** End-to-end header fields by their lower-case names. */
export type UpstreamHeaders = Readonly<Record<string, string>>;

/** Iterated at most once. Iteration throws `UpstreamError`. */
export interface UpstreamBody extends AsyncIterable<Buffer> {
  /** Gives up what is left, at once. Safe to call at any time, also twice. */
  discard(): void;
}
