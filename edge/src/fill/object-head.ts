import type { ObjectHead } from '../cache/cached-object.js';
import { contentTypeOf } from '../cache/content-type.js';
import type { OriginWords } from '../cache/freshness.js';
import type { UpstreamHeaders, UpstreamResponse } from '../upstream/upstream.js';
import { UpstreamError } from '../upstream/upstream-error.js';

/** What the lifetime is ruled by. */
export function originWords(path: string, headers: UpstreamHeaders, nowMs: number): OriginWords {
  return {
    path,
    cacheControl: headers['cache-control'],
    expires: headers.expires,
    dateMs: dateOf(headers, nowMs),
  };
}

/** The head of a 200, with the `Cache-Control` that goes out. */
export function objectHead(
  path: string,
  { headers }: Pick<UpstreamResponse, 'headers'>,
  nowMs: number,
  cacheControl: string,
  totalBytes: number | undefined,
): ObjectHead {
  return {
    status: 200,
    contentType: contentTypeOf(path, headers['content-type']),
    contentEncoding: headers['content-encoding'],
    etag: headers.etag,
    lastModified: headers['last-modified'],
    cacheControl,
    told: { cacheControl: headers['cache-control'], expires: headers.expires },
    dateMs: dateOf(headers, nowMs),
    initialAgeSeconds: ageOf(headers),
    totalBytes,
  };
}

/** @throws UpstreamError `origin-bad-response` where it is there and no length. */
export function contentLength(headers: UpstreamHeaders): number | undefined {
  const text = headers['content-length'];
  if (text === undefined) return undefined;
  const bytes = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(bytes)) return bytes;
  throw new UpstreamError('origin-bad-response', `Content-Length is ${JSON.stringify(text)}`);
}

function dateOf(headers: UpstreamHeaders, nowMs: number): number {
  const date = Date.parse(headers.date ?? '');
  return Number.isNaN(date) ? nowMs : date;
}

/**
 * RFC 9111 section 4.2.3, but for `apparent_age`: an origin's clock that is minutes off would make every live
 * playlist stale on arrival, so only what says its age has one.
 */
function ageOf(headers: UpstreamHeaders): number {
  const age = headers.age;
  return age !== undefined && /^\d+$/.test(age) ? Math.min(Number(age), 2 ** 31) : 0;
}
