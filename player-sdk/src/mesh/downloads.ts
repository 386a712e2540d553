import { type Chunk, chunkCount, chunkRange, type Leaves, type PeerFrame, type Refuse } from '@eddy/protocol';
import type { Clock, Timers } from '../components.js';
import type { AnswerEvents, CancelRequest, ChunkRequest } from '../swarm/swarm.js';
import { PeerBreach } from './breach.js';
import { Throughput } from './throughput.js';

export interface DownloadsComponents {
  readonly clock: Clock;
  readonly timers: Timers;
  send(frame: PeerFrame): void;
  /** What this room shows of itself has changed. */
  onChange(): void;
  /**
   * It left so many requests in a row, the first of them asked at `sinceMs`, without a word that nothing more is
   * expected of it. Called after the turn.
   */
  onSilent(reason: string, sinceMs: number): void;
  /** So many requests in a row were refused, or given up unanswered, whatever it announced. Called after the turn. */
  onUnwilling(reason: string): void;
}

export interface DownloadsOptions {
  /** Longest wait for the next frame of the answer whose turn it is. Default 2,000 ms. */
  readonly answerTimeoutMs?: number;
  /** Requests without an answer at a time; more are refused here. Default 16. */
  readonly maxOutstanding?: number;
  /** A request that is given up after so long, with no media and no refusal in between, counts as silence. Default 800 ms. */
  readonly silentMs?: number;
  /** Requests in a row that may end in silence. Default 3. */
  readonly maxSilent?: number;
  /** Requests in a row that may be refused, with no media in between. Default 16. */
  readonly maxRefused?: number;
  /** Requests in a row that may be given up after `silentMs` without the next chunk. Default 8. */
  readonly maxStalled?: number;
}

/** Answers that were given up and may still have frames on their way. Older ones have long arrived. */
const MAX_RETIRED = 64;
/** Frames for answers beyond those before it is no accident any more. */
const MAX_STRAYS = 64;

/** What this player asked of one peer. Every frame of an answer is held against its request. */
export class Downloads {
  readonly #components: DownloadsComponents;
  readonly #answerTimeoutMs: number;
  readonly #maxOutstanding: number;
  readonly #silentMs: number;
  readonly #maxSilent: number;
  readonly #maxRefused: number;
  readonly #maxStalled: number;
  /** By id, in the order asked, which is the order of answers. */
  readonly #pending = new Map<number, Pending>();
  readonly #retired = new Map<number, Pending>();
  readonly #throughput = new Throughput();
  #nextId = 1;
  #failures = 0;
  #strays = 0;
  #silent = 0;
  #silentSince = 0;
  #refused = 0;
  #stalled = 0;
  #heardAt = 0;
  #lastDoneAt = 0;
  #head: Pending | undefined;
  #cancelTimeout: () => void = () => {};

  constructor(
    components: DownloadsComponents,
    {
      answerTimeoutMs = 2_000,
      maxOutstanding = 16,
      silentMs = 800,
      maxSilent = 3,
      maxRefused = 16,
      maxStalled = 8,
    }: DownloadsOptions = {},
  ) {
    this.#components = components;
    this.#answerTimeoutMs = answerTimeoutMs;
    this.#maxOutstanding = maxOutstanding;
    this.#silentMs = silentMs;
    this.#maxSilent = maxSilent;
    this.#maxRefused = maxRefused;
    this.#maxStalled = maxStalled;
  }

  get bytesPerSecond(): number | undefined {
    return this.#throughput.bytesPerSecond;
  }

  get failures(): number {
    return this.#failures;
  }

