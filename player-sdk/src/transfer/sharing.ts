import { leavesOf, type SegmentDigest, type Sha256 } from '@eddy/protocol';
import type { Timers } from '../components.js';
import type { Digests } from '../digests/digests.js';
import { verifyLeaves } from '../digests/verify.js';
import type { Swarm } from '../swarm/swarm.js';
import type { Proof, SegmentIdentity } from './segment.js';

export interface SharingComponents {
  readonly timers: Timers;
  readonly swarm: Pick<Swarm, 'hold'>;
  readonly digests: Digests;
  readonly sha256: Sha256;
}

export interface SharingOptions {
  /** How long a segment waits for its digest. Default 15,000 ms. */
  readonly digestTimeoutMs?: number;
  /** Segments that wait at a time; the oldest gives way. Default 8. */
  readonly maxWaiting?: number;
}

interface Waiting {
  readonly segment: SegmentIdentity;
  readonly bytes: Uint8Array;
  readonly cancelTimeout: () => void;
}

/**
 * What happens to a segment after the player has it: checked against its digest, which may come later than the
 * bytes, and kept for others. It does not depend on the loader that asked for it.
 */
export class Sharing {
  readonly #components: SharingComponents;
  readonly #options: SharingOptions;
  readonly #waiting = new Set<Waiting>();
  readonly #unsubscribe: () => void;
  #closed = false;

  constructor(components: SharingComponents, options: SharingOptions = {}) {
    this.#components = components;
    this.#options = options;
    this.#unsubscribe = components.digests.onArrival(() => this.#onDigests());
  }

  /** `proof`: the bytes have been checked already. */
  offer(segment: SegmentIdentity, bytes: Uint8Array, proof?: Proof): void {
    if (this.#closed) return;
    // Purged while it was on its way, it is checked against what the edge says next.
    if (proof !== undefined && isRoot(this.#components.digests.find(segment.location), proof.digest)) {
      this.#components.swarm.hold({ name: segment.name, bytes, ...proof });
      return;
    }
    const { digestTimeoutMs = 15_000, maxWaiting = 8 } = this.#options;
    const waiting: Waiting = {
      segment,
      bytes,
      cancelTimeout: this.#components.timers.after(digestTimeoutMs, () => this.#drop(waiting)),
    };
    this.#waiting.add(waiting);
    for (const oldest of this.#waiting) {
      if (this.#waiting.size <= maxWaiting) break;
      this.#drop(oldest);
    }
    this.#components.digests.want(segment.location);
    this.#onDigests();
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    for (const waiting of this.#waiting) this.#drop(waiting);
  }

  #onDigests(): void {
    for (const waiting of this.#waiting) {
      if (this.#components.digests.find(waiting.segment.location) === undefined) continue;
      this.#drop(waiting);
      void this.#check(waiting);
    }
  }

  async #check({ segment, bytes }: Waiting): Promise<void> {
    const { digests, swarm, sha256 } = this.#components;
    const digest = digests.find(segment.location);
    if (digest === undefined) return;
    const leaves = await leavesOf(bytes, sha256);
    const right = digest.bytes === bytes.length && (await verifyLeaves(leaves, digest, sha256));
    if (this.#closed) return;
    // The edge is believed about what it serves now; its word about what it served once is out of date.
    if (right) swarm.hold({ name: segment.name, digest, bytes, leaves });
    else digests.forget(segment.location);
  }

  #drop(waiting: Waiting): void {
    waiting.cancelTimeout();
    this.#waiting.delete(waiting);
  }
}

function isRoot(known: SegmentDigest | undefined, { root }: SegmentDigest): boolean {
  return known?.root.every((byte, index) => byte === root[index]) === true;
}
