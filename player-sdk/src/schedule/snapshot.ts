/** Everything that deciding about one segment needs to know. Times are clock times in milliseconds. */
export interface Snapshot {
  /** Length of the segment: exact once its digest is known, an estimate before. */
  readonly bytes: number;
  /** How long it plays. */
  readonly durationMs: number;
  /** Whether the digest is known: only then can chunks be asked for, and peers be asked at all. */
  readonly known: boolean;
  /** Since when. 0 while it is not. */
  readonly knownAt: number;
  /** Of a playlist that grows: its digest is known once the edge has given the segment to somebody. */
  readonly live: boolean;
  /** Chunks that have not arrived, rising, those in flight included. Empty while the digest is unknown. */
  readonly missing: readonly number[];
  readonly flights: readonly Flight[];
  /** When the segment was first wanted. */
  readonly startedAt: number;
  /** When the playhead reaches the segment. */
  readonly deadline: number;
  /** The picture waits for this segment, now. */
  readonly startUp: boolean;
  readonly peers: readonly PeerView[];
  /** Peers are on their way: until then it is worth a wait. 0 when none are. */
  readonly expectingUntil: number;
  /** This player's turn to fetch the segment from the edge: 0 is first, Infinity never. See `claimRank`. */
  readonly rank: number;
  /** From 0 to below 1, the same for all decisions about this segment. See `chance`. */
  readonly chance: number;
  readonly edge: EdgeView;
}

/** One request that is under way. */
export interface Flight {
  readonly id: number;
  /** Whom it was asked of; undefined: the edge. */
  readonly peer: string | undefined;
  /** What it still owes. Empty while the digest is unknown. */
  readonly chunks: readonly number[];
  readonly askedAt: number;
  /** When bytes last came; `askedAt` before the first. */
  readonly progressAt: number;
}

export interface PeerView {
  readonly id: string;
  /** It announced the segment and answers requests. */
  readonly has: boolean;
  /** Chunks that it announced of a segment which it does not hold whole. */
  readonly parts: readonly number[];
  /** It answers requests, so that its claim is worth waiting for. */
  readonly uploads: boolean;
  /** When it said that it fetches the segment from the edge. */
  readonly claimedAt: number | undefined;
  /** Measured; undefined before its first answer. */
  readonly bytesPerSecond: number | undefined;
  readonly pendingBytes: number;
  readonly failures: number;
  /** Not to be asked for this segment before then: it refused or failed. Infinity: never. */
  readonly notBefore: number;
}

export interface EdgeView {
  /** Measured; undefined before the first answer. */
  readonly bytesPerSecond: number | undefined;
  readonly roundTripMs: number;
  /** It answered this segment with an error or not at all: it is not asked again. */
  readonly failed: boolean;
}

export type Action =
  /** Chunks `first` to `first + count - 1` of a peer. */
  | { readonly type: 'ask-peer'; readonly peer: string; readonly first: number; readonly count: number }
  /** The same of the edge, as a byte range. */
  | { readonly type: 'ask-edge'; readonly first: number; readonly count: number }
  /** The whole segment of the edge, telling all peers so. */
  | { readonly type: 'ask-edge-whole' }
  /** A flight that brings nothing. */
  | { readonly type: 'cancel'; readonly flight: number }
  /** Decide again then, or when something changes. */
  | { readonly type: 'wait'; readonly until: number }
  /** Nobody is left to ask. */
  | { readonly type: 'give-up' };
