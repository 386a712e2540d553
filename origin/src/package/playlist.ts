import type { Bandwidth } from './bandwidth.js';

/** A line pair of a media playlist. */
export interface PlaylistSegment {
  readonly uri: string;
  readonly seconds: number;
  /** Live: `EXT-X-PROGRAM-DATE-TIME`. */
  readonly date?: Date;
}

export interface MediaPlaylist {
  readonly targetDuration: number;
  readonly mediaSequence: number;
  /** Live: how often the stream began anew under this URL. Default 0, left out. */
  readonly discontinuitySequence?: number;
  readonly mapUri: string;
  readonly segments: readonly PlaylistSegment[];
  /** Every segment decodes without the one before. */
  readonly independent: boolean;
  /** `vod` never changes, `live` slides, `ended` is a live one that has stopped. */
  readonly state: 'vod' | 'live' | 'ended';
}

/** RFC 8216 section 4.3.3.1: each `EXTINF`, rounded, is at most this. */
export function targetDurationOf(seconds: readonly number[]): number {
  return Math.max(1, ...seconds.map(Math.round));
}

/** RFC 8216 section 4.3.3. */
export function renderMediaPlaylist(playlist: MediaPlaylist): string {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:7', `#EXT-X-TARGETDURATION:${playlist.targetDuration}`];
  lines.push(`#EXT-X-MEDIA-SEQUENCE:${playlist.mediaSequence}`);
  const { discontinuitySequence = 0 } = playlist;
  if (discontinuitySequence > 0) lines.push(`#EXT-X-DISCONTINUITY-SEQUENCE:${discontinuitySequence}`);
  if (playlist.state === 'vod') lines.push('#EXT-X-PLAYLIST-TYPE:VOD');
  if (playlist.independent) lines.push('#EXT-X-INDEPENDENT-SEGMENTS');
  lines.push(`#EXT-X-MAP:URI="${playlist.mapUri}"`);
  for (const { uri, seconds, date } of playlist.segments) {
    if (date !== undefined) lines.push(`#EXT-X-PROGRAM-DATE-TIME:${date.toISOString()}`);
    lines.push(`#EXTINF:${seconds.toFixed(6)},`, uri);
  }
  if (playlist.state !== 'live') lines.push('#EXT-X-ENDLIST');
  return `${lines.join('\n')}\n`;
}

/** One rendition as the multivariant playlist names it. */
export interface VideoVariant {
  readonly uri: string;
  readonly codec: string;
  readonly bandwidth: Bandwidth;
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
}

export interface AudioRendition {
  readonly uri: string;
  readonly codec: string;
  readonly bandwidth: Bandwidth;
  /** ISO 639-2; `und` leaves the attribute out. */
  readonly language: string;
}

export interface MultivariantPlaylist {
  readonly videos: readonly VideoVariant[];
  readonly audio: AudioRendition | undefined;
  readonly independent: boolean;
}

/** RFC 8216 section 4.3.4. Variants from the highest bandwidth down would start players high: the order is as given. */
export function renderMultivariantPlaylist({ videos, audio, independent }: MultivariantPlaylist): string {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:7'];
  if (independent) lines.push('#EXT-X-INDEPENDENT-SEGMENTS');
  if (audio !== undefined) {
    const language = audio.language === 'und' ? '' : `,LANGUAGE="${audio.language}"`;
    lines.push(
      `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Audio"${language},DEFAULT=YES,AUTOSELECT=YES,URI="${audio.uri}"`,
    );
  }
  for (const video of videos) {
    const attributes = [
      `BANDWIDTH=${video.bandwidth.peak + (audio?.bandwidth.peak ?? 0)}`,
      `AVERAGE-BANDWIDTH=${video.bandwidth.average + (audio?.bandwidth.average ?? 0)}`,
      `CODECS="${[video.codec, ...(audio === undefined ? [] : [audio.codec])].join(',')}"`,
      `RESOLUTION=${video.width}x${video.height}`,
      `FRAME-RATE=${video.frameRate.toFixed(3)}`,
      ...(audio === undefined ? [] : ['AUDIO="audio"']),
    ];
    lines.push(`#EXT-X-STREAM-INF:${attributes.join(',')}`, video.uri);
  }
  return `${lines.join('\n')}\n`;
}
