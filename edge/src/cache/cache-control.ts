/** The directives that a shared cache acts on (RFC 9111 section 5.2.2). Unknown ones are ignored. */
export interface CacheDirectives {
  readonly noStore: boolean;
  readonly private: boolean;
  readonly noCache: boolean;
  readonly mustRevalidate: boolean;
  readonly maxAgeSeconds: number | undefined;
  readonly sharedMaxAgeSeconds: number | undefined;
  readonly staleIfErrorSeconds: number | undefined;
}

const DIRECTIVE = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;]*)))?/g;
/** RFC 9111 section 1.2.2: larger ones count as this. */
const MAX_DELTA_SECONDS = 2 ** 31;

export function parseCacheControl(header: string): CacheDirectives {
  const found = new Map<string, string>();
  for (const [, name, quoted, token] of header.matchAll(DIRECTIVE)) {
    const key = name?.toLowerCase();
    // Of repeated ones the first counts (RFC 9111 section 4.2.1).
    if (key !== undefined && !found.has(key)) found.set(key, quoted ?? token ?? '');
  }
  return {
    noStore: found.has('no-store'),
    private: found.has('private'),
    noCache: found.has('no-cache'),
    mustRevalidate: found.has('must-revalidate') || found.has('proxy-revalidate'),
    maxAgeSeconds: seconds(found.get('max-age')),
    sharedMaxAgeSeconds: seconds(found.get('s-maxage')),
    staleIfErrorSeconds: seconds(found.get('stale-if-error')),
  };
}

/** What is there but no number is as good as over (RFC 9111 section 4.2.1). */
function seconds(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  return /^\d+$/.test(value) ? Math.min(Number(value), MAX_DELTA_SECONDS) : 0;
}
