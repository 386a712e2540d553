import type { SegmentDigest } from '@eddy/protocol';
import type { SegmentLocation } from '../digests/digests.js';
import type { SegmentName } from '../swarm/swarm.js';
import type { EdgeFailure, EdgeTiming } from './edge-source.js';

/** Which segment: as peers announce it, and where it is. */
export interface SegmentIdentity {
  readonly name: SegmentName;
  readonly location: SegmentLocation;
}

/** When the player needs it, as things stand. */
export interface Need {
  /** Clock time in milliseconds at which the playhead reaches the segment. */
  readonly deadline: number;
  /** The picture waits for it, now. */
  readonly startUp: boolean;
}

/** A segment that is here. */
export interface Acquired {
  /** To be copied before it is given away: others may be served from it. */
  readonly bytes: Uint8Array;
  readonly edgeBytes: number;
  /** By peer. */
  readonly peerBytes: ReadonlyMap<string, number>;
  /** Was held already. */
  readonly memoryBytes: number;
  /** Of the request, when the edge alone delivered it with one. */
  readonly timing: EdgeTiming | undefined;
}

export interface AcquireEvents {
  onDone(acquired: Acquired): void;
  onFailed(failure: EdgeFailure): void;
}

/** What is known of a segment's bytes beyond doubt. */
export interface Proof {
  readonly digest: SegmentDigest;
  readonly leaves: readonly Uint8Array[];
}

/** How far it is. */
export interface Progress {
  readonly loadedBytes: number;
  /** 0 while it is not known. */
  readonly totalBytes: number;
  /** The oldest request to the edge that runs. */
  readonly edge: EdgeTiming | undefined;
}
