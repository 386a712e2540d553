import { createHash } from 'node:crypto';
import { chunkRange, leavesOf, type Refusal, rootOf, type SegmentDigest, type Sha256 } from '@eddy/protocol';
import type { Clock, Timers, Unsubscribe } from '../components.js';
import type { Digests, SegmentLocation } from '../digests/digests.js';
import type {
  AnswerEvents,
  ChunkRequest,
  HeldSegment,
  SegmentName,
  SharedParts,
  Swarm,
  SwarmPeer,
} from '../swarm/swarm.js';
import { seededRandom } from '../testing/fake-time.js';
import type { ByteRange, EdgeEvents, EdgeFailure, EdgeRequest, EdgeSource } from './edge-source.js';

/** Swarm, edge and digests that do as a test tells them, in fake time. */

export const sha256: Sha256 = (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest());

export interface Footage {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly leaves: readonly Uint8Array[];
  readonly digest: SegmentDigest;
}

/** A segment of random bytes and what is known of it. */
export async function footage(bytes: number, seed = 1, path = '/film/1.m4s'): Promise<Footage> {
  const random = seededRandom(seed);
  const content = Uint8Array.from({ length: bytes }, () => Math.floor(random() * 256));
  const leaves = await leavesOf(content, sha256);
  return { bytes: content, leaves, digest: { path, start: 0, bytes, root: await rootOf(leaves, sha256) } };
}

export class FakeDigests implements Digests {
  known: SegmentDigest | undefined;
  forgotten = 0;
  wanted = 0;
  readonly #listeners = new Set<() => void>();

  find(_segment: SegmentLocation): SegmentDigest | undefined {
    return this.known;
  }

  want(): void {
    this.wanted++;
  }

  forget(): void {
    this.forgotten++;
    this.known = undefined;
  }

