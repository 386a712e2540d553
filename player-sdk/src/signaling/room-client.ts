import {
  decodeDigestBlock,
  type EdgeMessage,
  MAX_SIGNALING_BYTES,
  type PlayerMessage,
  PROTOCOL_VERSION,
  ProtocolError,
  parseEdgeMessage,
  SWARM_PATH,
  type Welcome,
} from '@eddy/protocol';
import type { Random, Timers, Unsubscribe } from '../components.js';
import { atEdge } from '../session/edge-address.js';
import { backOffMs } from './back-off.js';
import type { Room, RoomEvents, RoomState } from './room.js';
import { type OpenSocket, openWebSocket, type Socket } from './socket.js';

export interface RoomComponents {
  readonly timers: Timers;
  readonly random: Random;
  /** Default: the browser's WebSocket. */
  readonly openSocket?: OpenSocket;
}

export interface RoomOptions {
  /** Base URL of the edge, `http(s):` or `ws(s):`. */
  readonly edge: string;
  /** Canonical path of the multivariant playlist (or of the only media playlist). */
  readonly presentation: string;
  /** Stable over reloads on this device. */
  readonly viewer: string;
  /** One playback. */
  readonly session: string;
  /** Whether this player would answer other viewers' requests. */
  readonly upload: boolean;
  /** From opening the socket to the edge's welcome. Default 10,000 ms. */
  readonly joinTimeoutMs?: number;
  /** First wait before coming back; doubles up to `mostRetryMs`. Default 500 ms. */
  readonly firstRetryMs?: number;
  /** Default 30,000 ms. */
  readonly mostRetryMs?: number;
}

/** Messages kept while away. The digests wanted meanwhile, mostly; more are of segments long played. */
const MAX_WAITING = 32;
/** Messages that break the protocol before the socket is taken for something else's and closed. */
const MAX_BAD_MESSAGES = 8;
/** Time in the room after which an absence counts as new trouble, not as the same. */
const SETTLED_MS = 10_000;

/** The player's place in its swarm room, over a WebSocket to the edge. Comes back by itself until told not to. */
export class RoomClient implements Room {
  readonly #components: RoomComponents;
  readonly #options: RoomOptions;
  readonly #url: string;
  readonly #listeners = new Set<Partial<RoomEvents>>();
  #state: RoomState = 'away';
  #welcome: Welcome | undefined;
  #socket: Socket | undefined;
  #waiting: PlayerMessage[] = [];
  #attempt = 0;
  #badMessages = 0;
  #cancelTimer: () => void = () => {};

  /** @throws TypeError when `edge` is no URL. Nothing is opened before `join`. */
  constructor(components: RoomComponents, options: RoomOptions) {
    this.#components = components;
    this.#options = options;
    const url = atEdge(options.edge, SWARM_PATH);
    url.protocol = url.protocol.replace(/^http/, 'ws');
    this.#url = url.href;
  }

  get state(): RoomState {
    return this.#state;
  }

  get welcome(): Welcome | undefined {
    return this.#welcome;
  }

