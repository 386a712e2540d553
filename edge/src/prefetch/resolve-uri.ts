/** Stands for the site while a URI is resolved: no playlist can name it. */
const HERE = 'http://edge.invalid';
/** Most playlists name files beside them, thousands at a time: those need no parser. */
const PLAIN_NAME = /^[A-Za-z0-9_~-][A-Za-z0-9._~-]*$/;

/**
 * The path that a URI of a playlist leads to on the same site; its query does not count. `playlistPath` may have a
 * site's name before its first slash, which the result then has too. Undefined: it leads elsewhere.
 */
export function resolveUri(playlistPath: string, uri: string): string | undefined {
  const slash = playlistPath.indexOf('/');
  if (slash === -1) return undefined;
  if (PLAIN_NAME.test(uri)) return playlistPath.slice(0, playlistPath.lastIndexOf('/') + 1) + uri;
  const base = HERE + playlistPath.slice(slash);
  if (!URL.canParse(uri, base)) return undefined;
  const { origin, pathname } = new URL(uri, base);
  return origin === HERE ? playlistPath.slice(0, slash) + pathname : undefined;
}
