import type { SegmentDigest } from '@eddy/protocol';
import type { Unsubscribe } from '../components.js';

/** What the edge says that segments hash to. `digest-index` implements it. */
export interface Digests {
  /** The digest if it is known by now. */
  find(segment: SegmentLocation): SegmentDigest | undefined;
  /**
   * Sees to it that the digest becomes known: reads the published block of the playlist (once), or asks the edge
   * for a push. Asking again for the same segment costs nothing.
   */
  want(segment: SegmentLocation): void;
  /** The bytes that the edge serves now are not these any more (replaced under its name): forget and ask again. */
  forget(segment: SegmentLocation): void;
  /** Called after digests have become known. */
  onArrival(listener: () => void): Unsubscribe;
}

/** Where a segment is, without host, query or token. */
export interface SegmentLocation {
  /** Canonical path of the resource. */
  readonly path: string;
  /** For byte-range segments. */
  readonly range?: { readonly start: number; readonly bytes: number };
  readonly sequence: number;
  /** Canonical path of the media playlist. */
  readonly playlistPath: string;
  /** The playlist still grows: there is no published block yet. */
  readonly live: boolean;
}
