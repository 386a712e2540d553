/** What a playlist says about how soon it changes. */
export type PlaylistFacts =
  | { readonly kind: 'finished' }
  | { readonly kind: 'live'; readonly targetDurationMs: number };

const DEFAULT_TARGET_MS = 2_000;

/**
 * A multivariant playlist counts as finished: it changes when its presentation is replaced, as a VOD one does.
 * Undefined: not a playlist.
 */
export function playlistFacts(body: Buffer): PlaylistFacts | undefined {
  const text = body.toString('latin1');
  if (!/^(?:\xef\xbb\xbf)?#EXTM3U/.test(text)) return undefined;
  if (/^#EXT-X-STREAM-INF:/m.test(text)) return { kind: 'finished' };
  if (/^#EXT-X-ENDLIST\b/m.test(text) || /^#EXT-X-PLAYLIST-TYPE:\s*VOD\b/m.test(text))
    return { kind: 'finished' };
  const [, target] = /^#EXT-X-TARGETDURATION:\s*(\d+(?:\.\d+)?)/m.exec(text) ?? [];
  return { kind: 'live', targetDurationMs: target === undefined ? DEFAULT_TARGET_MS : Number(target) * 1000 };
}
