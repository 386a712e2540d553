import { MAX_SIGNAL_PAYLOAD_BYTES } from '@eddy/protocol';
import type { Clock, Timers } from '../components.js';
import type { ConnectionEvents, ConnectOptions, PeerConnection, PeerTransport } from './transport.js';

export interface MemoryComponents {
  readonly clock: Clock;
  readonly timers: Timers;
}

export interface MemoryLinkOptions {
  /** One way. Default 0: as soon as a timer of 0 ms runs. */
  readonly latencyMs?: number;
  /** Uplink that all connections of one transport share. Default: no limit. */
  readonly uploadBytesPerSecond?: number;
  /** Default 8,000 ms. */
  readonly connectTimeoutMs?: number;
}

const MAX_BUFFERED_BYTES = 256 * 1024;
const RESUME_BYTES = 64 * 1024;

/** A network in memory. Transports of one network reach each other. */
export class MemoryNetwork {
  readonly #components: MemoryComponents;
  readonly #offers = new Map<number, MemoryConnection>();
  #nextOffer = 1;

  constructor(components: MemoryComponents) {
    this.#components = components;
  }

  /** One player's device on this network. */
  transport(options: MemoryLinkOptions = {}): MemoryTransport {
    return new MemoryTransport(this.#components, options, {
      publish: (connection) => {
        this.#offers.set(this.#nextOffer, connection);
        return this.#nextOffer++;
      },
      take: (offer) => {
        const connection = this.#offers.get(offer);
        this.#offers.delete(offer);
        return connection;
      },
    });
  }
}

interface Exchange {
  publish(connection: MemoryConnection): number;
  take(offer: number): MemoryConnection | undefined;
}

export class MemoryTransport implements PeerTransport {
  readonly supported = true;
  readonly #components: MemoryComponents;
  readonly #options: MemoryLinkOptions;
  readonly #exchange: Exchange;
  readonly #uplink: Uplink;
  readonly #connections = new Set<MemoryConnection>();

  constructor(components: MemoryComponents, options: MemoryLinkOptions, exchange: Exchange) {
    this.#components = components;
    this.#options = options;
    this.#exchange = exchange;
    this.#uplink = new Uplink(components.clock, options.uploadBytesPerSecond ?? Number.POSITIVE_INFINITY);
  }

  connect(options: ConnectOptions, events: ConnectionEvents): PeerConnection {
    const { latencyMs = 0, connectTimeoutMs = 8_000 } = this.#options;
    const connection: MemoryConnection = new MemoryConnection({
      timers: this.#components.timers,
      uplink: this.#uplink,
      exchange: this.#exchange,
      events: {
        ...events,
        onClose: (reason) => {
          this.#connections.delete(connection);
          events.onClose(reason);
        },
      },
      latencyMs,
      connectTimeoutMs,
    });
    this.#connections.add(connection);
    if (options.offer) connection.offer();
    return connection;
  }

  /** The network of this device is gone: every connection closes on both sides, what is on its way is lost. */
  cut(): void {
    for (const connection of [...this.#connections]) connection.cut();
  }
}

/** Sends one message after another at its rate. */
class Uplink {
  readonly #clock: Clock;
  readonly #bytesPerMs: number;
  #freeAt = 0;

  constructor(clock: Clock, bytesPerSecond: number) {
    this.#clock = clock;
    this.#bytesPerMs = bytesPerSecond / 1000;
  }

  /** How long until `bytes` more, queued now, have left. */
  delayMs(bytes: number): number {
    const now = this.#clock.now();
    this.#freeAt = Math.max(now, this.#freeAt) + bytes / this.#bytesPerMs;
    return this.#freeAt - now;
  }
}

interface MemoryConnectionParts {
  readonly timers: Timers;
  readonly uplink: Uplink;
  readonly exchange: Exchange;
  readonly events: ConnectionEvents;
  readonly latencyMs: number;
  readonly connectTimeoutMs: number;
}

class MemoryConnection implements PeerConnection {
  readonly #parts: MemoryConnectionParts;
  #state: 'connecting' | 'open' | 'closed' = 'connecting';
  #other: MemoryConnection | undefined;
  #bufferedBytes = 0;
  #full = false;
  #cancelTimeout: () => void;

  constructor(parts: MemoryConnectionParts) {
    this.#parts = parts;
    this.#cancelTimeout = parts.timers.after(parts.connectTimeoutMs, () =>
      this.#end(`no channel within ${parts.connectTimeoutMs} ms`),
    );
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  offer(): void {
    this.#parts.timers.after(0, () => {
      if (this.#state === 'closed') return;
      const offer = this.#parts.exchange.publish(this);
      this.#parts.events.onSignal(JSON.stringify({ offer }));
    });
  }

  signal(payload: string): void {
    if (this.#state === 'closed') return;
    const signal = readSignal(payload);
    if (signal === undefined) {
      this.#end('a signal that is no offer and no answer');
      return;
    }
    if ('answer' in signal) return;
    const other = this.#parts.exchange.take(signal.offer);
    if (other === undefined || other === this) {
      this.#end('an offer that nobody made');
      return;
    }
    this.#other = other;
    other.#other = this;
    this.#parts.events.onSignal(JSON.stringify({ answer: signal.offer }));
    const roundTripMs = this.#parts.latencyMs + other.#parts.latencyMs;
    this.#parts.timers.after(roundTripMs, () => this.#open());
    this.#parts.timers.after(roundTripMs, () => other.#open());
  }

  send(message: Uint8Array<ArrayBuffer>): boolean {
    const other = this.#other;
    if (this.#state !== 'open' || other === undefined) return false;
    const copy = message.slice();
    const { timers, uplink, latencyMs } = this.#parts;
    this.#bufferedBytes += copy.length;
    timers.after(uplink.delayMs(copy.length), () => {
      this.#bufferedBytes -= copy.length;
      if (this.#full && this.#state === 'open' && this.#bufferedBytes <= RESUME_BYTES) {
        this.#full = false;
        this.#parts.events.onDrain();
      }
    });
    timers.after(uplink.delayMs(0) + latencyMs, () => other.#receive(copy));
    this.#full ||= this.#bufferedBytes >= MAX_BUFFERED_BYTES;
    return !this.#full;
  }

  close(): void {
    const other = this.#other;
    const { timers, uplink, latencyMs } = this.#parts;
    if (other !== undefined && this.#state !== 'closed') {
      // What was queued before arrives before the end does.
      timers.after(uplink.delayMs(0) + latencyMs, () => other.#end('closed by the other side'));
    }
    this.#end('closed here');
  }

  cut(): void {
    const other = this.#other;
    this.#end('the network is gone');
    if (other !== undefined) other.#end('the network is gone');
  }

  #open(): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'open';
    this.#cancelTimeout();
    this.#parts.events.onOpen();
  }

  #receive(message: Uint8Array): void {
    this.#open();
    if (this.#state === 'open') this.#parts.events.onMessage(message);
  }

  #end(reason: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#bufferedBytes = 0;
    this.#cancelTimeout();
    this.#parts.events.onClose(reason);
  }
}

function readSignal(payload: string): { offer: number } | { answer: number } | undefined {
  if (payload.length > MAX_SIGNAL_PAYLOAD_BYTES) return undefined;
  try {
    const value: unknown = JSON.parse(payload);
    if (typeof value !== 'object' || value === null) return undefined;
    if ('offer' in value && typeof value.offer === 'number') return { offer: value.offer };
    if ('answer' in value && typeof value.answer === 'number') return { answer: value.answer };
  } catch {
    // Not JSON: the caller closes.
  }
  return undefined;
}
