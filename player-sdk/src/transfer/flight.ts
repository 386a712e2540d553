import type { Flight } from '../schedule/snapshot.js';
import type { ByteRange, EdgeTiming } from './edge-source.js';

export interface FlightStart {
  readonly id: number;
  /** Undefined: the edge. */
  readonly peer: string | undefined;
  readonly chunks: Iterable<number>;
  /** Of the edge, for a part of the segment. */
  readonly range?: ByteRange;
  readonly at: number;
}

/** One request under way. It owes a chunk until the chunk is here and found right. */
export class LiveFlight {
  readonly id: number;
  readonly peer: string | undefined;
  readonly range: ByteRange | undefined;
  readonly askedAt: number;
  readonly chunks: Set<number>;
  /** Arrived, and being checked. */
  readonly checking: Set<number> = new Set();
  progressAt: number;
  /** Settles when the leaves that came with the answer have been checked. */
  leavesChecked: Promise<void> = Promise.resolve();
  /** Of a request to the edge. */
  timing: (() => EdgeTiming) | undefined;
  cancel: () => void = () => {};
  #seenBytes = 0;

  constructor({ id, peer, chunks, range, at }: FlightStart) {
    this.id = id;
    this.peer = peer;
    this.range = range;
    this.askedAt = at;
    this.progressAt = at;
    this.chunks = new Set(chunks);
  }

  /** Bytes of an unfinished answer of the edge. */
  get loadedBytes(): number {
    return this.timing?.().loadedBytes ?? 0;
  }

  view(now: number): Flight {
    if (this.loadedBytes > this.#seenBytes) {
      this.#seenBytes = this.loadedBytes;
      this.progressAt = now;
    }
    const { id, peer, askedAt, progressAt } = this;
    return { id, peer, askedAt, progressAt, chunks: [...this.chunks].sort((a, b) => a - b) };
  }
}
