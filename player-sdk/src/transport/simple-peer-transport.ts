import { MAX_SIGNAL_PAYLOAD_BYTES } from '@eddy/protocol';
import SimplePeer from 'simple-peer';
import type { Timers } from '../components.js';
import { RelayAccount, type WithStats } from './relay-account.js';
import type { ConnectionEvents, ConnectOptions, PeerConnection, PeerTransport } from './transport.js';

export interface SimplePeerComponents {
  readonly timers: Timers;
  /** WebRTC of another origin than the browser's own, for Node. */
  readonly wrtc?: NonNullable<SimplePeer.Options['wrtc']>;
}

export interface SimplePeerTransportOptions {
  /** From connecting to an open channel. Default 8,000 ms. */
  readonly connectTimeoutMs?: number;
  /** Only through TURN servers (`iceTransportPolicy: 'relay'`). Default false. */
  readonly relayOnly?: boolean;
}

/**
 * Bytes in the data channel before `send` says stop. Between two pages 256 KiB moved 38-40 MB/s, 4 MiB 12-15.
 * It resumes at `RESUME_BYTES`, simple-peer's own `bufferedAmountLowThreshold`.
 */
const MAX_BUFFERED_BYTES = 256 * 1024;
const RESUME_BYTES = 64 * 1024;
/** A description and its candidates, from a device with many networks. More are a flood. */
const MAX_SIGNALS = 128;
/** Where the channel cannot tell that it has room again. */
const POLL_MS = 20;

/** WebRTC data channels by simple-peer: trickled candidates, one ordered and reliable channel. */
export class SimplePeerTransport implements PeerTransport {
  readonly #components: SimplePeerComponents;
  readonly #options: Required<SimplePeerTransportOptions>;
  relayedBytes = 0;

  constructor(
    components: SimplePeerComponents,
    { connectTimeoutMs = 8_000, relayOnly = false }: SimplePeerTransportOptions = {},
  ) {
    this.#components = components;
    this.#options = { connectTimeoutMs, relayOnly };
  }

  get supported(): boolean {
    return this.#components.wrtc !== undefined || SimplePeer.WEBRTC_SUPPORT;
  }

  connect(options: ConnectOptions, events: ConnectionEvents): PeerConnection {
    const relayed = (bytes: number): void => {
      this.relayedBytes += bytes;
    };
    return new SimplePeerConnection({ ...this.#components, relayed }, this.#options, options, events);
  }
}

class SimplePeerConnection implements PeerConnection {
  readonly #timers: Timers;
  readonly #onRelayed: (bytes: number) => void;
  readonly #events: ConnectionEvents;
  #peer: SimplePeer.Instance | undefined;
  #state: 'connecting' | 'open' | 'closed' = 'connecting';
  readonly #awaited: 'offer' | 'answer';
  #full = false;
  #signals = 0;
  #described = false;
  #relayAccount: RelayAccount | undefined;
  #cancelTimeout: () => void;
  #cancelPoll: () => void = () => {};

  constructor(
    { timers, wrtc, relayed }: SimplePeerComponents & { readonly relayed: (bytes: number) => void },
    { connectTimeoutMs, relayOnly }: Required<SimplePeerTransportOptions>,
    { offer, iceServers }: ConnectOptions,
    events: ConnectionEvents,
  ) {
    this.#timers = timers;
    this.#onRelayed = relayed;
    this.#events = events;
    this.#awaited = offer ? 'answer' : 'offer';
    this.#cancelTimeout = timers.after(connectTimeoutMs, () =>
      this.#end(`no channel within ${connectTimeoutMs} ms`),
    );
    try {
      this.#peer = new SimplePeer({
        initiator: offer,
        trickle: true,
        // Whole messages, as they were sent.
        objectMode: true,
        config: {
          iceServers: iceServers.map((server) => ({ ...server, urls: [...server.urls] })),
          ...(relayOnly ? { iceTransportPolicy: 'relay' as const } : {}),
        },
        ...(wrtc === undefined ? {} : { wrtc }),
      });
    } catch (error) {
      // The caller has no connection yet that it could hear of as closed.
      queueMicrotask(() => this.#end(reasonOf(error)));
      return;
    }
    this.#listen(this.#peer);
  }

  get bufferedBytes(): number {
    return this.#state === 'open' ? (this.#peer?.bufferSize ?? 0) : 0;
  }

