/** What a playlist says about how soon it changes. */
export type PlaylistFacts =
  /** Names renditions; changes when its presentation is replaced. */
  | { readonly kind: 'multivariant' }
  | { readonly kind: 'finished' }
  | { readonly kind: 'live'; readonly targetDurationMs: number };

const DEFAULT_TARGET_MS = 2_000;

/** Undefined: not a playlist. */
export function playlistFacts(body: Buffer): PlaylistFacts | undefined {
  const text = body.toString('latin1');
  if (!/^(?:\xef\xbb\xbf)?#EXTM3U/.test(text)) return undefined;
  if (/^#EXT-X-STREAM-INF:/m.test(text)) return { kind: 'multivariant' };
  if (/^#EXT-X-ENDLIST\b/m.test(text) || /^#EXT-X-PLAYLIST-TYPE:\s*VOD\b/m.test(text))
    return { kind: 'finished' };
  const [, target] = /^#EXT-X-TARGETDURATION:\s*(\d+(?:\.\d+)?)/m.exec(text) ?? [];
  return { kind: 'live', targetDurationMs: target === undefined ? DEFAULT_TARGET_MS : Number(target) * 1000 };
}
