import type { CacheDirectives } from './cache-control.js';
import { parseCacheControl } from './cache-control.js';
import { type FieldList, fieldValue, firstValue } from './fields.js';
import { parseTargetedCacheControl } from './targeted-cache-control.js';
import { varyNames } from './vary.js';

/** Why a response may not be shared, so that each request goes alone. */
export type NoStoreReason =
  | 'no-store'
  | 'private'
  | 'vary'
  | 'authorization'
  | 'too-large'
  | 'unknown-end'
  | 'method';

/** What the origin says of how long and for whom. */
export interface OriginWords {
  readonly status: number;
  readonly directives: CacheDirectives;
  /** Whether `CDN-Cache-Control` counts, so that `Expires` and `Cache-Control` do not (RFC 9213 section 2.1). */
  readonly targeted: boolean;
  readonly fields: FieldList;
  readonly dateMs: number;
}

/** Status codes that Eddy knows the caching requirements of (RFC 9111 section 5.2.2.3). */
const UNDERSTOOD: ReadonlySet<number> = new Set([
  200, 203, 204, 206, 300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 406, 408, 409, 410, 411,
  412, 413, 414, 415, 416, 417, 421, 422, 425, 426, 428, 429, 431, 451, 500, 501, 502, 503, 504, 505,
]);
/** RFC 9110 section 15.1, without 206: kept even where the origin names no lifetime. */
const HEURISTIC: ReadonlySet<number> = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501]);

export function originWords(status: number, fields: FieldList, dateMs: number): OriginWords {
  const target = fieldValue(fields, 'cdn-cache-control');
  const targeted = target === undefined ? undefined : parseTargetedCacheControl(target);
  const directives = targeted ?? parseCacheControl(fieldValue(fields, 'cache-control') ?? '');
  return { status, directives, targeted: targeted !== undefined, fields, dateMs };
}

/** Whether a shared cache must not use the response for anybody else (RFC 9111 section 3). */
export function forbiddenToShare(words: OriginWords, authorized: boolean): NoStoreReason | undefined {
  const { directives, status, fields } = words;
  if (directives.noStore && !(directives.mustUnderstand && UNDERSTOOD.has(status))) return 'no-store';
  if (directives.mustUnderstand && !UNDERSTOOD.has(status)) return 'no-store';
  if (directives.private === true) return 'private';
  if (authorized && !mayShareAuthorized(directives)) return 'authorization';
  return varyNames(fields) === undefined ? 'vary' : undefined;
}

/** RFC 9111 section 3.5. */
function mayShareAuthorized({
  public: isPublic,
  mustRevalidate,
  sharedMaxAgeSeconds,
}: CacheDirectives): boolean {
  return isPublic || mustRevalidate || sharedMaxAgeSeconds !== undefined;
}

/** Whether a shared response is also worth keeping: the origin says how long, or its status speaks for it. */
export function mayStore({ status, directives, targeted, fields }: OriginWords): boolean {
  const { maxAgeSeconds, sharedMaxAgeSeconds } = directives;
  return (
    status !== 206 &&
    status !== 304 &&
    (HEURISTIC.has(status) ||
      directives.public ||
      maxAgeSeconds !== undefined ||
      sharedMaxAgeSeconds !== undefined ||
      (!targeted && firstValue(fields, 'expires') !== undefined))
  );
}

/** Whether a lifetime may be guessed where the origin names none (RFC 9111 section 4.2.2). */
export function mayGuess({ status, directives }: OriginWords): boolean {
  return HEURISTIC.has(status) || directives.public;
}

/** Fields that only the first client gets: those that `private` and `no-cache` name (RFC 9111 section 5.2.2). */
export function unkeptFields({ private: hidden, noCache }: CacheDirectives): readonly string[] {
  return [...(Array.isArray(hidden) ? hidden : []), ...(Array.isArray(noCache) ? noCache : [])];
}
