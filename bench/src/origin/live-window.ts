import type { OriginAnswer } from './counting-origin.js';
import { stampedContent } from './stamped-content.js';

/** Live channels that all publish a segment in turn, as seen by the wall clock. */
export interface LiveShape {
  /** When the first segment of the first channel was published (Unix milliseconds). */
  readonly startMs: number;
  readonly channels: number;
  readonly segmentMs: number;
  readonly segmentBytes: number;
  /** Segments in a playlist. */
  readonly window: number;
}

/** The number of the newest segment; channels publish one after the other, spread over a segment's duration. */
export function newestSegment(
  { startMs, channels, segmentMs }: LiveShape,
  channel: number,
  nowMs: number,
): number {
  return Math.floor((nowMs - startMs - (channel * segmentMs) / channels) / segmentMs);
}

export const playlistPath = (channel: number): string => `/live/${channel}/media.m3u8`;
export const segmentPath = (channel: number, number: number): string => `/live/${channel}/${number}.m4s`;

export function livePlaylist(shape: LiveShape, channel: number, nowMs: number): string {
  const newest = newestSegment(shape, channel, nowMs);
  const first = Math.max(0, newest - shape.window + 1);
  const seconds = shape.segmentMs / 1000;
  const entries = Array.from(
    { length: newest - first + 1 },
    (_, index) => `#EXTINF:${seconds.toFixed(3)},\n${first + index}.m4s\n`,
  );
  return `#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:${Math.ceil(seconds)}\n#EXT-X-MEDIA-SEQUENCE:${first}\n${entries.join('')}`;
}

/** The number of the last segment that a playlist names; undefined where it names none. */
export function lastSegmentOf(playlist: string): number | undefined {
  const number = /(?:^|\n)(\d+)\.m4s\s*$/.exec(playlist)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** What the origin answers at `nowMs`; segments that are not out yet do not exist. */
export function liveAnswer(shape: LiveShape, target: string, nowMs: number): OriginAnswer | undefined {
  const [, digits = '', file = ''] = /^\/live\/(\d+)\/(media\.m3u8|\d+\.m4s)$/.exec(target) ?? [];
  const channel = Number(digits);
  if (file === '' || channel >= shape.channels) return undefined;
  if (file === 'media.m3u8')
    return {
      contentType: 'application/vnd.apple.mpegurl',
      body: Buffer.from(livePlaylist(shape, channel, nowMs)),
      cacheControl: 'public, max-age=1',
    };
  if (Number.parseInt(file, 10) > newestSegment(shape, channel, nowMs)) return undefined;
  return {
    contentType: 'video/mp4',
    body: stampedContent(target, shape.segmentBytes),
    cacheControl: 'public, max-age=3600',
  };
}
