import { parseDictionary } from 'structured-headers';
import type { CacheDirectives } from './cache-control.js';

const MAX_DELTA_SECONDS = 2 ** 31;

/**
 * `CDN-Cache-Control` (RFC 9213 section 2.1), a structured field, which counts instead of `Cache-Control` and
 * `Expires`. Undefined: it is empty or broken, and then does not count.
 */
export function parseTargetedCacheControl(header: string): CacheDirectives | undefined {
  let dictionary: ReturnType<typeof parseDictionary>;
  try {
    dictionary = parseDictionary(header);
  } catch {
    return undefined;
  }
  if (dictionary.size === 0) return undefined;
  const value = (name: string): unknown => dictionary.get(name)?.[0];
  const isSet = (name: string): boolean => dictionary.has(name) && value(name) !== false;
  const seconds = (name: string): number | undefined => {
    const given = value(name);
    return typeof given === 'number' && Number.isInteger(given) && given >= 0
      ? Math.min(given, MAX_DELTA_SECONDS)
      : undefined;
  };
  return {
    noStore: isSet('no-store'),
    mustUnderstand: isSet('must-understand'),
    private: isSet('private') ? true : undefined,
    noCache: isSet('no-cache') ? true : undefined,
    public: isSet('public'),
    mustRevalidate: isSet('must-revalidate') || isSet('proxy-revalidate'),
    immutable: isSet('immutable'),
    maxAgeSeconds: seconds('max-age'),
    sharedMaxAgeSeconds: seconds('s-maxage'),
    staleIfErrorSeconds: seconds('stale-if-error'),
    staleWhileRevalidateSeconds: seconds('stale-while-revalidate'),
  };
}
