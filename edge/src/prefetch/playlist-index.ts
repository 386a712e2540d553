import { LRUCache } from 'lru-cache';
import { type ByteRange, type PlaylistResource, parseMediaPlaylist } from './media-playlist.js';
import { resolveUri } from './resolve-uri.js';

/** What can be filled: a path, or a range of it. */
export interface Target {
  readonly path: string;
  readonly range: ByteRange | undefined;
}

/** A segment that the edge knows from a playlist that it holds. */
export interface IndexedSegment {
  /** See {@link nameOf}. */
  readonly name: string;
  readonly target: Target;
  readonly map: Target | undefined;
  readonly gap: boolean;
  readonly playlist: IndexedPlaylist;
  readonly position: number;
  /** When it was last asked for, and when it was last thought about what comes next; -Infinity for never. */
  requestedAtMs: number;
  consideredAtMs: number;
}

export interface IndexedPlaylist {
  readonly path: string;
  /** A place in it that leads nowhere here is undefined. */
  readonly segments: (IndexedSegment | undefined)[];
  /** What its last segment that was stored weighed. */
  segmentBytes: number | undefined;
}

export interface PlaylistIndexOptions {
  /** Most segments remembered, about 300 bytes each; the longest unused playlists are forgotten first. */
  readonly maxSegments: number;
}

/** Longer ones are not read: 30,000 segments, say. */
const MAX_PLAYLIST_BYTES = 2 * 1024 * 1024;

/** Which segment stands where in the playlists that the edge holds: each is read once, when it is stored. */
export class PlaylistIndex {
  readonly #playlists: LRUCache<string, IndexedPlaylist>;
  readonly #segments = new Map<string, IndexedSegment>();

  constructor({ maxSegments }: PlaylistIndexOptions) {
    this.#playlists = new LRUCache<string, IndexedPlaylist>({
      maxSize: maxSegments,
      sizeCalculation: ({ segments }) => Math.max(1, segments.length),
      dispose: (playlist, _path, reason) => {
        if (reason === 'evict') this.#forget(playlist);
      },
    });
  }

  /** Segments remembered. */
  get size(): number {
    return this.#segments.size;
  }

  /** A newer version of a playlist replaces the older; what is known of its segments stays. */
  store(path: string, body: Buffer): void {
    const parsed = body.length > MAX_PLAYLIST_BYTES ? undefined : parseMediaPlaylist(body.toString('utf8'));
    const older = this.#playlists.peek(path);
    if (older !== undefined) this.#playlists.delete(path);
    const segments: (IndexedSegment | undefined)[] = [];
    const playlist: IndexedPlaylist = { path, segments, segmentBytes: older?.segmentBytes };
    const targetOf = ({ uri, range }: PlaylistResource): Target | undefined => {
      const resolved = resolveUri(path, uri);
      return resolved === undefined ? undefined : { path: resolved, range };
    };
    for (const [position, { uri, range, map, gap }] of (parsed?.segments ?? []).entries()) {
      const target = targetOf({ uri, range });
      if (target === undefined) {
        segments.push(undefined);
        continue;
      }
      const name = nameOf(target.path, range?.start);
      const known = this.#segments.get(name);
      segments.push({
        name,
        target,
        map: map === undefined ? undefined : targetOf(map),
        gap,
        playlist,
        position,
        requestedAtMs: known?.requestedAtMs ?? Number.NEGATIVE_INFINITY,
        consideredAtMs: known?.consideredAtMs ?? Number.NEGATIVE_INFINITY,
      });
    }
    const fits = segments.length > 0 && segments.length <= this.#playlists.maxSize;
    if (fits)
      for (const segment of segments) if (segment !== undefined) this.#segments.set(segment.name, segment);
    // After the newer one took its names over: those that are left are gone.
    if (older !== undefined) this.#forget(older);
    if (fits) this.#playlists.set(path, playlist);
  }

  /** `firstByte` where a range is asked for. */
  find(path: string, firstByte?: number): IndexedSegment | undefined {
    const part = firstByte === undefined ? undefined : this.#segments.get(nameOf(path, firstByte));
    return part ?? this.#segments.get(path);
  }

  /** The segment's playlist is in use. */
  touch({ playlist }: IndexedSegment): void {
    this.#playlists.get(playlist.path);
  }

  #forget(playlist: IndexedPlaylist): void {
    for (const segment of playlist.segments) {
      if (segment === undefined) continue;
      // Another playlist may name it too.
      if (this.#segments.get(segment.name)?.playlist === playlist) this.#segments.delete(segment.name);
    }
  }
}

/** One name for a path or a range of it. Spaces are in no canonical path. */
export function nameOf(path: string, firstByte: number | undefined): string {
  return firstByte === undefined ? path : `${path} ${firstByte}`;
}
