import { splitTokenPath, tokenPath } from '@eddy/protocol';

/** The query parameter that edges read tokens from. */
const TOKEN_PARAMETER = 'token';

/** Base URL of the edge that a playlist came from, with the token that it was asked for with, if any. */
export function edgeOf(playlistUrl: string): string {
  const { origin, pathname, searchParams } = new URL(playlistUrl);
  const { token } = splitTokenPath(pathname);
  if (token !== undefined) return origin + tokenPath(token, '/');
  const inQuery = searchParams.get(TOKEN_PARAMETER);
  return inQuery === null ? origin : `${origin}/?${TOKEN_PARAMETER}=${encodeURIComponent(inQuery)}`;
}

/**
 * Address of `path` at the edge: behind the token segment of the base, or with its token query.
 *
 * @throws TypeError when `edge` is no URL.
 */
export function atEdge(edge: string, path: string): URL {
  const base = new URL(edge);
  const { token } = splitTokenPath(base.pathname);
  const url = new URL(token === undefined ? path : tokenPath(token, path), base);
  const inQuery = base.searchParams.get(TOKEN_PARAMETER);
  if (inQuery !== null) url.searchParams.set(TOKEN_PARAMETER, inQuery);
  return url;
}