  signal(payload: string): void {
    if (this.#state === 'closed' || this.#peer === undefined) return;
    if (++this.#signals > MAX_SIGNALS) {
      this.#end('too many signals');
      return;
    }
    const kind = kindOfSignal(payload);
    // One description opens one channel; a second one is an old one again, or asks for something else.
    if (kind === undefined || (kind !== 'candidate' && (kind !== this.#awaited || this.#described))) {
      this.#end('a signal that is no candidate and no description that is waited for');
      return;
    }
    this.#described ||= kind !== 'candidate';
    try {
      this.#peer.signal(payload);
    } catch (error) {
      this.#end(reasonOf(error));
    }
  }

  send(message: Uint8Array<ArrayBuffer>): boolean {
    const peer = this.#peer;
    if (this.#state !== 'open' || peer === undefined) return false;
    try {
      this.#relayAccount?.add(message.length);
      peer.send(message);
    } catch (error) {
      this.#end(reasonOf(error));
      return false;
    }
    if (peer.bufferSize < MAX_BUFFERED_BYTES) return true;
    this.#full = true;
    this.#awaitRoom(peer);
    return false;
  }

  close(): void {
    this.#end('closed here');
  }

  #listen(peer: SimplePeer.Instance): void {
    peer.on('signal', (data) => {
      if (this.#state !== 'closed') this.#events.onSignal(JSON.stringify(data));
    });
    peer.on('connect', () => this.#open(peer));
    peer.on('data', (data: unknown) => {
      // A message can precede simple-peer's own notice of the open channel.
      this.#open(peer);
      if (this.#state !== 'open') return;
      if (!(data instanceof Uint8Array)) {
        this.#end('a text message');
        return;
      }
      this.#relayAccount?.add(data.byteLength);
      this.#events.onMessage(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    });
    peer.on('error', (error) => this.#end(error.message));
    peer.on('close', () => this.#end('closed by the other side or the network'));
  }

  #open(peer: SimplePeer.Instance): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'open';
    this.#cancelTimeout();
    channelOf(peer)?.addEventListener('bufferedamountlow', () => this.#onRoom(peer));
    const connection = '_pc' in peer && hasStats(peer._pc) ? peer._pc : undefined;
    const [timers, onRelayed] = [this.#timers, this.#onRelayed];
    this.#relayAccount = new RelayAccount({ timers, connection, onRelayed });
    this.#events.onOpen();
  }

  /** The event does not come when the channel emptied between the send and the question. */
  #awaitRoom(peer: SimplePeer.Instance): void {
    this.#cancelPoll();
    this.#cancelPoll = this.#timers.after(POLL_MS, () => {
      if (peer.bufferSize <= RESUME_BYTES) this.#onRoom(peer);
      else if (this.#full) this.#awaitRoom(peer);
    });
  }

  #onRoom(peer: SimplePeer.Instance): void {
    if (!this.#full || this.#state !== 'open' || peer.bufferSize > RESUME_BYTES) return;
    this.#full = false;
    this.#cancelPoll();
    this.#events.onDrain();
  }

  #end(reason: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#cancelTimeout();
    this.#cancelPoll();
    this.#relayAccount?.close();
    this.#peer?.destroy();
    this.#events.onClose(reason);
  }
}

function hasStats(value: unknown): value is WithStats {
  return (
    typeof value === 'object' && value !== null && 'getStats' in value && typeof value.getStats === 'function'
  );
}

/** simple-peer tells of room only to its stream; the channel under it is the one thing that is not public. */
function channelOf(peer: SimplePeer.Instance): EventTarget | undefined {
  if (!('_channel' in peer)) return undefined;
  const channel = peer._channel;
  return isEventTarget(channel) ? channel : undefined;
}

function isEventTarget(value: unknown): value is EventTarget {
  return (
    typeof value === 'object' &&
    value !== null &&
    'addEventListener' in value &&
    typeof value.addEventListener === 'function'
  );
}

/** Only what opens one data channel: media would cost this page's processor, renegotiation is never asked for. */
function kindOfSignal(payload: string): 'offer' | 'answer' | 'candidate' | undefined {
  if (payload.length > MAX_SIGNAL_PAYLOAD_BYTES) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if ('renegotiate' in value || 'transceiverRequest' in value) return undefined;
  if ('sdp' in value) {
    const { sdp } = value;
    const type = 'type' in value ? value.type : undefined;
    if (typeof sdp !== 'string' || 'candidate' in value || !isOneDataChannel(sdp)) return undefined;
    return type === 'offer' || type === 'answer' ? type : undefined;
  }
  return 'candidate' in value && typeof value.candidate === 'object' && value.candidate !== null
    ? 'candidate'
    : undefined;
}

/** RFC 8841: `m=application`, and nothing beside it. */
function isOneDataChannel(sdp: string): boolean {
  const media = sdp.split(/\r\n|\r|\n/).filter((line) => line.startsWith('m='));
  return media.length === 1 && media[0]?.startsWith('m=application ') === true;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
