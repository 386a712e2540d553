import type { Clock, Timers } from '@eddy/player-sdk/internal';

export interface LinkComponents {
  readonly clock: Clock;
  readonly timers: Timers;
}

/** One message on its way through a channel. */
interface Message {
  readonly bytes: number;
  readonly onLeft: () => void;
}

/** Rounding of the virtual clock, in bytes. */
const TOLERANCE_BYTES = 1e-3;

/**
 * A link whose channels get equal shares of its rate, byte by byte; messages of one channel leave in order. Kept by
 * its virtual time: the bytes that a channel which was always busy would have sent.
 */
export class FairLink {
  readonly #components: LinkComponents;
  readonly #bytesPerMs: number;
  /** Channels that send, as a heap by when their first message has left. */
  readonly #busy: FairChannel[] = [];
  #virtual = 0;
  #at: number;
  #cancelTimer: () => void = () => {};
  #armedFor = Number.POSITIVE_INFINITY;
  #leftBytes = 0;

  constructor(components: LinkComponents, bytesPerSecond: number) {
    this.#components = components;
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#at = components.clock.now();
  }

  /** Bytes that have left. */
  get leftBytes(): number {
    return this.#leftBytes;
  }

  channel(): FairChannel {
    return new FairChannel(this);
  }

  /** The virtual time now. */
  advance(): number {
    const now = this.#components.clock.now();
    const { length } = this.#busy;
    if (length > 0) this.#virtual += ((now - this.#at) * this.#bytesPerMs) / length;
    this.#at = now;
    return this.#virtual;
  }

  /** `channel` has begun to send. */
  enter(channel: FairChannel): void {
    this.#busy.push(channel);
    this.#up(this.#busy.length - 1);
    this.#arm();
  }

  /** `channel` has nothing more to send. */
  exit(channel: FairChannel): void {
    this.#remove(channel.place);
    this.#arm();
  }

  #arm(): void {
    const first = this.#busy[0];
    if (first === undefined) {
      this.#cancelTimer();
      this.#armedFor = Number.POSITIVE_INFINITY;
      return;
    }
    const ms = Math.max(0, ((first.finish - this.#virtual) * this.#busy.length) / this.#bytesPerMs);
    const at = this.#at + ms;
    if (at === this.#armedFor) return;
    this.#cancelTimer();
    this.#armedFor = at;
    this.#cancelTimer = this.#components.timers.after(ms, () => this.#onTimer());
  }

  #onTimer(): void {
    this.#armedFor = Number.POSITIVE_INFINITY;
    const virtual = this.advance();
    const left: Message[] = [];
    for (let first = this.#busy[0]; first !== undefined; first = this.#busy[0]) {
      if (first.finish > virtual + TOLERANCE_BYTES) break;
      const message = first.next();
      if (message !== undefined) left.push(message);
      if (first.idle) this.#remove(0);
      else this.#down(0);
    }
    for (const { bytes } of left) this.#leftBytes += bytes;
    this.#arm();
    for (const { onLeft } of left) onLeft();
  }

  #remove(place: number): void {
    const gone = this.#busy[place];
    const last = this.#busy.pop();
    if (gone === undefined || last === undefined) return;
    gone.place = -1;
    if (gone === last) return;
    this.#busy[place] = last;
    last.place = place;
    this.#up(place);
    this.#down(last.place);
  }

  #up(from: number): void {
    const channel = this.#busy[from];
    if (channel === undefined) return;
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = this.#busy[above];
      if (parent === undefined || parent.finish <= channel.finish) break;
      this.#busy[at] = parent;
      parent.place = at;
      at = above;
    }
    this.#busy[at] = channel;
    channel.place = at;
  }

  #down(from: number): void {
    const channel = this.#busy[from];
    if (channel === undefined) return;
    let at = from;
    for (;;) {
      let below = 2 * at + 1;
      let child = this.#busy[below];
      if (child === undefined) break;
      const right = this.#busy[below + 1];
      if (right !== undefined && right.finish < child.finish) {
        child = right;
        below++;
      }
      if (child.finish >= channel.finish) break;
      this.#busy[at] = child;
      child.place = at;
      at = below;
    }
    this.#busy[at] = channel;
    channel.place = at;
  }
}

/** One of those that share a link. */
export class FairChannel {
  readonly #link: FairLink;
  #queue: Message[] = [];
  #waitingBytes = 0;
  /** The link's virtual time at which the first message has left. For the link. */
  finish = 0;
  /** Where the link keeps it; -1: nowhere, it is idle. For the link. */
  place = -1;

  constructor(link: FairLink) {
    this.#link = link;
  }

  get idle(): boolean {
    return this.#queue.length === 0;
  }

  /** Bytes handed to `send` that have not left. */
  get queuedBytes(): number {
    const [first] = this.#queue;
    if (first === undefined) return 0;
    const left = this.finish - this.#link.advance();
    return this.#waitingBytes - first.bytes + Math.max(0, Math.min(first.bytes, left));
  }

  /** Queues `bytes`; `onLeft` is called when the last of them is out. */
  send(bytes: number, onLeft: () => void): void {
    this.#queue.push({ bytes, onLeft });
    this.#waitingBytes += bytes;
    if (this.#queue.length > 1) return;
    this.finish = this.#link.advance() + bytes;
    this.#link.enter(this);
  }

  /** Drops what has not left. */
  clear(): void {
    if (this.idle) return;
    this.#link.advance();
    this.#queue = [];
    this.#waitingBytes = 0;
    this.#link.exit(this);
  }

  /** The first message is out. For the link. */
  next(): Message | undefined {
    const message = this.#queue.shift();
    this.#waitingBytes -= message?.bytes ?? 0;
    this.finish += this.#queue[0]?.bytes ?? 0;
    return message;
  }
}
