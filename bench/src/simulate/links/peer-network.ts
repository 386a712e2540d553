import type {
  Clock,
  ConnectionEvents,
  ConnectOptions,
  PeerConnection,
  PeerTransport,
  Timers,
} from '@eddy/player-sdk/internal';
import type { Device } from './device.js';
import type { FairChannel } from './fair-link.js';
import { FrameMessage, wireBytes } from './frame-message.js';
import { DRIP_MS, spoilt } from './manner.js';

export interface PeerNetworkComponents {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Whether these two can reach each other, through whatever stands before them. */
  readonly reachable: (one: Device, other: Device) => boolean;
}

export interface PeerNetworkOptions {
  /** From the exchange of descriptions to an open channel, beside four round trips. */
  readonly connectMs: number;
  /** How long a channel stays open after the other side has vanished. */
  readonly silentMs: number;
}

/** As the real transport has it. */
const MAX_BUFFERED_BYTES = 256 * 1024;
const RESUME_BYTES = 64 * 1024;
const CONNECT_TIMEOUT_MS = 8_000;
/** To make a description. */
const DESCRIBE_MS = 5;
/** ICE, DTLS and SCTP. */
const ROUND_TRIPS_TO_OPEN = 4;

/** Channels between viewers, over their up- and downlinks. */
export class PeerNetwork {
  readonly components: PeerNetworkComponents;
  readonly options: PeerNetworkOptions;
  readonly #offers = new Map<number, Connection>();
  #nextOffer = 1;

  constructor(components: PeerNetworkComponents, options: PeerNetworkOptions) {
    this.components = components;
    this.options = options;
  }

  transport(device: Device): PeerTransport {
    return {
      supported: true,
      connect: (options, events) => new Connection(this, device, options, events),
    };
  }

  publish(connection: Connection): number {
    this.#offers.set(this.#nextOffer, connection);
    return this.#nextOffer++;
  }

  take(offer: number): Connection | undefined {
    const connection = this.#offers.get(offer);
    this.#offers.delete(offer);
    return connection;
  }
}

class Connection implements PeerConnection {
  readonly device: Device;
  readonly #network: PeerNetwork;
  readonly #events: ConnectionEvents;
  readonly #channel: FairChannel;
  #state: 'connecting' | 'open' | 'closed' = 'connecting';
  #other: Connection | undefined;
  #reachable = false;
  #full = false;
  #arrivedAt = 0;
  #dripsAt = 0;
  /** The other side takes nothing any more: what lies here stays. */
  #stuckBytes: number | undefined;
  #cancelTimeout: () => void;

  constructor(network: PeerNetwork, device: Device, { offer }: ConnectOptions, events: ConnectionEvents) {
    this.#network = network;
    this.device = device;
    this.#events = events;
    this.#channel = device.uplink.channel();
    device.connections.add(this);
    const { timers } = network.components;
    this.#cancelTimeout = timers.after(CONNECT_TIMEOUT_MS, () => this.#end('no channel in time'));
    if (!offer) return;
    timers.after(DESCRIBE_MS, () => {
      if (this.#state === 'connecting') events.onSignal(JSON.stringify({ offer: network.publish(this) }));
    });
  }

  /** The viewer at the other end, once the channel is open. */
  get peer(): Device | undefined {
    return this.#state === 'open' ? this.#other?.device : undefined;
  }

  get bufferedBytes(): number {
    return this.#stuckBytes ?? this.#channel.queuedBytes;
  }

  signal(payload: string): void {
    if (this.#state !== 'connecting') return;
    const { offer }: { offer?: number } = JSON.parse(payload);
    const { timers, reachable } = this.#network.components;
    if (offer === undefined) {
      this.#openSoon();
      return;
    }
    const other = this.#network.take(offer);
    if (other === undefined) return;
    this.#other = other;
    other.#other = this;
    this.#reachable = reachable(this.device, other.device);
    other.#reachable = this.#reachable;
    timers.after(DESCRIBE_MS, () => {
      if (this.#state === 'connecting') this.#events.onSignal(JSON.stringify({ answer: offer }));
    });
  }

  send(message: Uint8Array<ArrayBuffer>): boolean {
    if (this.#state !== 'open' || !(message instanceof FrameMessage)) return false;
    const { manner } = this.device;
    if (message.frame.type !== 'chunk' || manner === undefined) return this.#put(message);
    if (manner === 'withholds') return true;
    if (manner === 'spoils') return this.#put(spoilt(message));
    const { clock, timers } = this.#network.components;
    this.#dripsAt = Math.max(this.#dripsAt, clock.now()) + DRIP_MS;
    timers.after(this.#dripsAt - clock.now(), () => this.#put(message));
    return true;
  }

  #put(message: FrameMessage): boolean {
    const other = this.#other;
    if (this.#state !== 'open' || other === undefined) return false;
    const bytes = wireBytes(message.frame);
    if (this.#stuckBytes === undefined) {
      this.#channel.send(bytes, () => this.#onLeft(message, bytes, other));
    } else {
      this.#stuckBytes += bytes;
    }
    this.#full ||= this.bufferedBytes >= MAX_BUFFERED_BYTES;
    return !this.#full;
  }

  close(): void {
    const other = this.#other;
    const wasOpen = this.#state === 'open';
    const { timers } = this.#network.components;
    if (wasOpen && other !== undefined) {
      timers.after(oneWayMs(this.device, other.device), () => other.#end('closed by the other side'));
    }
    this.#end('closed here');
  }

  /** The viewer is gone without a word: the other side finds out when nothing has come for long. */
  vanish(): void {
    const other = this.#other;
    const { components, options } = this.#network;
    this.#state = 'closed';
    this.#cancelTimeout();
    this.#channel.clear();
    if (other !== undefined) {
      other.#stuckBytes = other.#channel.queuedBytes;
      other.#channel.clear();
      components.timers.after(options.silentMs, () => other.#end('nothing came any more'));
    }
  }

  #openSoon(): void {
    const other = this.#other;
    if (other === undefined || !this.#reachable) return;
    const { components, options } = this.#network;
    const ms = options.connectMs + ROUND_TRIPS_TO_OPEN * 2 * oneWayMs(this.device, other.device);
    components.timers.after(ms, () => {
      if (this.#state !== 'connecting' || other.#state !== 'connecting') return;
      this.#open();
      other.#open();
    });
  }

  #open(): void {
    this.#state = 'open';
    this.#cancelTimeout();
    this.#events.onOpen();
  }

  #onLeft(message: FrameMessage, bytes: number, other: Connection): void {
    const { clock, timers } = this.#network.components;
    const now = clock.now();
    const through = other.device.downlink.through(bytes, now + oneWayMs(this.device, other.device));
    // Rounding must not let a message overtake the one before.
    other.#arrivedAt = Math.max(other.#arrivedAt, through);
    timers.after(other.#arrivedAt - now, () => other.#receive(message));
    if (this.#full && this.#channel.queuedBytes <= RESUME_BYTES) {
      this.#full = false;
      this.#events.onDrain();
    }
  }

  #receive(message: FrameMessage): void {
    if (this.#state !== 'open') return;
    if (message.frame.type === 'chunk') this.device.receivedPeerBytes += message.frame.payload.length;
    this.#events.onMessage(message);
  }

  #end(reason: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#cancelTimeout();
    this.#channel.clear();
    this.device.connections.delete(this);
    this.#events.onClose(reason);
  }
}

function oneWayMs(one: Device, other: Device): number {
  return one.accessMs + other.accessMs;
}
