import type { Arm, BeaconCounters } from '@eddy/protocol';

/** Answers of the query API. Times are milliseconds since the epoch, shares are 0 to 1. */

export const RANGE_NAMES = ['15m', '1h', '24h', '7d'] as const;
export type RangeName = (typeof RANGE_NAMES)[number];

export interface RangeFigures {
  readonly name: RangeName;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Sums of a range or a part of it, and what follows from them. */
export interface Figures extends BeaconCounters {
  /** Sessions that began. */
  readonly sessions: number;
  /** Peer bytes of all bytes; null when there were none. */
  readonly offload: number | null;
  /** Time stalled of time watched and stalled; null when there was none. */
  readonly rebufferShare: number | null;
}

/** GET /api/summary?range=1h */
export interface Summary {
  readonly range: RangeFigures;
  readonly nowMs: number;
  readonly live: {
    readonly viewers: number;
    readonly edgeBytesPerSecond: number;
    readonly peerBytesPerSecond: number;
  };
  readonly total: Figures;
  /** Arms that anybody watched in. */
  readonly arms: readonly (Figures & { readonly arm: Arm })[];
}

/** GET /api/timeline?range=1h: one point for each step of the range, empty ones included, the last one still growing. */
export interface Timeline {
  readonly range: RangeFigures;
  readonly stepSeconds: number;
  readonly points: readonly (Figures & { readonly startMs: number })[];
}

/** GET /api/streams?range=1h&limit=50, the most delivered bytes first. */
export interface Streams {
  readonly range: RangeFigures;
  readonly streams: readonly (Figures & { readonly presentation: string; readonly liveViewers: number })[];
}

/** Any answer that is not 200. */
export interface QueryProblem {
  readonly error: { readonly code: string; readonly message: string };
}
