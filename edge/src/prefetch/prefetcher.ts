import type { Clock } from '../components.js';
import { ByteRate } from './byte-rate.js';
import { decidePrefetch, type PrefetchReason } from './decide-prefetch.js';
import type { ByteRange } from './media-playlist.js';
import { type IndexedSegment, nameOf, PlaylistIndex, type Target } from './playlist-index.js';
import type { PrefetchConfig } from './prefetch-config.js';
import { UseRecord } from './use-record.js';

export interface PrefetchComponents {
  /** Monotonic. */
  readonly clock: Clock;
  /** Whether it is cached and fresh, or being filled. */
  readonly isHeld: (path: string, range: ByteRange | undefined) => boolean;
  /**
   * Starts a fill that nobody waits for; it goes on by itself. `ended` is called once, with the bytes that came, or
   * with undefined if it failed.
   */
  readonly fill: (
    path: string,
    range: ByteRange | undefined,
    ended: (bytes: number | undefined) => void,
  ) => void;
  /** All fills under way, its own included. */
  readonly fillsInFlight: () => number;
  /** False while the breaker is open. */
  readonly originIsWell: () => boolean;
}

export interface Prefetcher {
  /** A whole new body came into the cache; not for one that was found unchanged. Paths are those of the cache. */
  onStored(path: string, body: Buffer): void;
  /** A player asks for this, hit or miss; `firstByte` where it asks for a range. */
  onRequest(path: string, firstByte?: number): void;
  readonly stats: PrefetchStats;
}

export interface PrefetchStats {
  readonly started: number;
  readonly failed: number;
  readonly used: number;
  readonly unused: number;
  readonly bytes: number;
  readonly inFlight: number;
  /** How often nothing, or less, was fetched ahead, and why. */
  readonly reasons: Readonly<Record<PrefetchReason, number>>;
  readonly segmentsKnown: number;
}

/** 30 MB of memory, or 40 two-hour renditions. */
const MAX_SEGMENTS = 100_000;
/** Many viewers at one segment are one reason to look ahead. */
const CONSIDER_AGAIN_MS = 1_000;
/** A player with a full buffer asks for the next segment this late at most. */
const FORWARD_WITHIN_MS = 30_000;
/** Until the first segment of a rendition was seen. */
const GUESSED_SEGMENT_BYTES = 1024 * 1024;

export function createPrefetcher(components: PrefetchComponents, config: PrefetchConfig): Prefetcher {
  const { clock, isHeld, fill, fillsInFlight, originIsWell } = components;
  const index = new PlaylistIndex({ maxSegments: MAX_SEGMENTS });
  const uses = new UseRecord({ clock }, config);
  const rate = new ByteRate({ clock }, config);
  const reasons: Record<PrefetchReason, number> = emptyReasons();
  let started = 0;
  let failed = 0;
  let bytes = 0;
  let inFlight = 0;

  function consider(segment: IndexedSegment, forward: boolean): void {
    const next = nextTargets(segment, config.segments);
    const { fill: wanted, reason } = decidePrefetch(
      {
        next: next.map(({ path, range }) => ({ path, range, held: isHeld(path, range) })),
        forward,
        wasteful: uses.wasteful,
        originIsWell: originIsWell(),
        viewerFills: fillsInFlight() - inFlight,
        ownFills: inFlight,
        roomBytes: rate.roomBytes,
        segmentBytes: segment.playlist.segmentBytes ?? GUESSED_SEGMENT_BYTES,
      },
      config,
    );
    if (reason !== undefined) reasons[reason]++;
    for (const { path, range, expectedBytes } of wanted) start({ path, range }, expectedBytes);
  }

  function start({ path, range }: Target, expectedBytes: number): void {
    const name = nameOf(path, range?.start);
    started++;
    inFlight++;
    rate.take(expectedBytes);
    uses.fetched(name);
    let open = true;
    fill(path, range, (came) => {
      if (!open) return;
      open = false;
      inFlight--;
      rate.take((came ?? 0) - expectedBytes);
      bytes += came ?? 0;
      if (came !== undefined) return;
      failed++;
      uses.failed(name);
    });
  }

  return {
    onStored(path, body) {
      if (config.segments === 0) return;
      if (/\.m3u8?$/i.test(path)) index.store(path, body);
      else {
        const segment = index.find(path);
        if (segment !== undefined) segment.playlist.segmentBytes = body.length;
      }
    },
    onRequest(path, firstByte) {
      if (config.segments === 0) return;
      const segment = index.find(path, firstByte);
      // Whoever asks for another part than was fetched uses it too.
      uses.requested(segment?.name ?? path);
      if (segment === undefined) return;
      const nowMs = clock.now();
      segment.requestedAtMs = nowMs;
      if (nowMs - segment.consideredAtMs < CONSIDER_AGAIN_MS) return;
      segment.consideredAtMs = nowMs;
      index.touch(segment);
      const before =
        segment.playlist.segments[segment.position - 1]?.requestedAtMs ?? Number.NEGATIVE_INFINITY;
      consider(segment, segment.position === 0 || nowMs - before <= FORWARD_WITHIN_MS);
    },
    get stats() {
      const { used, unused } = uses;
      return { started, failed, used, unused, bytes, inFlight, reasons, segmentsKnown: index.size };
    },
  };
}

/** Segments in order, each behind the initialization that it needs and its predecessor did not. */
function nextTargets({ playlist, position, map }: IndexedSegment, count: number): Target[] {
  const targets: Target[] = [];
  let known = map;
  for (const next of playlist.segments.slice(position + 1, position + 1 + count)) {
    // Neither is there anything to fetch in a gap, nor elsewhere.
    if (next === undefined || next.gap) continue;
    if (next.map !== undefined && !same(next.map, known)) targets.push(next.map);
    known = next.map;
    targets.push(next.target);
  }
  return targets;
}

function same(one: Target, other: Target | undefined): boolean {
  return one.path === other?.path && one.range?.start === other.range?.start;
}

function emptyReasons(): Record<PrefetchReason, number> {
  return {
    'no-next': 0,
    'not-forward': 0,
    held: 0,
    wasteful: 0,
    'origin-failing': 0,
    'viewers-first': 0,
    'max-fills': 0,
    'no-bytes': 0,
  };
}
