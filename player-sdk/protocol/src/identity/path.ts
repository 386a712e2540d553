/**
 * Names that every viewer of a presentation derives alike, whatever token, query or pathway it came with.
 *
 * The **canonical path** of a resource is the `pathname` of its URL (WHATWG URL, so dot segments are gone and
 * odd characters percent-encoded): no host, no query, no fragment.
 */

/** Everything that Eddy's edge answers itself lies below this path; no origin object can. */
export const EDDY_PREFIX = '/_eddy/';
/** WebSocket: signaling of `signaling/messages`. */
export const SWARM_PATH = '/_eddy/swarm';
/** POST: beacons of `beacon/beacon`. */
export const BEACON_PATH = '/_eddy/beacons';
/** GET: which PoP a player is to be served by (HLS content steering). */
export const STEERING_PATH = '/_eddy/steering';
/** GET: whether an edge is there, for players that measure how far it is, and for other edges. */
export const PING_PATH = '/_eddy/ping';

/** Name of a segment within a site: its canonical path, and where in that resource it starts. */
export function segmentKey(path: string, start: number): string {
  return start === 0 ? path : `${path}@${start}`;
}

/**
 * Compact name of a rendition on the wire: FNV-1a (32 bits) of its media playlist's canonical path.
 * Two that collide cost a refused request, never a wrong byte, since requests name the digest's root.
 */
export function renditionId(playlistPath: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < playlistPath.length; index++) {
    hash ^= playlistPath.charCodeAt(index) & 0xff;
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

/**
 * Where an origin publishes digest block `index` of a media playlist: beside it.
 * Block `index` covers media sequence numbers from `index * MAX_BLOCK_SEGMENTS` on.
 *
 * @example digestBlockPath('/v/720p/index.m3u8', 0) // "/v/720p/index.digests/0.bin"
 */
export function digestBlockPath(playlistPath: string, index: number): string {
  return `${playlistPath.replace(/\.m3u8$/, '')}.digests/${index}.bin`;
}

/**
 * Canonical path of a digest block's entry. Published blocks name segments relative to their playlist, since an
 * origin does not know below which path an edge serves it; pushed ones are absolute.
 */
export function resolveEntryPath(path: string, playlistPath: string): string {
  return path.startsWith('/') ? path : playlistPath.slice(0, playlistPath.lastIndexOf('/') + 1) + path;
}
