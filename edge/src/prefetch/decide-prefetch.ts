import type { Target } from './playlist-index.js';

/**
 * Why nothing, or less, is fetched ahead. `no-next`: the playlist ends here. `not-forward`: nobody asked for the segment before. `held`: all is cached or being
 * filled. `wasteful`: too few of the last ones were used. `viewers-first`: too many fills of real requests are under
 * way. `max-fills`: too many of its own are. `no-bytes`: the rate is used up.
 */
export type PrefetchReason =
  | 'no-next'
  | 'not-forward'
  | 'held'
  | 'wasteful'
  | 'origin-failing'
  | 'viewers-first'
  | 'max-fills'
  | 'no-bytes';

export interface PrefetchSnapshot {
  /** What would be next, in order, with what has to be loaded before it. */
  readonly next: readonly (Target & { readonly held: boolean })[];
  /** Whether the segment is the playlist's first, or the one before it was asked for lately. */
  readonly forward: boolean;
  readonly wasteful: boolean;
  readonly originIsWell: boolean;
  /** Fills under way for real requests, and its own. */
  readonly viewerFills: number;
  readonly ownFills: number;
  /** Bytes that may be asked for now. */
  readonly roomBytes: number;
  /** What a segment without a range will weigh. */
  readonly segmentBytes: number;
}

export interface PrefetchBounds {
  readonly maxFills: number;
  readonly maxViewerFills: number;
}

export interface PrefetchDecision {
  readonly fill: readonly (Target & { readonly expectedBytes: number })[];
  /** Why not all of it. */
  readonly reason: PrefetchReason | undefined;
}

/**
 * What to fetch ahead. The first segment after a seek or a change of rendition leads to nothing: whoever drags the
 * slider asks for many places and stays at one. The second one in a row does.
 */
export function decidePrefetch(
  snapshot: PrefetchSnapshot,
  { maxFills, maxViewerFills }: PrefetchBounds,
): PrefetchDecision {
  const { next, forward, wasteful, originIsWell, viewerFills, ownFills, segmentBytes } = snapshot;
  if (next.length === 0) return nothing('no-next');
  if (!forward) return nothing('not-forward');
  const missing = next.filter(({ held }) => !held);
  if (missing.length === 0) return nothing('held');
  if (wasteful) return nothing('wasteful');
  if (!originIsWell) return nothing('origin-failing');
  if (viewerFills >= maxViewerFills) return nothing('viewers-first');
  let { roomBytes } = snapshot;
  const fill: (Target & { readonly expectedBytes: number })[] = [];
  for (const { path, range } of missing) {
    const expectedBytes = range?.bytes ?? segmentBytes;
    if (ownFills + fill.length >= maxFills) return { fill, reason: 'max-fills' };
    if (roomBytes < expectedBytes) return { fill, reason: 'no-bytes' };
    roomBytes -= expectedBytes;
    fill.push({ path, range, expectedBytes });
  }
  return { fill, reason: undefined };
}

function nothing(reason: PrefetchReason): PrefetchDecision {
  return { fill: [], reason };
}