  /** Opens the socket. Once; more calls change nothing. */
  join(): void {
    if (this.#state === 'away' && this.#socket === undefined) this.#connect();
  }

  /** Says goodbye and stays away for good. */
  leave(): void {
    if (this.#state === 'closed') return;
    if (this.#state === 'joined') this.#socket?.send(JSON.stringify({ type: 'leave' }));
    this.#close('left');
  }

  send(message: PlayerMessage): void {
    if (this.#state === 'joined') {
      this.#socket?.send(JSON.stringify(message));
      return;
    }
    const outlivesNames = message.type === 'want-digests';
    if (this.#state === 'closed' || !outlivesNames) return;
    this.#waiting.push(message);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
  }

  subscribe(events: Partial<RoomEvents>): Unsubscribe {
    this.#listeners.add(events);
    return () => this.#listeners.delete(events);
  }

  #connect(): void {
    this.#cancelTimer();
    this.#badMessages = 0;
    this.#enter('connecting', 'opening');
    const { openSocket = openWebSocket, timers } = this.#components;
    // Events of a socket that was given up must not touch the one after it.
    let socket: Socket | undefined;
    const current = (): boolean => socket !== undefined && socket === this.#socket;
    try {
      socket = openSocket(this.#url, {
        onOpen: () => current() && this.#sayJoin(),
        onText: (text) => current() && this.#onText(text),
        onBinary: (bytes) => current() && this.#onBinary(bytes),
        onClose: (reason) => current() && this.#retry(reason),
      });
    } catch (error) {
      this.#retry(error instanceof Error ? error.message : 'the socket could not be opened');
      return;
    }
    this.#socket = socket;
    this.#cancelTimer = timers.after(this.#options.joinTimeoutMs ?? 10_000, () =>
      this.#retry('the edge did not answer the join in time'),
    );
  }

  #sayJoin(): void {
    const { presentation, viewer, session, upload } = this.#options;
    this.#socket?.send(
      JSON.stringify({ type: 'join', version: PROTOCOL_VERSION, presentation, viewer, session, upload }),
    );
  }

  #onText(text: string): void {
    const message = this.#understand(() => parseEdgeMessage(text));
    if (message !== undefined) this.#handle(message);
  }

  #onBinary(bytes: Uint8Array): void {
    const digests = this.#understand(() => {
      if (bytes.length > MAX_SIGNALING_BYTES) throw new ProtocolError('too-large', 'binary message');
      return decodeDigestBlock(bytes);
    });
    if (digests !== undefined) this.#emit((events) => events.onDigests?.(digests));
  }

  #understand<Message>(read: () => Message): Message | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#countBad();
      return undefined;
    }
  }

  /** A newer edge may say a few things that this player does not know; what says nothing else is no edge. */
  #countBad(): void {
    this.#badMessages++;
    if (this.#badMessages >= MAX_BAD_MESSAGES)
      this.#retry('what answers is not an edge that speaks this protocol');
  }

  #handle(message: EdgeMessage): void {
    if (message.type === 'error') {
      const reason = `${message.code}: ${message.message}`;
      if (message.retry) this.#retry(reason);
      else this.#close(reason);
      return;
    }
    if (message.type === 'welcome') {
      this.#onWelcome(message);
      return;
    }
    if (this.#state !== 'joined') {
      this.#countBad();
      return;
    }
    switch (message.type) {
      case 'peers':
        this.#emit((events) => events.onPeers?.(message));
        break;
      case 'signal':
        this.#emit((events) => events.onSignal?.(message));
        break;
      case 'config':
        this.#emit((events) => events.onConfig?.(message.config));
        break;
    }
  }

  #onWelcome(welcome: Welcome): void {
    if (this.#state !== 'connecting') {
      this.#countBad();
      return;
    }
    if (welcome.version !== PROTOCOL_VERSION) {
      this.#close(`the edge speaks version ${welcome.version}, this player ${PROTOCOL_VERSION}`);
      return;
    }
    this.#cancelTimer();
    this.#cancelTimer = this.#components.timers.after(SETTLED_MS, () => {
      this.#attempt = 0;
    });
    this.#welcome = welcome;
    this.#enter('joined', `room ${welcome.room}`);
    this.#emit((events) => events.onWelcome?.(welcome));
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const message of waiting) this.send(message);
  }

  #retry(reason: string): void {
    if (this.#state === 'closed') return;
    this.#drop();
    const { firstRetryMs: firstMs = 500, mostRetryMs: mostMs = 30_000 } = this.#options;
    const waitMs = backOffMs(this.#attempt++, this.#components.random, { firstMs, mostMs });
    this.#cancelTimer = this.#components.timers.after(waitMs, () => this.#connect());
    this.#enter('away', reason);
  }

  #close(reason: string): void {
    this.#drop();
    this.#waiting = [];
    this.#enter('closed', reason);
  }

  #drop(): void {
    this.#cancelTimer();
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #enter(state: RoomState, reason: string): void {
    this.#state = state;
    this.#emit((events) => events.onState?.(state, reason));
  }

  #emit(tell: (events: Partial<RoomEvents>) => void): void {
    for (const events of [...this.#listeners]) tell(events);
  }
}
