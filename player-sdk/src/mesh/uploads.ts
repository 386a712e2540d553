import {
  chunkCount,
  chunkRange,
  HASH_BYTES,
  type PeerFrame,
  type Refusal,
  type Request,
  type SegmentDigest,
} from '@eddy/protocol';
import type { Clock, Timers } from '../components.js';
import type { HeldSegment, PartialSegment } from '../swarm/swarm.js';
import { PeerBreach } from './breach.js';
import { type DrainingChannel, DrainRate } from './drain-rate.js';
import { TokenBucket } from './token-bucket.js';

export interface UploadsComponents {
  readonly clock: Clock;
  readonly timers: Timers;
  /** The segment with this root, if it is held, whole or in parts. */
  find(root: Uint8Array): HeldSegment | PartialSegment | undefined;
}

export interface UploadsOptions {
  /** Askers served in turn, a chunk each; others wait. Default 4. */
  readonly servedAtOnce?: number;
  /** Delay that other askers may cause a new request before it is refused. Default 150 ms. */
  readonly maxQueueMs?: number;
  /** Requests of one asker that wait or are being answered. Default 8. */
  readonly maxRequestsPerPeer?: number;
  /** How often one asker may have all of a segment. More is no playing, it is using up the uplink. Default 3. */
  readonly maxCopies?: number;
}

/** How one asker is reached. */
export interface Outlet {
  /** False: stop until `drained`. */
  send(frame: PeerFrame): boolean;
  readonly bufferedBytes: number;
}

/** One asker's place. */
export interface Lane {
  /** @throws PeerBreach */
  request(request: Request): void;
  cancel(id: number): void;
  drained(): void;
  close(): void;
}

/** Assumed of an uplink before it has been seen at work: 10 Mbit/s. */
const ASSUMED_BYTES_PER_SECOND = 1_250_000;
/** Longer without room, and it is the asker that does not read. It must not count against the others. */
const STALLED_MS = 1_000;
/** What may leave at once under a cap: a chunk and its header. */
const BURST_BYTES = 128 * 1024;

/**
 * Answers other players' requests. Askers take turns chunk by chunk, so a long answer holds up a short one by
 * little; a request that the others' answers would delay for long is refused at once, so that its asker can turn
 * to someone else while there is time.
 */
export class Uploads {
  readonly #components: UploadsComponents;
  readonly #servedAtOnce: number;
  readonly #maxQueueMs: number;
  readonly #maxRequestsPerPeer: number;
  readonly #maxCopies: number;
  readonly #lanes = new Set<LaneState>();
  /** In turn. None of them is full, all have something to send. */
  #serving: LaneState[] = [];
  #waiting: LaneState[] = [];
  readonly #drainRate: DrainRate;
  #enabled = false;
  #capBytesPerSecond = 0;
  #bucket: TokenBucket;
  #cancelTimer: (() => void) | undefined;
  #pumping = false;
  #uploadedBytes = 0;

  constructor(
    components: UploadsComponents,
    { servedAtOnce = 4, maxQueueMs = 150, maxRequestsPerPeer = 8, maxCopies = 3 }: UploadsOptions = {},
  ) {
    this.#components = components;
    this.#servedAtOnce = servedAtOnce;
    this.#maxQueueMs = maxQueueMs;
    this.#maxRequestsPerPeer = maxRequestsPerPeer;
    this.#maxCopies = maxCopies;
    this.#drainRate = new DrainRate(components.clock, ASSUMED_BYTES_PER_SECOND);
    this.#bucket = new TokenBucket(components.clock, { perSecond: 0, burst: BURST_BYTES });
  }

