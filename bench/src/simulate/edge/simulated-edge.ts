import { MeetingPlace, type SwarmServiceConfig } from '@eddy/edge/meeting-place';
import type { Clock, Random, Timers } from '@eddy/player-sdk/internal';
import type { SegmentDigest, WantedSegment } from '@eddy/protocol';
import { FairLink } from '../links/fair-link.js';
import type { Stream, StreamSegment } from './stream.js';

export interface SimulatedEdgeComponents {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly stream: Stream;
}

export interface SimulatedEdgeOptions {
  /** Of all media together. */
  readonly egressBytesPerSecond: number;
  /** From a viewer's first request for a segment to its first byte from storage. */
  readonly originMs: number;
  /** From there to its last byte. */
  readonly fillMs: number;
  readonly swarm: SwarmServiceConfig;
}

type Known = (wanted: WantedSegment, digest: SegmentDigest) => void;

/** The edge: its media by one link of its own, what it knows of digests, and the real meeting place. */
export class SimulatedEdge {
  readonly egress: FairLink;
  readonly meeting: MeetingPlace;
  readonly #components: SimulatedEdgeComponents;
  readonly #options: SimulatedEdgeOptions;
  readonly #filledAt = new Map<number, number>();
  readonly #known = new Set<number>();
  readonly #listeners = new Set<Known>();
  #names = 0;

  constructor(components: SimulatedEdgeComponents, options: SimulatedEdgeOptions) {
    this.#components = components;
    this.#options = options;
    const { clock, timers, random } = components;
    this.egress = new FairLink(components, options.egressBytesPerSecond);
    this.meeting = new MeetingPlace(
      {
        clock,
        timers,
        random,
        newName: () => `viewer-${this.#names++}`,
        digests: {
          find: (wanted) => this.#find(wanted),
          onKnown: (listener) => {
            this.#listeners.add(listener);
            return () => void this.#listeners.delete(listener);
          },
        },
      },
      options.swarm,
    );
  }

  /** A request has come in. When its body can begin. */
  readyAt({ sequence, digest }: StreamSegment): number {
    const { clock, timers } = this.#components;
    const { originMs, fillMs } = this.#options;
    const now = clock.now();
    const filled = this.#filledAt.get(sequence);
    if (filled !== undefined) return Math.max(now, filled - fillMs);
    const begins = now + originMs;
    this.#filledAt.set(sequence, begins + fillMs);
    timers.after(originMs + fillMs, () => {
      this.#known.add(sequence);
      for (const listener of this.#listeners) listener({ path: digest.path }, digest);
    });
    return begins;
  }

  #find({ path }: WantedSegment): SegmentDigest | undefined {
    const segment = this.#components.stream.byPath(path);
    return segment !== undefined && this.#known.has(segment.sequence) ? segment.digest : undefined;
  }
}
