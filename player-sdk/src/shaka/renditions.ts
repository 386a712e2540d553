import type { Fragment } from 'hls.js';
import { pathOf } from '../hls/identity.js';
import type { PlaylistDetails } from '../hls/player.js';
import { type MediaPlaylist, readMediaPlaylist, type SegmentRange, segmentKey } from './media-playlist.js';

/** As much of a fragment of hls.js as the rest of the SDK reads. */
export interface NamedSegment {
  readonly url: string;
  readonly baseurl: string;
  readonly byteRange: SegmentRange;
  readonly sn: number;
  /** Seconds of the presentation; 0 in a list, where nobody reads it. */
  readonly start: number;
  readonly duration: number;
  readonly type: 'main' | 'audio';
  readonly level: number;
  /** True: none that others can have. */
  readonly bitrateTest: boolean;
}

/** What has no name (an init segment, say): it is loaded as without Eddy, and counted. */
export function plainSegment(url: string, type: NamedSegment['type']): NamedSegment {
  return {
    ...{ url, baseurl: url, byteRange: [], sn: 0, start: 0, duration: 0 },
    type,
    level: 0,
    bitrateTest: true,
  };
}

export interface RenditionDetails extends PlaylistDetails {
  readonly startSN: number;
  readonly fragments: readonly Fragment[];
}

/** A media playlist as it was last seen. */
export interface ShakaRendition {
  readonly details: RenditionDetails;
  /** The same segments as in `details`. */
  readonly named: readonly NamedSegment[];
  /** Bits a second, where Shaka says. */
  bitrate: number | undefined;
}

/** When a segment begins, in seconds of Shaka's presentation. */
interface Anchor {
  readonly rendition: number;
  readonly sequence: number;
  readonly startSeconds: number;
}

/** The media playlists that went by, and what they call each segment. */
export class Renditions {
  /** In the order in which they came; a fragment's `level` is an index of this list. */
  readonly all: ShakaRendition[] = [];
  readonly #byPath = new Map<string, number>();
  readonly #bySegment = new Map<string, NamedSegment>();
  #anchor: Anchor | undefined;

  /** Reads a playlist. Undefined: it was no media playlist. */
  read(text: string, url: string): RenditionDetails | undefined {
    const path = pathOf(url);
    const playlist = path === undefined ? undefined : readMediaPlaylist(text, url);
    if (path === undefined || playlist === undefined) return undefined;
    const index = this.#byPath.get(path) ?? this.all.length;
    this.#byPath.set(path, index);
    const before = this.all[index];
    const named = this.#name(playlist, index, before?.named);
    const details = {
      // Seconds of the playlist; where the player is to be, `edgeSeconds` says.
      ...{
        live: playlist.live,
        edge: playlist.segments.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0),
      },
      startSN: named[0]?.sn ?? playlist.firstSequence,
      // A whole Fragment cannot be made without hls.js.
      fragments: named as unknown as readonly Fragment[],
    };
    this.all[index] = { details, named, bitrate: before?.bitrate };
    return details;
  }

  /** The segment that Shaka asks for, which begins at `startSeconds`. */
  find(
    url: string,
    byteRange: SegmentRange,
    { startSeconds, type }: { readonly startSeconds: number; readonly type: 'main' | 'audio' },
  ): NamedSegment | undefined {
    const named = this.#bySegment.get(segmentKey(url, byteRange));
    if (named === undefined) return undefined;
    this.#anchor = { rendition: named.level, sequence: named.sn, startSeconds };
    return { ...named, start: startSeconds, type };
  }

  get live(): boolean {
    return this.all.some(({ details }) => details.live);
  }

  /** Where the newest segment ends, in seconds of the presentation; undefined before one was asked for. */
  get edgeSeconds(): number | undefined {
    if (this.#anchor === undefined) return undefined;
    const { rendition, sequence, startSeconds } = this.#anchor;
    const { startSN = 0, fragments = [] } = this.all[rendition]?.details ?? {};
    const since = fragments.slice(Math.max(0, sequence - startSN));
    return since.reduce((sum, { duration }) => sum + duration, startSeconds);
  }

  clear(): void {
    this.all.length = 0;
    this.#byPath.clear();
    this.#bySegment.clear();
    this.#anchor = undefined;
  }

  #name(
    playlist: MediaPlaylist,
    level: number,
    before: readonly NamedSegment[] = [],
  ): readonly NamedSegment[] {
    const fresh = playlist.segments.map(
      ({ url, byteRange, sequence, durationSeconds }): NamedSegment => ({
        ...{ url, baseurl: playlist.url, byteRange, sn: sequence, start: 0, duration: durationSeconds },
        ...{ type: 'main', level, bitrateTest: false },
      }),
    );
    // What a delta update skips (RFC 8216bis section 4.4.5.2) is as it was.
    const firstNew = playlist.segments[0]?.sequence ?? Number.POSITIVE_INFINITY;
    const kept = before.filter(({ sn }) => sn >= playlist.firstSequence && sn < firstNew);
    const all = [...kept, ...fresh];
    for (const segment of before) this.#bySegment.delete(segmentKey(segment.url, segment.byteRange));
    for (const segment of all) this.#bySegment.set(segmentKey(segment.url, segment.byteRange), segment);
    return all;
  }
}
