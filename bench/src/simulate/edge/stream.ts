import type { Random } from '@eddy/player-sdk/internal';
import { leavesOf, rootOf, type SegmentDigest } from '@eddy/protocol';
import type { Fragment } from 'hls.js';
import { standInHash } from './stand-in-hash.js';

export interface StreamOptions {
  readonly live: boolean;
  readonly segmentSeconds: number;
  readonly bitsPerSecond: number;
  /** Segments in all. */
  readonly segments: number;
  /** Of a live stream: those in its playlist, and those published before time begins. */
  readonly window: number;
}

export interface StreamSegment {
  readonly sequence: number;
  readonly bytes: number;
  readonly digest: SegmentDigest;
  readonly fragment: Fragment;
}

/** As much of hls.js's `LevelDetails` as players and sessions look at. */
export interface Playlist {
  readonly live: boolean;
  readonly startSN: number;
  readonly fragments: readonly Fragment[];
  /** End of the last segment, seconds. */
  readonly edge: number;
}

const SITE = 'http://edge.example';
const FOLDER = '/stream/video/';
/** Sizes of segments differ by so much from their mean, either way. */
const SIZE_SPREAD = 0.15;
/** Any prime of some size: lengths must differ for their hashes to differ. */
const SIZE_STEP = 97;

export const PRESENTATION_URL: string = `${SITE}/stream/master.m3u8`;
export const PLAYLIST_PATH: string = `${FOLDER}index.m3u8`;

/** What is played. Bytes are all zeros; segments differ in their length. */
export class Stream {
  readonly options: StreamOptions;
  readonly segments: readonly StreamSegment[];
  readonly #playlists = new Map<number, Playlist>();

  private constructor(options: StreamOptions, segments: readonly StreamSegment[]) {
    this.options = options;
    this.segments = segments;
  }

  static async make(options: StreamOptions, random: Random): Promise<Stream> {
    const mean = (options.bitsPerSecond / 8) * options.segmentSeconds;
    const lengths = new Set<number>();
    while (lengths.size < options.segments) {
      let bytes = Math.round(mean * (1 + SIZE_SPREAD * (2 * random() - 1)));
      while (lengths.has(bytes)) bytes += SIZE_STEP;
      lengths.add(bytes);
    }
    const zeros = new Uint8Array(Math.max(...lengths));
    const segments: StreamSegment[] = [];
    for (const bytes of lengths) {
      const sequence = segments.length;
      const root = await rootOf(await leavesOf(zeros.subarray(0, bytes), standInHash), standInHash);
      const path = `${FOLDER}${sequence}.m4s`;
      const digest = { path, start: 0, bytes, root };
      segments.push({ sequence, bytes, digest, fragment: fragmentOf(sequence, path, options) });
    }
    return new Stream(options, segments);
  }

  /** Of a live stream: when the segment is in the playlist, milliseconds after the stream's time 0. */
  publishedAt(sequence: number): number {
    const { live, window, segmentSeconds } = this.options;
    return live ? (sequence + 1 - window) * segmentSeconds * 1000 : 0;
  }

  /** What the playlist says so many milliseconds after the stream's time 0. */
  playlistAt(ms: number): Playlist {
    const { live, segmentSeconds, window, segments } = this.options;
    const count = live ? Math.min(segments, window + Math.floor(ms / (segmentSeconds * 1000))) : segments;
    const known = this.#playlists.get(count);
    if (known !== undefined) return known;
    const startSN = live ? Math.max(0, count - window) : 0;
    const fragments = this.segments.slice(startSN, count).map(({ fragment }) => fragment);
    const playlist = { live, startSN, fragments, edge: count * segmentSeconds };
    this.#playlists.set(count, playlist);
    return playlist;
  }

  byPath(path: string): StreamSegment | undefined {
    return this.segments[Number(/(\d+)\.m4s$/.exec(path)?.[1])];
  }
}

function fragmentOf(sequence: number, path: string, { segmentSeconds }: StreamOptions): Fragment {
  const fragment = {
    url: SITE + path,
    baseurl: SITE + PLAYLIST_PATH,
    byteRange: [],
    sn: sequence,
    type: 'main',
    level: 0,
    start: sequence * segmentSeconds,
    duration: segmentSeconds,
    bitrateTest: false,
  };
  // A whole Fragment cannot be made without hls.js.
  return fragment as unknown as Fragment;
}
