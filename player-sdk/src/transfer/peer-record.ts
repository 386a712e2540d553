import { chunkCount, MAX_CHUNKS, type Refusal, type SegmentDigest } from '@eddy/protocol';
import type { PeerView } from '../schedule/snapshot.js';
import type { SegmentName, SwarmPeer } from '../swarm/swarm.js';

/** A busy peer may be asked again after this, longer each time. */
const BUSY_MS = 150;

/** What came of asking peers for one segment. */
export class PeerRecord {
  readonly #notBefore = new Map<string, number>();
  readonly #refusals = new Map<string, number>();

  refused(peer: string, reason: Refusal, now: number): void {
    if (reason === 'not-held' || reason === 'off') {
      this.never(peer);
      return;
    }
    const times = (this.#refusals.get(peer) ?? 0) + 1;
    this.#refusals.set(peer, times);
    this.#notBefore.set(peer, now + BUSY_MS * times);
  }

  /** It is not to be asked for this segment again. */
  never(peer: string): void {
    this.#notBefore.set(peer, Number.POSITIVE_INFINITY);
  }

  /** Chunks beyond the segment's end, which could never be asked for, are not counted as held. */
  view(peer: SwarmPeer, segment: SegmentName, digest: SegmentDigest | undefined): PeerView {
    const chunks = digest === undefined ? MAX_CHUNKS : chunkCount(digest.bytes);
    return {
      id: peer.id,
      has: peer.has(segment),
      parts: peer.has(segment) ? [] : [...peer.partsOf(segment)].filter((chunk) => chunk < chunks),
      uploads: peer.uploads,
      claimedAt: peer.claimedAt(segment),
      bytesPerSecond: peer.bytesPerSecond,
      pendingBytes: peer.pendingBytes,
      failures: peer.failures,
      notBefore: this.#notBefore.get(peer.id) ?? 0,
    };
  }
}