  /** Media bytes handed to channels. */
  get uploadedBytes(): number {
    return this.#uploadedBytes;
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  /** `bytesPerSecond` caps all answers together; 0 for no cap. Off: what is queued is refused. */
  allow({ enabled, bytesPerSecond }: { enabled: boolean; bytesPerSecond: number }): void {
    this.#enabled = enabled;
    if (bytesPerSecond !== this.#capBytesPerSecond) {
      this.#capBytesPerSecond = bytesPerSecond;
      this.#bucket = new TokenBucket(this.#components.clock, {
        perSecond: bytesPerSecond,
        burst: BURST_BYTES,
      });
      this.#cancelTimer?.();
      this.#cancelTimer = undefined;
    }
    if (!enabled) {
      for (const lane of this.#lanes) {
        for (const { id } of lane.jobs.splice(0)) refuse(lane, id, 'off');
        this.#step(lane);
      }
    }
    this.#pump();
  }

  /** It is not held any more: answers under way end. */
  drop(held: HeldSegment): void {
    for (const lane of this.#lanes) {
      const ended = lane.jobs.filter((job) => job.held === held);
      if (ended.length === 0) continue;
      lane.jobs = lane.jobs.filter((job) => job.held !== held);
      for (const { id } of ended) refuse(lane, id, 'not-held');
      this.#step(lane);
    }
    this.#pump();
  }

  open(outlet: Outlet): Lane {
    const lane = new LaneState(outlet);
    this.#lanes.add(lane);
    return {
      request: (request) => this.#request(lane, request),
      cancel: (id) => {
        lane.jobs = lane.jobs.filter((job) => job.id !== id);
        this.#step(lane);
        this.#pump();
      },
      drained: () => {
        lane.fullSince = undefined;
        this.#measure();
        this.#step(lane);
        this.#pump();
      },
      close: () => {
        lane.jobs = [];
        this.#lanes.delete(lane);
        this.#step(lane);
        this.#pump();
      },
    };
  }

  #request(lane: LaneState, request: Request): void {
    const { id } = request;
    if (id <= lane.lastId) throw new PeerBreach('repeated-id', `request ${id} after ${lane.lastId}`);
    lane.lastId = id;
    const job = this.#admit(lane, request);
    if (typeof job === 'string') {
      refuse(lane, id, job);
      return;
    }
    lane.jobs.push(job);
    this.#step(lane);
    this.#pump();
  }

  #admit(lane: LaneState, { id, root, first, count, leaves }: Request): Job | Refusal {
    if (!this.#enabled) return 'off';
    const held = this.#components.find(root);
    if (held === undefined) return 'not-held';
    if (first + count > chunkCount(held.digest.bytes)) return 'limit';
    if (!holdsAll(held, first, count)) return 'not-held';
    if (lane.jobs.length >= this.#maxRequestsPerPeer) return 'limit';
    const job: Job = { id, held, next: first, end: first + count, leaves };
    if (lane.bytesOf(held.digest) + remainingBytes(job) > this.#maxCopies * held.digest.bytes) return 'limit';
    return this.#delayMs(lane, remainingBytes(job)) > this.#maxQueueMs ? 'busy' : job;
  }

  /**
   * How much later an answer of `bytes` bytes ends because of other askers: what is already in channels goes
   * first, and while it is answered each of the others gets at most as many bytes again.
   */
  #delayMs(asker: LaneState, bytes: number): number {
    this.#measure();
    let ahead = 0;
    for (const lane of this.#flowing()) {
      if (lane !== asker) ahead += lane.bufferedBytes + Math.min(lane.queuedBytes, bytes);
    }
    const cap = this.#capBytesPerSecond === 0 ? Number.POSITIVE_INFINITY : this.#capBytesPerSecond;
    return (ahead * 1000) / Math.min(this.#drainRate.bytesPerSecond, cap);
  }

  #measure(): void {
    this.#drainRate.observe(this.#flowing());
  }

  #flowing(): LaneState[] {
    const stalledBefore = this.#components.clock.now() - STALLED_MS;
    return [...this.#lanes].filter(({ fullSince }) => fullSince === undefined || fullSince > stalledBefore);
  }

  /** Puts a lane where its state says: out of turn when it has nothing to send or no room, in line otherwise. */
  #step(lane: LaneState): void {
    const ready = lane.jobs.length > 0 && lane.fullSince === undefined;
    const inLine = this.#serving.includes(lane) || this.#waiting.includes(lane);
    if (ready && !inLine) this.#waiting.push(lane);
    if (!ready && inLine) {
      this.#serving = this.#serving.filter((other) => other !== lane);
      this.#waiting = this.#waiting.filter((other) => other !== lane);
    }
  }

  #pump(): void {
    // A send can close a channel, which comes back here.
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#sendOne());
    this.#pumping = false;
  }

  #sendOne(): boolean {
    while (this.#serving.length < this.#servedAtOnce) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#serving.push(next);
    }
    const [lane] = this.#serving;
    const job = lane?.jobs[0];
    if (lane === undefined || job === undefined) return false;
    const bytes = nextBytes(job);
    if (!this.#bucket.take(bytes)) {
      this.#cancelTimer?.();
      this.#cancelTimer = this.#components.timers.after(this.#bucket.waitMs(bytes), () => this.#pump());
      return false;
    }
    this.#serving.shift();
    this.#serving.push(lane);
    lane.sentBytes += bytes;
    if (!job.leaves) {
      this.#uploadedBytes += bytes;
      lane.served.set(job.held.digest, (lane.served.get(job.held.digest) ?? 0) + bytes);
    }
    const frame = takeFrame(job);
    const requestDone = !job.leaves && job.next === job.end;
    if (requestDone) {
      lane.jobs.shift();
      // One with more to ask for lets the others in first.
      this.#serving.pop();
    }
    if (!lane.outlet.send(frame)) lane.fullSince = this.#components.clock.now();
    this.#step(lane);
    return true;
  }
}

