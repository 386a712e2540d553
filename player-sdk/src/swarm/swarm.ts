import type { Leaves, Refusal, SegmentDigest } from '@eddy/protocol';
import type { Unsubscribe } from '../components.js';

/**
 * The other viewers, as the transfer of a segment sees them. `mesh/mesh` implements it over connections;
 * tests and the simulator have their own.
 */
export interface Swarm {
  /** This player's name in the room; undefined while it is in none. */
  readonly self: string | undefined;
  /** The edge has parted this player from all that it has channels to: whatever it fetches, nobody asks it for. */
  readonly isolated: boolean;
  /** Peers with an open channel whose HELLO was understood and who are asked at all, in no order. */
  peers(): readonly SwarmPeer[];
  /** Asks `peer` for chunks. Exactly one of `onDone`, `onRefused`, `onFailed` is called unless cancelled. */
  ask(peer: string, request: ChunkRequest, answer: AnswerEvents): CancelRequest;
  /** Tells all peers that this player fetches the segment from the edge. */
  claim(name: SegmentName): void;
  /** Keeps a verified segment, answers requests for it, and announces it. */
  hold(segment: HeldSegment): void;
  /**
   * Begins to answer requests for what is here of a segment whose rest is still on its way. Ends with `end`, or when
   * the segment is held whole.
   */
  share(partial: PartialSegment): SharedParts;
  /** A segment that this player holds, if it does. */
  held(root: Uint8Array): HeldSegment | undefined;
  /** Bytes from this peer were not what the digest says: it is asked for nothing any more, and not met again. False: it was blamed before. */
  blame(peer: string, reason: string): boolean;
  /** Called after anything that `peers()` shows has changed. */
  onChange(listener: () => void): Unsubscribe;
}

/** A segment as peers announce it. */
export interface SegmentName {
  /** `renditionId` of its media playlist. */
  readonly rendition: number;
  /** Media sequence number. */
  readonly sequence: number;
}

export interface SwarmPeer {
  readonly id: string;
  /** It answers requests. */
  readonly uploads: boolean;
  has(name: SegmentName): boolean;
  /** Chunks that it holds of a segment which it does not hold whole. */
  partsOf(name: SegmentName): ReadonlySet<number>;
  /** When (clock time) it claimed the segment; undefined if it has not. */
  claimedAt(name: SegmentName): number | undefined;
  /** Measured over its answers; undefined before the first. */
  readonly bytesPerSecond: number | undefined;
  /** Asked of it and not yet answered. */
  readonly pendingBytes: number;
  /** Requests that it refused, broke off or let time out, since the last success. */
  readonly failures: number;
}

export interface ChunkRequest {
  readonly digest: SegmentDigest;
  readonly first: number;
  readonly count: number;
  /** Ask for the leaf hashes first. */
  readonly leaves: boolean;
}

export interface AnswerEvents {
  onLeaves(leaves: Leaves['leaves']): void;
  /** In any order, each index within the request, length as the digest says; not yet verified. */
  onChunk(index: number, payload: Uint8Array): void;
  /** Every chunk arrived. */
  onDone(): void;
  onRefused(reason: Refusal): void;
  /** The channel closed, or nothing came for too long. */
  onFailed(reason: string): void;
}

export type CancelRequest = () => void;

export interface HeldSegment {
  readonly name: SegmentName;
  readonly digest: SegmentDigest;
  readonly bytes: Uint8Array;
  /** Leaf hashes of `bytes`, in order. */
  readonly leaves: readonly Uint8Array[];
}

/** A segment of which some chunks are here and verified. */
export interface PartialSegment extends HeldSegment {
  has(chunk: number): boolean;
}

export interface SharedParts {
  /** This chunk is here now, verified. */
  add(chunk: number): void;
  /** The segment will not be whole: what is here goes. */
  end(): void;
}
