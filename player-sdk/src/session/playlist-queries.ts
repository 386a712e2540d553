import { pathOf } from '../hls/identity.js';
import type { HlsPlayer } from '../hls/player.js';

/** Parameters of low-latency playlist requests (RFC 8216bis section 6.2.5): they belong to one request. */
const DIRECTIVE = /^_HLS_/;

/**
 * The query that a media playlist was loaded with, which may carry the token that its digest blocks need too.
 * Empty for a playlist that is not loaded.
 */
export function playlistQueries(player: Pick<HlsPlayer, 'levels' | 'audioTracks'>): (path: string) => string {
  return (path) => {
    for (const { details } of [...player.levels, ...player.audioTracks]) {
      const url = details?.fragments[0]?.baseurl;
      if (url === undefined || pathOf(url) !== path) continue;
      const query = new URL(url).searchParams;
      for (const name of [...query.keys()]) if (DIRECTIVE.test(name)) query.delete(name);
      const text = query.toString();
      return text === '' ? '' : `?${text}`;
    }
    return '';
  };
}
