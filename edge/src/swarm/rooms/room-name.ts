import { MAX_PATH_BYTES, splitTokenPath } from '@eddy/protocol';

const MAX_HOST_CHARACTERS = 253 + 6;

/** Site of a request: its Host header in lower case without the port; undefined if there is no usable one. */
export function siteOf(host: string | undefined): string | undefined {
  if (host === undefined || host.length > MAX_HOST_CHARACTERS) return undefined;
  const url = URL.canParse(`http://${host}/`) ? new URL(`http://${host}/`) : undefined;
  // A Host that carries a path, a query or credentials is not one.
  if (url === undefined || url.pathname !== '/' || url.search !== '' || url.username !== '') return undefined;
  return url.hostname;
}

/**
 * Canonical path of a presentation: query, fragment, dot segments and token that a player left in are taken out, so
 * that all viewers of one presentation meet. Undefined: it is no path, or too long.
 */
export function presentationPath(presentation: string): string | undefined {
  const base = `http://site`;
  if (!presentation.startsWith('/') || !URL.canParse(base + presentation)) return undefined;
  const { path } = splitTokenPath(new URL(base + presentation).pathname);
  return path.length > MAX_PATH_BYTES ? undefined : path;
}

/** Name of a presentation's room: site and canonical path. */
export function roomName(site: string, presentation: string): string | undefined {
  const path = presentationPath(presentation);
  return path === undefined ? undefined : site + path;
}
