import type { Ruling } from '../cache/freshness.js';
import type { StoredResponse } from '../cache/stored-response.js';

/** A store of files has no such object. */
export function isMissing(status: number): status is 404 | 410 {
  return status === 404 || status === 410;
}

interface Missing {
  readonly key: string;
  readonly path: string;
  readonly status: 404 | 410;
  readonly ruling: Ruling;
  readonly nowMs: number;
}

/** That it is missing, as an object of its own that may be kept for a while. */
export function missingObject({ key, path, status, ruling, nowMs }: Missing): StoredResponse {
  return {
    ...{ key, path, lifetime: ruling.lifetime, tags: [], vary: [] },
    head: {
      status,
      fields: ruling.cacheControl === undefined ? [] : ['Cache-Control', ruling.cacheControl],
      ...{ etag: undefined, lastModified: undefined, contentEncoding: undefined },
      ...{ dateMs: nowMs, initialAgeMs: 0, totalBytes: 0 },
    },
    receivedAtMs: nowMs,
    body: Buffer.alloc(0),
    slices: undefined,
    refusal: status === 404 ? 'not-found' : 'gone',
    rendered: undefined,
  };
}
