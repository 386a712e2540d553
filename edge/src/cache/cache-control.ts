/** The directives that a shared cache acts on (RFC 9111 section 5.2.2, RFC 5861). Unknown ones are ignored. */
export interface CacheDirectives {
  readonly noStore: boolean;
  readonly mustUnderstand: boolean;
  /** True, or the fields that only the first client may have. */
  readonly private: true | readonly string[] | undefined;
  /** True, or the fields that are not kept. */
  readonly noCache: true | readonly string[] | undefined;
  readonly public: boolean;
  readonly mustRevalidate: boolean;
  readonly immutable: boolean;
  readonly maxAgeSeconds: number | undefined;
  readonly sharedMaxAgeSeconds: number | undefined;
  readonly staleIfErrorSeconds: number | undefined;
  readonly staleWhileRevalidateSeconds: number | undefined;
}

/** A name, alone or with a token or quoted string right behind its `=`. */
const DIRECTIVE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^"]*)))?$/;
/** Up to the next comma that is not inside a quoted string. */
const MEMBER = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g;
/** RFC 9111 section 1.2.2: larger ones count as this. */
const MAX_DELTA_SECONDS = 2 ** 31;

/** Reads all `Cache-Control` lines, joined. Of a repeated lifetime the shortest counts (RFC 9111 section 4.2.1). */
export function parseCacheControl(header: string): CacheDirectives {
  const found = new Map<string, string[]>();
  for (const [member] of header.matchAll(MEMBER)) {
    const [, name, quoted, token] = DIRECTIVE.exec(member.trim()) ?? [];
    if (name === undefined) continue;
    const values = found.get(name.toLowerCase()) ?? [];
    values.push(quoted ?? token ?? '');
    found.set(name.toLowerCase(), values);
  }
  return {
    noStore: found.has('no-store'),
    mustUnderstand: found.has('must-understand'),
    private: fieldNames(found.get('private')),
    noCache: fieldNames(found.get('no-cache')),
    public: found.has('public'),
    mustRevalidate: found.has('must-revalidate') || found.has('proxy-revalidate'),
    immutable: found.has('immutable'),
    maxAgeSeconds: shortest(found.get('max-age')),
    sharedMaxAgeSeconds: shortest(found.get('s-maxage')),
    staleIfErrorSeconds: shortest(found.get('stale-if-error')),
    staleWhileRevalidateSeconds: shortest(found.get('stale-while-revalidate')),
  };
}

/** What is there but no number is as good as over. */
function shortest(values: readonly string[] | undefined): number | undefined {
  if (values === undefined) return undefined;
  return Math.min(
    ...values.map((value) => (/^\d+$/.test(value) ? Math.min(Number(value), MAX_DELTA_SECONDS) : 0)),
  );
}

function fieldNames(values: readonly string[] | undefined): true | readonly string[] | undefined {
  if (values === undefined) return undefined;
  const names = values.flatMap((value) => value.split(',').map((name) => name.trim().toLowerCase()));
  return names.every((name) => /^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name)) ? names : true;
}
