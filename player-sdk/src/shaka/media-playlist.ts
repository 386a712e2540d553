import { pathOf } from '../hls/identity.js';

/** Bytes `[start, end)` of a resource; empty: all of it. */
export type SegmentRange = [] | [start: number, end: number];

/** One media segment as a media playlist names it. */
export interface PlaylistSegment {
  readonly url: string;
  readonly byteRange: SegmentRange;
  readonly sequence: number;
  readonly durationSeconds: number;
}

export interface MediaPlaylist {
  readonly url: string;
  readonly live: boolean;
  /** Sequence of the first segment that the playlist speaks of, skipped ones included. */
  readonly firstSequence: number;
  readonly segments: readonly PlaylistSegment[];
}

const TAG = /^#(EXT[^:]*)(?::(.*))?$/;

/**
 * What a media playlist (RFC 8216 section 4.3.3) says about names: which URL is which sequence number. Shaka has read it
 * for everything else, and keeps these numbers to itself. Undefined: it is no media playlist.
 */
export function readMediaPlaylist(text: string, url: string): MediaPlaylist | undefined {
  if (!text.startsWith('#EXTM3U')) return undefined;
  const segments: PlaylistSegment[] = [];
  let firstSequence = 0;
  let skipped = 0;
  let live = true;
  let duration: number | undefined;
  let range: ByteRange | undefined;
  let lastRange: { readonly url: string; readonly end: number } | undefined;
  for (const line of text.split(/\r?\n/)) {
    const [, tag, value = ''] = TAG.exec(line) ?? [];
    if (tag === 'EXT-X-STREAM-INF') return undefined;
    if (tag === 'EXT-X-MEDIA-SEQUENCE') firstSequence = Number.parseInt(value, 10) || 0;
    else if (tag === 'EXT-X-SKIP') skipped = Number(/SKIPPED-SEGMENTS=(\d+)/.exec(value)?.[1] ?? 0);
    else if (tag === 'EXT-X-ENDLIST') live = false;
    else if (tag === 'EXTINF') duration = Number.parseFloat(value) || 0;
    else if (tag === 'EXT-X-BYTERANGE') range = readRange(value);
    if (line === '' || line.startsWith('#') || duration === undefined) continue;
    const absolute = resolve(line.trim(), url);
    if (absolute !== undefined) {
      // Without an offset it goes on where the one before ended (section 4.3.2.2).
      const start = range?.start ?? (lastRange?.url === absolute ? lastRange.end : 0);
      const byteRange: SegmentRange = range === undefined ? [] : [start, start + range.bytes];
      lastRange = range === undefined ? undefined : { url: absolute, end: start + range.bytes };
      const sequence = firstSequence + skipped + segments.length;
      segments.push({ url: absolute, byteRange, sequence, durationSeconds: duration });
    }
    duration = undefined;
    range = undefined;
  }
  return segments.length === 0 && skipped === 0 ? undefined : { url, live, firstSequence, segments };
}

/** The same for every host, token and query. */
export function segmentKey(url: string, [start, end]: SegmentRange): string {
  return `${pathOf(url) ?? url} ${start ?? ''}-${end ?? ''}`;
}

interface ByteRange {
  readonly bytes: number;
  readonly start: number | undefined;
}

function readRange(value: string): ByteRange | undefined {
  const [, bytes, start] = /^(\d+)(?:@(\d+))?/.exec(value) ?? [];
  if (bytes === undefined) return undefined;
  return { bytes: Number(bytes), start: start === undefined ? undefined : Number(start) };
}

function resolve(uri: string, base: string): string | undefined {
  // A variable (section 4.3.2 of its successor) stands for what Shaka knows and this reader does not.
  if (uri.includes('{$')) return undefined;
  try {
    return new URL(uri, base).href;
  } catch {
    return undefined;
  }
}
