import type { Arm } from '@eddy/protocol';
import type { MoneySaved } from '../prices/money.js';
import type { SavingsEstimate, SavingsUpperBound } from '../savings/estimate.js';

/** Answers of the query API. Times are milliseconds since the epoch, shares are 0 to 1, bytes are media bytes. */

export const RANGE_NAMES = ['15m', '1h', '24h', '7d', '30d', '90d', '1y', '3y'] as const;
export type RangeName = (typeof RANGE_NAMES)[number];

export interface RangeFigures {
  /** Null: it was given by its ends. */
  readonly name: RangeName | null;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Sums of a range or a part of it, and what follows from them. */
export interface Figures {
  /** By the edge's own count, where it can tell sessions. */
  readonly edgeBytes: number;
  readonly peerBytes: number;
  readonly uploadedBytes: number;
  readonly wastedBytes: number;
  readonly watchedMs: number;
  readonly rebufferMs: number;
  readonly rebuffers: number;
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
  /** Of the last 30 s; narrowed, of the last whole minute. */
  readonly live: {
    readonly viewers: number;
    readonly edgeBytesPerSecond: number;
    readonly peerBytesPerSecond: number;
  };
  readonly total: Figures;
  /** Arms that anybody watched in. */
  readonly arms: readonly (Figures & { readonly arm: Arm })[];
}

/** GET /api/timeline?range=1h&arm=holdout: one point for each step of the range, empty ones included, the last one still growing. */
export interface Timeline {
  readonly range: RangeFigures;
  readonly stepSeconds: number;
  readonly points: readonly (Figures & { readonly startMs: number })[];
}

/** GET /api/streams?range=1h&limit=50&cursor=…, the most delivered bytes first. */
export interface Streams {
  readonly range: RangeFigures;
  readonly streams: readonly (Figures & {
    readonly presentation: string;
    readonly liveViewers: number;
    /** Mean number of viewers at a time, stalled ones too: the size of its swarm. */
    readonly meanViewers: number;
  })[];
  readonly nextCursor: string | null;
}

/** Quantiles by fixed buckets, off by at most their factor; null: nothing was counted. */
export interface Quantiles {
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
}

export interface ArmQuality extends Figures {
  readonly arm: Arm;
  readonly startups: number;
  readonly meanStartupMs: number | null;
  readonly startupMs: Quantiles;
  /** Share stalled of each report's time, of ten seconds mostly. */
  readonly reportRebufferShare: Quantiles;
  readonly meanBitrateKbps: number | null;
  /** By time watched. */
  readonly bitrateKbps: Quantiles;
  readonly errors: number;
  readonly errorsPerHour: number | null;
}

/** GET /api/quality?range=7d&stream=… */
export interface Quality {
  readonly range: RangeFigures;
  readonly arms: readonly ArmQuality[];
}

/** GET /api/audience?range=7d&by=region (region, network, device)&device=…, the most watched first. Empty: not known. */
export interface Audience {
  readonly range: RangeFigures;
  readonly by: 'region' | 'network' | 'device';
  readonly parts: readonly (Figures & {
    readonly key: string;
    readonly peerNetworkBytes: number;
    readonly peerRegionBytes: number;
  })[];
}

/** What edges count by themselves, of all requests for media. */
export interface EdgeFigures {
  readonly requests: number;
  readonly hits: number;
  readonly collapsed: number;
  readonly revalidated: number;
  readonly stale: number;
  readonly passed: number;
  readonly refused: number;
  readonly failed: number;
  readonly cuts: number;
  readonly sentBytes: number;
  readonly hitBytes: number;
  readonly originBytes: number;
  readonly shieldBytes: number;
  readonly siblingBytes: number;
  readonly accusations: number;
  readonly disputedViewers: number;
  readonly reportedMs: number;
  /** Hits of requests that were not refused; null: there were none. */
  readonly hitRatio: number | null;
  /** The same by bytes. */
  readonly byteHitRatio: number | null;
}

/** GET /api/edges?range=1h&pop=…&edge=…&limit=100&cursor=…, who sent the most bytes first. */
export interface Edges {
  readonly range: RangeFigures;
  readonly stepSeconds: number;
  readonly total: EdgeFigures;
  /** One for each step of the range, of all edges that are asked for. */
  readonly points: readonly (EdgeFigures & { readonly startMs: number })[];
  readonly edges: readonly (EdgeFigures & {
    readonly edge: string;
    readonly pop: string;
    /** Mean of the last whole minute that it told of; null: it told nothing in the last three. */
    readonly nowBytesPerSecond: number | null;
  })[];
  readonly nextCursor: string | null;
}

export interface Mismatches {
  readonly edgeBytes: number;
  readonly claimedEdgeBytes: number;
  readonly unsentBytes: number;
  readonly unclaimedBytes: number;
  readonly unwitnessedBytes: number;
  readonly unmatchedPeerBytes: number;
  readonly unmatchedUploadBytes: number;
  readonly cappedMs: number;
  readonly hashFailedBytes: number;
}

/** GET /api/integrity?range=7d: what players claim and others do not confirm. */
export interface Integrity {
  readonly range: RangeFigures;
  readonly total: Mismatches;
  readonly streams: readonly (Mismatches & { readonly presentation: string })[];
  /** What edges heard of viewers who accused each other of wrong bytes. Of all streams. */
  readonly swarm: Pick<EdgeFigures, 'accusations' | 'disputedViewers'>;
  /** Sent by this edge to sessions that never reported anything, since it started. */
  readonly unreportedBytes: number;
}

/** GET /api/savings?range=30d&stream=…&plan=NAME */
export interface Savings {
  readonly range: RangeFigures;
  /** Null: nobody watched. */
  readonly saved: SavingsEstimate | SavingsUpperBound | null;
  /** Where the edge had its bytes, by players' claims; origin egress is what it had to fetch. */
  readonly egress: { readonly edgeBytes: number; readonly originBytes: number; readonly turnBytes: number };
  readonly money: MoneySaved | null;
}

/** GET /api/savings-trend?range=30d&stream=…: at most 32 steps, the last one still growing. */
export interface SavingsTrend {
  readonly range: RangeFigures;
  readonly stepSeconds: number;
  readonly points: readonly {
    readonly startMs: number;
    /** Null: nobody watched. */
    readonly saved: SavingsEstimate | SavingsUpperBound | null;
  }[];
}

/** Any answer that is not 200. */
export interface QueryProblem {
  /** A word that stays the same. */
  readonly error: string;
  /** What to do. */
  readonly message: string;
}
