/**
 * A viewer's token as the first segment of a path, `/~<jwt>/vod/master.m3u8`: relative URIs inherit it, so no
 * playlist is rewritten for anybody. The form is reserved; what lies behind it is the resource, and all that names
 * something (cache keys, rooms, digests, segments) is derived from the path without it.
 */

/** `~` is unreserved, so its encoded spelling is the same path (RFC 3986 section 6.2.2.2). */
const TOKEN_SEGMENT = /^\/(?:~|%7[Ee])([\w-]{1,4096}\.[\w-]{1,4096}\.[\w-]{1,4096})(?=[/?]|$)/;

export interface TokenPath {
  /** The token, in JWS compact form; nothing is known of whether it is good. */
  readonly token: string | undefined;
  /** The path without it, beginning with `/`. */
  readonly path: string;
}

/** Splits the token segment off a path (or a request target in origin-form). */
export function splitTokenPath(path: string): TokenPath {
  const match = TOKEN_SEGMENT.exec(path);
  if (match === null) return { token: undefined, path };
  const rest = path.slice(match[0].length);
  return { token: match[1], path: rest.startsWith('/') ? rest : `/${rest}` };
}

/** Puts a path behind a token segment. */
export function tokenPath(token: string, path: string): string {
  return `/~${token}${path}`;
}
