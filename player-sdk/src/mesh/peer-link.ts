import {
  type Farewell,
  type Hello,
  type IceServer,
  type PeerFrame,
  PROTOCOL_VERSION,
  ProtocolError,
} from '@eddy/protocol';
import type { Clock, Timers } from '../components.js';
import type { AnswerEvents, CancelRequest, ChunkRequest, SegmentName, SwarmPeer } from '../swarm/swarm.js';
import type { PeerConnection, PeerTransport } from '../transport/transport.js';
import { Announcements } from './announcements.js';
import { PeerBreach } from './breach.js';
import { Downloads, type DownloadsOptions } from './downloads.js';
import { type FrameCodec, wireCodec } from './frame-codec.js';
import { TokenBucket } from './token-bucket.js';
import type { Lane, Uploads } from './uploads.js';

export interface LinkComponents {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly transport: PeerTransport;
  /** Shared by all links. */
  readonly uploads: Uploads;
  /** Default: the wire's own. */
  readonly codec?: FrameCodec;
}

export interface LinkOptions {
  readonly peer: string;
  readonly offer: boolean;
  readonly iceServers: readonly IceServer[];
  readonly downloads?: DownloadsOptions;
  /** From the open channel to the other side's HELLO. Default 5,000 ms. */
  readonly helloTimeoutMs?: number;
}

export interface LinkEvents {
  onSignal(payload: string): void;
  onReady(): void;
  onChange(): void;
  /** It is there, and answers nothing that is of use. Once. */
  onUseless(reason: string): void;
  /** Once. */
  onEnd(end: LinkEnd, wasReady: boolean): void;
}

/** `unreachable`: it never came about. `lost`: it broke. `silent`: it answered nothing any more. `farewell`: the other side said goodbye. */
export type LinkEnd =
  | {
      readonly kind: 'unreachable' | 'lost' | 'silent' | 'incompatible' | 'breach' | 'closed';
      readonly reason: string;
    }
  | { readonly kind: 'farewell'; readonly reason: Farewell };

/** `greeting`: the channel is open, our HELLO is on its way, theirs has not come. */
type LinkState = 'connecting' | 'greeting' | 'ready' | 'ended';

const STEPS: Readonly<Record<LinkState, readonly LinkState[]>> = {
  connecting: ['greeting', 'ended'],
  greeting: ['ready', 'ended'],
  ready: ['ended'],
  ended: [],
};

/** Frames that nobody asked for: an honest peer sends a few a second, and a burst when it joins or seeks. */
const NEWS_PER_SECOND = 200;
const NEWS_BURST = 1_000;
/** What comes so long after a request was sent after it. */
const ON_ITS_WAY_MS = 500;
/** Closing a channel at once would take the BYE with it. */
const FAREWELL_MS = 100;

/** One other viewer: the rules of the wire, from HELLO to BYE. */
export class PeerLink implements SwarmPeer {
  readonly id: string;
  readonly #components: LinkComponents;
  readonly #options: LinkOptions;
  readonly #events: LinkEvents;
  readonly #connection: PeerConnection;
  readonly #announcements = new Announcements();
  readonly #downloads: Downloads;
  readonly #news: TokenBucket;
  readonly #codec: FrameCodec;
  #state: LinkState = 'connecting';
  #lane: Lane | undefined;
  #uploads = false;
  /** When the last frame of any kind came. */
  #saidAt = 0;
  #useless = false;
  #cancelTimer: () => void = () => {};