class LaneState implements DrainingChannel {
  readonly outlet: Outlet;
  jobs: Job[] = [];
  /** When its channel last said stop; undefined while there is room. */
  fullSince: number | undefined;
  lastId = 0;
  sentBytes = 0;
  /** Media bytes that it had of each segment, for as long as the segment is held. */
  readonly served: WeakMap<SegmentDigest, number> = new WeakMap();

  constructor(outlet: Outlet) {
    this.outlet = outlet;
  }

  get bufferedBytes(): number {
    return this.outlet.bufferedBytes;
  }

  get queuedBytes(): number {
    return this.jobs.reduce((sum, job) => sum + remainingBytes(job), 0);
  }

  /** Of one segment: what it had, and what it waits for. */
  bytesOf(digest: SegmentDigest): number {
    const waiting = this.jobs.filter(({ held }) => held.digest === digest);
    return waiting.reduce((sum, job) => sum + remainingBytes(job), this.served.get(digest) ?? 0);
  }
}

interface Job {
  readonly id: number;
  readonly held: HeldSegment;
  next: number;
  readonly end: number;
  /** The leaf hashes are still to be sent. */
  leaves: boolean;
}

function refuse({ outlet }: LaneState, id: number, reason: Refusal): void {
  outlet.send({ type: 'refuse', id, reason });
}

function remainingBytes({ held, next, end }: Job): number {
  return chunkRange(end - 1, held.bytes.length).end - chunkRange(next, held.bytes.length).start;
}

function nextBytes({ held, next, leaves }: Job): number {
  if (leaves) return held.leaves.length * HASH_BYTES;
  const { start, end } = chunkRange(next, held.bytes.length);
  return end - start;
}

function takeFrame(job: Job): PeerFrame {
  const { id, held } = job;
  if (job.leaves) {
    job.leaves = false;
    return { type: 'leaves', id, leaves: held.leaves };
  }
  const index = job.next++;
  const { start, end } = chunkRange(index, held.bytes.length);
  return { type: 'chunk', id, index, payload: held.bytes.subarray(start, end) };
}

function holdsAll(held: HeldSegment | PartialSegment, first: number, count: number): boolean {
  if (!('has' in held)) return true;
  for (let chunk = first; chunk < first + count; chunk++) if (!held.has(chunk)) return false;
  return true;
}
