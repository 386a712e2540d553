import type { Clock, Timers } from '@eddy/player-sdk/internal';
import type { Device } from '../links/device.js';
import type { SimulatedEdge } from './simulated-edge.js';
import type { StreamSegment } from './stream.js';

export interface MediaRequestComponents {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly edge: SimulatedEdge;
  readonly device: Device;
  readonly connection: EdgeConnection;
}

export interface MediaRequestEvents {
  /** The edge has sent more, wanted or not. */
  onSent?(bytes: number): void;
  /** More has come. */
  onBytes(bytes: number): void;
  onDone(): void;
}

/** What the edge writes at a time. */
const PIECE_BYTES = 32 * 1024;
/** Ten packets (RFC 6928). */
const FIRST_WINDOW_BYTES = 14_600;
const MOST_WINDOW_BYTES = 1024 * 1024;

/** A viewer's connection to the edge, kept open: whether it is there, and how much TCP lets be under way. */
export class EdgeConnection {
  #open = false;
  #windowBytes = FIRST_WINDOW_BYTES;
  /** On their way to the viewer. */
  #underwayBytes = 0;
  #waiting: (() => void)[] = [];

  /** Round trips that a request takes before its answer begins. */
  roundTrips(): number {
    const first = !this.#open;
    this.#open = true;
    return first ? 2 : 1;
  }

  /** How much of `bytes` may be sent now. None: `onRoom` is called when there is room. */
  take(bytes: number, onRoom: () => void): number {
    const taken = Math.min(bytes, Math.max(0, this.#windowBytes - this.#underwayBytes));
    this.#underwayBytes += taken;
    if (taken === 0) this.#waiting.push(onRoom);
    return taken;
  }

  acknowledged(bytes: number): void {
    this.#windowBytes = Math.min(MOST_WINDOW_BYTES, this.#windowBytes + bytes);
    this.released(bytes);
  }

  /** Taken and never sent. */
  released(bytes: number): void {
    this.#underwayBytes -= bytes;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const onRoom of waiting) onRoom();
  }
}

/** One answer of the edge: through its egress, TCP's window and the viewer's downlink. */
export class MediaRequest {
  readonly #components: MediaRequestComponents;
  readonly #events: MediaRequestEvents;
  readonly #channel;
  #unsentBytes: number;
  #missingBytes: number;
  #arrivedAt = 0;
  /** In the egress. */
  #leavingBytes = 0;
  #cancelled = false;

  constructor(
    components: MediaRequestComponents,
    segment: StreamSegment,
    bytes: number,
    events: MediaRequestEvents,
  ) {
    this.#components = components;
    this.#events = events;
    this.#channel = components.edge.egress.channel();
    this.#unsentBytes = bytes;
    this.#missingBytes = bytes;
    const { timers, clock, edge, device, connection } = components;
    timers.after((2 * connection.roundTrips() - 1) * device.edgeMs, () => {
      if (this.#cancelled) return;
      timers.after(edge.readyAt(segment) - clock.now(), () => this.#send());
    });
  }

  /** The edge hears of it half a round trip later. */
  cancel(): void {
    this.#cancelled = true;
    const { timers, device } = this.#components;
    timers.after(device.edgeMs, () => {
      this.#unsentBytes = 0;
      this.#channel.clear();
      this.#components.connection.released(this.#leavingBytes);
      this.#leavingBytes = 0;
    });
  }

  #send(): void {
    const { clock, timers, device, connection } = this.#components;
    if (this.#leavingBytes > 0 || this.#unsentBytes === 0) return;
    const bytes = connection.take(Math.min(PIECE_BYTES, this.#unsentBytes), () => this.#send());
    if (bytes === 0) return;
    this.#leavingBytes = bytes;
    this.#unsentBytes -= bytes;
    this.#channel.send(bytes, () => {
      const now = clock.now();
      this.#leavingBytes = 0;
      this.#events.onSent?.(bytes);
      this.#arrivedAt = Math.max(this.#arrivedAt, device.downlink.through(bytes, now + device.edgeMs));
      timers.after(this.#arrivedAt - now, () => this.#arrived(bytes));
      this.#send();
    });
  }

  #arrived(bytes: number): void {
    const { timers, device, connection } = this.#components;
    timers.after(device.edgeMs, () => connection.acknowledged(bytes));
    this.#missingBytes -= bytes;
    if (this.#cancelled) return;
    this.#events.onBytes(bytes);
    if (this.#missingBytes === 0) this.#events.onDone();
  }
}