  constructor(components: LinkComponents, options: LinkOptions, events: LinkEvents) {
    this.id = options.peer;
    this.#components = components;
    this.#options = options;
    this.#events = events;
    const { clock, timers, transport, codec = wireCodec } = components;
    this.#codec = codec;
    this.#news = new TokenBucket(clock, { perSecond: NEWS_PER_SECOND, burst: NEWS_BURST });
    this.#downloads = new Downloads(
      {
        clock,
        timers,
        send: (frame) => this.send(frame),
        onChange: () => events.onChange(),
        onSilent: (reason, sinceMs) => {
          // A device that is gone says nothing at all.
          if (this.#saidAt > sinceMs + ON_ITS_WAY_MS) this.#tellUseless(reason);
          else this.#part('switching', { kind: 'silent', reason });
        },
        onUnwilling: (reason) => this.#tellUseless(reason),
      },
      options.downloads,
    );
    this.#connection = transport.connect(options, {
      onSignal: (payload) => this.#state !== 'ended' && events.onSignal(payload),
      onOpen: () => this.#greet(),
      onMessage: (message) => this.#receive(message),
      onDrain: () => this.#lane?.drained(),
      onClose: (reason) => this.#end({ kind: this.#state === 'ready' ? 'lost' : 'unreachable', reason }),
    });
  }

  get ready(): boolean {
    return this.#state === 'ready';
  }

  get uploads(): boolean {
    return this.#uploads;
  }

  get bytesPerSecond(): number | undefined {
    return this.#downloads.bytesPerSecond;
  }

  get pendingBytes(): number {
    return this.#downloads.pendingBytes;
  }

  get failures(): number {
    return this.#downloads.failures;
  }

  has(name: SegmentName): boolean {
    return this.#announcements.has(name);
  }

  partsOf(name: SegmentName): ReadonlySet<number> {
    return this.#announcements.partsOf(name, this.#components.clock.now());
  }

  claimedAt(name: SegmentName): number | undefined {
    return this.#announcements.claimedAt(name, this.#components.clock.now());
  }

  signal(payload: string): void {
    if (this.#state !== 'ended') this.#connection.signal(payload);
  }

  ask(request: ChunkRequest, answer: AnswerEvents): CancelRequest {
    return this.#downloads.ask(request, answer);
  }

  /** False: the channel is full. */
  send(frame: PeerFrame): boolean {
    if (this.#state !== 'greeting' && this.#state !== 'ready') return false;
    return this.#connection.send(this.#codec.encode(frame));
  }

  /** Says hello: on opening, and again when this player has begun or ceased to answer requests. */
  sayHello(): void {
    this.send({ type: 'hello', version: PROTOCOL_VERSION, upload: this.#components.uploads.enabled });
  }

  /** Ends it from this side. */
  close(farewell: Farewell, reason: string = farewell): void {
    this.#part(farewell, { kind: 'closed', reason });
  }

  #greet(): void {
    if (this.#state !== 'connecting') return;
    this.#enter('greeting');
    this.#cancelTimer = this.#components.timers.after(this.#options.helloTimeoutMs ?? 5_000, () =>
      this.#part('incompatible', { kind: 'unreachable', reason: 'no HELLO in time' }),
    );
    this.sayHello();
  }

  #receive(message: Uint8Array): void {
    if (this.#state === 'ended') return;
    this.#saidAt = this.#components.clock.now();
    try {
      const frame = this.#codec.decode(message);
      if (frame.type !== 'chunk' && frame.type !== 'leaves' && !this.#news.take(1)) {
        throw new PeerBreach('flood', `over ${NEWS_PER_SECOND} frames a second`);
      }
      this.#handle(frame);
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof PeerBreach)) throw error;
      this.#part('misbehaved', { kind: 'breach', reason: error.message });
    }
  }

  #handle(frame: PeerFrame): void {
    if (frame.type === 'bye') {
      this.#end({ kind: 'farewell', reason: frame.reason });
      this.#connection.close();
      return;
    }
    if (frame.type === 'hello') {
      this.#onHello(frame);
      return;
    }
    if (this.#state !== 'ready') throw new PeerBreach('no-hello', `${frame.type} came first`);
    switch (frame.type) {
      case 'have':
        this.#announcements.have(frame.rendition, frame.runs);
        this.#events.onChange();
        break;
      case 'parts':
        this.#announcements.parts(frame, frame.runs, this.#components.clock.now());
        this.#events.onChange();
        break;
      case 'lost':
        this.#announcements.lost(frame.rendition, frame.runs);
        this.#events.onChange();
        break;
      case 'claim':
        this.#announcements.claim(frame, this.#components.clock.now());
        this.#events.onChange();
        break;
      case 'request':
        this.#lane?.request(frame);
        break;
      case 'cancel':
        this.#lane?.cancel(frame.id);
        break;
      case 'leaves':
        this.#downloads.onLeaves(frame);
        break;
      case 'chunk':
        this.#downloads.onChunk(frame);
        break;
      case 'refuse':
        if (frame.reason === 'off') this.#uploads = false;
        this.#downloads.onRefuse(frame);
        break;
    }
  }

  #onHello({ version, upload }: Hello): void {
    this.#uploads = upload;
    if (this.#state === 'ready') {
      if (version !== PROTOCOL_VERSION) throw new PeerBreach('changed-version', `to ${version}`);
      this.#events.onChange();
      return;
    }
    if (version !== PROTOCOL_VERSION) {
      this.#part('incompatible', { kind: 'incompatible', reason: `it speaks version ${version}` });
      return;
    }
    this.#cancelTimer();
    this.#enter('ready');
    const connection = this.#connection;
    this.#lane = this.#components.uploads.open({
      send: (frame) => this.send(frame),
      get bufferedBytes() {
        return connection.bufferedBytes;
      },
    });
    this.#events.onReady();
  }

  #tellUseless(reason: string): void {
    if (this.#useless || this.#state !== 'ready') return;
    this.#useless = true;
    this.#events.onUseless(reason);
  }

  #part(farewell: Farewell, end: LinkEnd): void {
    if (this.#state === 'ended') return;
    this.send({ type: 'bye', reason: farewell });
    const said = this.#state !== 'connecting';
    this.#end(end);
    if (said) this.#components.timers.after(FAREWELL_MS, () => this.#connection.close());
    else this.#connection.close();
  }

  #end(end: LinkEnd): void {
    if (this.#state === 'ended') return;
    const wasReady = this.ready;
    this.#enter('ended');
    this.#cancelTimer();
    this.#lane?.close();
    this.#downloads.close(end.reason);
    this.#events.onEnd(end, wasReady);
  }

  #enter(next: LinkState): void {
    if (!STEPS[this.#state].includes(next))
      throw new Error(`a link cannot go from ${this.#state} to ${next}`);
    this.#state = next;
  }
}
