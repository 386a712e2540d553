import type { OriginAnswer } from '../origin/counting-origin.js';
import { type LiveShape, liveAnswer } from '../origin/live-window.js';

/** The presentation that the viewers watch. */
export const MASTER_PATH = '/live/0/master.m3u8';

/** Segments in the playlist: 20 s, so that nobody who joins finds it short. */
export const WINDOW = 10;

/** One channel behind a multivariant playlist, which tells its bitrate. */
export function streamAnswer(shape: LiveShape, target: string, nowMs: number): OriginAnswer | undefined {
  if (target !== MASTER_PATH) return liveAnswer(shape, target, nowMs);
  const bitrate = Math.round((shape.segmentBytes * 8_000) / shape.segmentMs);
  return {
    contentType: 'application/vnd.apple.mpegurl',
    body: Buffer.from(`#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=${bitrate},CODECS="avc1.64001f"\nmedia.m3u8\n`),
    cacheControl: 'public, max-age=60',
  };
}