  onArrival(listener: () => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  arrive(digest: SegmentDigest): void {
    this.known = digest;
    for (const listener of [...this.#listeners]) listener();
  }
}

/**
 * How a peer answers: in time at its rate; with bytes or leaves that are wrong; not at all; with a refusal; or until
 * it breaks off.
 */
export type Manner =
  | { readonly kind: 'honest' | 'wrong-bytes' | 'wrong-leaves' | 'silent' }
  | { readonly kind: 'refuses'; readonly reason: Refusal }
  | { readonly kind: 'breaks-off'; readonly afterChunks: number };

export interface FakePeerOptions {
  readonly id: string;
  readonly manner?: Manner;
  /** Real throughput. */
  readonly bytesPerSecond?: number;
  /** Throughput that is believed. */
  readonly measured?: number;
  readonly has?: boolean;
}

export class FakePeer implements SwarmPeer {
  readonly id: string;
  readonly uploads = true;
  manner: Manner;
  holds: boolean;
  readonly parts: Set<number> = new Set();
  claimed: number | undefined;
  failures = 0;
  pendingBytes = 0;
  readonly rate: number;
  readonly bytesPerSecond: number | undefined;

  constructor({
    id,
    manner = { kind: 'honest' },
    bytesPerSecond = 5e6,
    measured,
    has = true,
  }: FakePeerOptions) {
    this.id = id;
    this.manner = manner;
    this.rate = bytesPerSecond;
    this.bytesPerSecond = measured;
    this.holds = has;
  }

  has(): boolean {
    return this.holds;
  }

  partsOf(): ReadonlySet<number> {
    return this.parts;
  }

  claimedAt(): number | undefined {
    return this.claimed;
  }
}

export class FakeSwarm implements Swarm {
  readonly self = 'me';
  readonly isolated = false;
  readonly asked: { readonly peer: string; readonly first: number; readonly count: number }[] = [];
  readonly blamed: string[] = [];
  readonly claims: SegmentName[] = [];
  readonly holding: HeldSegment[] = [];
  /** Chunks given to others before the segment was whole, and "ended". */
  readonly shared: (number | 'ended')[] = [];
  readonly #timers: Timers;
  readonly #footage: Footage;
  readonly #listeners = new Set<() => void>();
  #peers: FakePeer[];

  constructor(timers: Timers, content: Footage, peers: FakePeer[] = []) {
    this.#timers = timers;
    this.#footage = content;
    this.#peers = peers;
  }

  share(): SharedParts {
    return { add: (chunk) => this.shared.push(chunk), end: () => this.shared.push('ended') };
  }

  peers(): readonly FakePeer[] {
    return this.#peers;
  }

  ask(id: string, request: ChunkRequest, answer: AnswerEvents): () => void {
    const peer = this.#peers.find((candidate) => candidate.id === id);
    this.asked.push({ peer: id, first: request.first, count: request.count });
    let cancelled = false;
    const later = (ms: number, run: () => void): void => {
      this.#timers.after(ms, () => {
        if (!cancelled) run();
      });
    };
    if (peer === undefined) later(0, () => answer.onFailed('gone'));
    else this.#answer(peer, request, answer, later);
    return () => {
      cancelled = true;
    };
  }

  claim(name: SegmentName): void {
    this.claims.push(name);
  }

  hold(segment: HeldSegment): void {
    this.holding.push(segment);
  }

  held(root: Uint8Array): HeldSegment | undefined {
    return this.holding.find(({ digest }) => digest.root === root);
  }

  blame(peer: string): boolean {
    this.blamed.push(peer);
    this.#peers = this.#peers.filter(({ id }) => id !== peer);
    this.change();
    return true;
  }

  onChange(listener: () => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  change(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #answer(
    { manner, rate }: FakePeer,
    { first, count, leaves }: ChunkRequest,
    answer: AnswerEvents,
    later: (ms: number, run: () => void) => void,
  ): void {
    const { kind } = manner;
    if (kind === 'silent') return;
    if (kind === 'refuses') {
      later(20, () => answer.onRefused(manner.reason));
      return;
    }
    const { bytes, leaves: right } = this.#footage;
    if (leaves) later(20, () => answer.onLeaves(kind === 'wrong-leaves' ? right.map(spoil) : right));
    const most = kind === 'breaks-off' ? Math.min(count, manner.afterChunks) : count;
    let ms = 20;
    for (let index = first; index < first + most; index++) {
      const { start, end } = chunkRange(index, bytes.length);
      ms += ((end - start) * 1000) / rate;
      const payload = bytes.slice(start, end);
      later(ms, () => answer.onChunk(index, kind === 'wrong-bytes' ? spoil(payload) : payload));
    }
    if (most < count) later(ms + 1, () => answer.onFailed('broke off'));
    else later(ms, () => answer.onDone());
  }
}

export interface FakeEdgeOptions {
  readonly bytesPerSecond?: number;
  readonly failure?: EdgeFailure;
  /** Answers a range with the whole segment. */
  readonly ignoresRanges?: boolean;
}

export class FakeEdge implements EdgeSource {
  readonly asked: { readonly range: ByteRange | undefined; readonly at: number }[] = [];
  content: Uint8Array;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #options: FakeEdgeOptions;

  constructor(
    { clock, timers }: { clock: Clock; timers: Timers },
    content: Uint8Array,
    options: FakeEdgeOptions = {},
  ) {
    this.#clock = clock;
    this.#timers = timers;
    this.content = content;
    this.#options = options;
  }

  ask(range: ByteRange | undefined, events: EdgeEvents): EdgeRequest {
    const { bytesPerSecond = 2e6, failure, ignoresRanges = false } = this.#options;
    const startedAt = this.#clock.now();
    this.asked.push({ range, at: startedAt });
    const { start, end } =
      ignoresRanges || range === undefined ? { start: 0, end: this.content.length } : range;
    const bytes = new Uint8Array(this.content.slice(start, end));
    const firstAt = startedAt + 20;
    const endedAt = firstAt + (bytes.length * 1000) / bytesPerSecond;
    const now = (): number => this.#clock.now();
    const cancel = this.#timers.after(endedAt - startedAt, () => {
      if (failure === undefined) events.onDone(bytes);
      else events.onFailed(failure);
    });
    return {
      get timing() {
        const share = Math.min(1, Math.max(0, (now() - firstAt) / (endedAt - firstAt)));
        const loadedBytes = Math.floor(bytes.length * share);
        return {
          startedAt,
          firstAt: now() < firstAt ? 0 : firstAt,
          endedAt: now() < endedAt ? 0 : endedAt,
          loadedBytes,
        };
      },
      cancel,
    };
  }
}

function spoil(bytes: Uint8Array): Uint8Array {
  const spoilt = bytes.slice();
  spoilt[0] = (spoilt[0] ?? 0) ^ 0xff;
  return spoilt;
}