  get pendingBytes(): number {
    let bytes = 0;
    for (const pending of this.#pending.values()) bytes += pending.missingBytes;
    return bytes;
  }

  ask(request: ChunkRequest, answer: AnswerEvents): CancelRequest {
    if (this.#pending.size >= this.#maxOutstanding) {
      let cancelled = false;
      queueMicrotask(() => {
        if (!cancelled) answer.onRefused('limit');
      });
      return () => {
        cancelled = true;
      };
    }
    const id = this.#nextId++;
    const pending = new Pending(id, request, answer, this.#components.clock.now());
    this.#pending.set(id, pending);
    const { digest, first, count, leaves } = request;
    this.#components.send({ type: 'request', id, root: digest.root, first, count, leaves });
    this.#watch();
    this.#components.onChange();
    return () => {
      if (this.#pending.get(id) === pending) this.#giveUp(pending);
    };
  }

  /** @throws PeerBreach */
  onLeaves({ id, leaves }: Leaves): void {
    const pending = this.#find(id);
    if (pending === undefined) return;
    pending.takeLeaves(leaves);
    this.#progress(pending);
    if (this.#pending.has(id)) pending.answer.onLeaves(leaves);
  }

  /** @throws PeerBreach */
  onChunk({ id, index, payload }: Chunk): void {
    const pending = this.#find(id);
    if (pending === undefined) return;
    pending.takeChunk(index, payload);
    this.#hear();
    pending.progressAt = this.#heardAt;
    this.#refused = 0;
    this.#progress(pending);
    if (!this.#pending.has(id)) {
      if (pending.complete) this.#retired.delete(id);
      return;
    }
    if (!pending.complete) {
      this.#components.onChange();
      pending.answer.onChunk(index, payload);
      return;
    }
    this.#failures = 0;
    this.#stalled = 0;
    this.#end(pending);
    pending.answer.onChunk(index, payload);
    pending.answer.onDone();
  }

  /** @throws PeerBreach */
  onRefuse({ id, reason }: Refuse): void {
    const pending = this.#find(id);
    if (pending === undefined) return;
    this.#hear();
    if (this.#retired.delete(id)) return;
    this.#countRefusal();
    this.#failures++;
    this.#end(pending);
    pending.answer.onRefused(reason);
  }

  /** The channel is gone: everything still asked has failed. */
  close(reason: string): void {
    this.#cancelTimeout();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    this.#retired.clear();
    for (const { answer } of pending) answer.onFailed(reason);
  }

  #find(id: number): Pending | undefined {
    const pending = this.#pending.get(id) ?? this.#retired.get(id);
    if (pending !== undefined) return pending;
    if (id >= this.#nextId) throw new PeerBreach('unknown-request', `answer to ${id}, never asked`);
    if (++this.#strays > MAX_STRAYS) throw new PeerBreach('stray-answers', `${this.#strays} frames`);
    return undefined;
  }

  /** Cancelled here, or waited for in vain. What is on its way is let through silently. */
  #giveUp(pending: Pending): void {
    this.#components.send({ type: 'cancel', id: pending.id });
    this.#retired.set(pending.id, pending);
    for (const id of this.#retired.keys()) {
      if (this.#retired.size <= MAX_RETIRED) break;
      this.#retired.delete(id);
    }
    this.#end(pending);
    this.#countSilence(pending);
    this.#countStall(pending);
  }

  /** Media or a refusal, late ones too: a slow peer is not a silent one. Leaves alone play nothing. */
  #hear(): void {
    this.#silent = 0;
    this.#heardAt = this.#components.clock.now();
  }

  #countSilence({ askedAt }: Pending): void {
    if (this.#components.clock.now() - Math.max(askedAt, this.#heardAt) < this.#silentMs) return;
    if (this.#silent === 0) this.#silentSince = askedAt;
    this.#silent++;
    if (this.#silent !== this.#maxSilent) return;
    // Whoever gave up may be in the middle of going through its requests.
    const reason = `${this.#maxSilent} requests in a row without a word`;
    queueMicrotask(() => this.#components.onSilent(reason, this.#silentSince));
  }

  #countRefusal(): void {
    this.#refused++;
    if (this.#refused === this.#maxRefused) this.#tellUnwilling(`${this.#refused} requests in a row refused`);
  }

  /** Whoever sends a chunk now and then is not silent, and no help either. */
  #countStall({ progressAt }: Pending): void {
    if (this.#components.clock.now() - progressAt < this.#silentMs) return;
    this.#stalled++;
    if (this.#stalled === this.#maxStalled) this.#tellUnwilling(`${this.#stalled} requests in a row stalled`);
  }

  #tellUnwilling(reason: string): void {
    queueMicrotask(() => this.#components.onUnwilling(reason));
  }

  #end(pending: Pending): void {
    const now = this.#components.clock.now();
    if (pending.receivedBytes > 0) {
      this.#throughput.sample(pending.receivedBytes, now - Math.max(pending.askedAt, this.#lastDoneAt));
      this.#lastDoneAt = now;
    }
    this.#pending.delete(pending.id);
    this.#watch();
    this.#components.onChange();
  }

  #progress(pending: Pending): void {
    // Answers come one after another, so a frame of an earlier one shows that the peer is at work.
    if (this.#head !== undefined && pending.id <= this.#head.id) this.#arm(this.#head);
  }

  /** Only the oldest request is timed: the others wait behind it by right. */
  #watch(): void {
    const [head] = this.#pending.values();
    if (head === this.#head) return;
    this.#head = head;
    if (head === undefined) this.#cancelTimeout();
    else this.#arm(head);
  }

  #arm(head: Pending): void {
    this.#cancelTimeout();
    this.#cancelTimeout = this.#components.timers.after(this.#answerTimeoutMs, () => {
      this.#failures++;
      this.#giveUp(head);
      head.answer.onFailed(`nothing came for ${this.#answerTimeoutMs} ms`);
    });
  }
}

/** One request, and how much of its answer has come. */
class Pending {
  readonly id: number;
  readonly answer: AnswerEvents;
  readonly askedAt: number;
  /** When its last chunk came. */
  progressAt: number;
  readonly #request: ChunkRequest;
  readonly #got = new Set<number>();
  #leavesDue: boolean;
  receivedBytes = 0;

  constructor(id: number, request: ChunkRequest, answer: AnswerEvents, askedAt: number) {
    this.id = id;
    this.answer = answer;
    this.askedAt = askedAt;
    this.progressAt = askedAt;
    this.#request = request;
    this.#leavesDue = request.leaves;
  }

  get complete(): boolean {
    return this.#got.size === this.#request.count;
  }

  get missingBytes(): number {
    const { digest, first, count } = this.#request;
    const { start } = chunkRange(first, digest.bytes);
    const { end } = chunkRange(first + count - 1, digest.bytes);
    return end - start - this.receivedBytes;
  }

  takeLeaves(leaves: readonly Uint8Array[]): void {
    if (!this.#leavesDue) throw new PeerBreach('unasked-leaves', `in the answer to ${this.id}`);
    const expected = chunkCount(this.#request.digest.bytes);
    if (leaves.length !== expected) {
      throw new PeerBreach('wrong-leaves', `${leaves.length} instead of ${expected}`);
    }
    this.#leavesDue = false;
  }

  takeChunk(index: number, payload: Uint8Array): void {
    const { digest, first, count } = this.#request;
    if (index < first || index >= first + count) throw new PeerBreach('unasked-chunk', `${index}`);
    if (this.#leavesDue) throw new PeerBreach('missing-leaves', `in the answer to ${this.id}`);
    if (this.#got.has(index)) throw new PeerBreach('repeated-chunk', `${index}`);
    const { start, end } = chunkRange(index, digest.bytes);
    if (payload.length !== end - start) {
      throw new PeerBreach('wrong-length', `chunk ${index} of ${payload.length} bytes`);
    }
    this.#got.add(index);
    this.receivedBytes += payload.length;
  }
}
