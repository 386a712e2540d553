import type { OriginAnswer } from '../origin/counting-origin.js';
import { type LiveShape, liveAnswer } from '../origin/live-window.js';

/** The presentation of a channel. */
export const masterPath = (channel: number): string => `/live/${channel}/master.m3u8`;
/** What the viewers of one channel watch. */
export const MASTER_PATH: string = masterPath(0);
const MASTER = /^\/live\/(\d+)\/master\.m3u8$/;

/** Segments in the playlist: 20 s, so that nobody who joins finds it short. */
export const WINDOW = 10;

/** Channels behind multivariant playlists, which tell their bitrate. */
export function streamAnswer(shape: LiveShape, target: string, nowMs: number): OriginAnswer | undefined {
  const channel = MASTER.exec(target)?.[1];
  if (channel === undefined || Number(channel) >= shape.channels) return liveAnswer(shape, target, nowMs);
  const bitrate = Math.round((shape.segmentBytes * 8_000) / shape.segmentMs);
  return {
    contentType: 'application/vnd.apple.mpegurl',
    body: Buffer.from(`#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=${bitrate},CODECS="avc1.64001f"\nmedia.m3u8\n`),
    cacheControl: 'public, max-age=60',
  };
}
