import {
  decodeDigestBlock,
  type EdgeMessage,
  MAX_SIGNALING_BYTES,
  type PlayerMessage,
  PROTOCOL_VERSION,
  ProtocolError,
  PURGES_REMEMBERED_MS,
  parseEdgeMessage,
  SWARM_PATH,
  type SwarmConfig,
  type SwarmError,
  type Welcome,
} from '@eddy/protocol';
import type { Clock, Random, Timers, Unsubscribe } from '../components.js';
import { EdgeAccess, type GetToken } from '../session/edge-access.js';
import { atEdge } from '../session/edge-address.js';
import { backOffMs } from './back-off.js';
import type { Room, RoomEvents, RoomState } from './room.js';
import { type OpenSocket, openWebSocket, type Socket } from './socket.js';

export interface RoomComponents {
  readonly clock: Clock;
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
  /** Whether this player would answer other viewers' requests. Like `viewer` looked at with each join. */
  readonly upload: boolean;
  /** Most that it would upload, bytes a second; 0: no limit. Default 0. */
  readonly uploadBytesPerSecond?: number;
  /** Where tokens come from once the one in `edge` ends. Default: none, it leaves the room then. */
  readonly getToken?: GetToken | undefined;
  /** From opening the socket to the edge's welcome. Default 10,000 ms. */
  readonly joinTimeoutMs?: number;
  /** First wait before coming back; doubles up to `mostRetryMs`. Default 500 ms. */
  readonly firstRetryMs?: number;
  /** Default 30,000 ms. */
  readonly mostRetryMs?: number;
}

/** Messages kept while away. The digests wanted meanwhile, mostly; more are of segments long played. */
const MAX_WAITING = 32;
/** Players whose pathway fails come to the next edge within this time, each at its own. */
const MOVE_WITHIN_MS = 1_000;
/** Messages that break the protocol before the socket is taken for something else's and closed. */
const MAX_BAD_MESSAGES = 8;
/** Time in the room after which an absence counts as new trouble, not as the same. */
const SETTLED_MS = 10_000;

/** A page that gave no token is asked again after this at the earliest. */
const LEAST_RENEWAL_WAIT_MS = 2_000;
const OFF: SwarmConfig = { mode: 'off', maxPeers: 0, uploadBytesPerSecond: 0 };

/** The player's place in its swarm room, over a WebSocket to the edge. Comes back by itself until told not to. */
export class RoomClient implements Room {
  readonly #components: RoomComponents;
  readonly #options: RoomOptions;
  readonly #access: EdgeAccess;
  readonly #listeners = new Set<Partial<RoomEvents>>();
  #state: RoomState = 'away';
  /** Not wanted in the room: it has not been joined yet, or was stepped out of. */
  #out = true;
  #welcome: Welcome | undefined;
  #socket: Socket | undefined;
  #waiting: PlayerMessage[] = [];
  #attempt = 0;
  #badMessages = 0;
  #cancelTimer: () => void = () => {};
  #cancelRenewal: () => void = () => {};
  #cancelForgetting: () => void = () => {};
  /** Clock time since which it is in no room, though it may hold what it held there. */
  #awaySince: number | undefined;
  /** The token is not good, or may not be. */
  #tokenStale = false;
  /** Counts sockets, so that what comes late for one does not touch the next. */
  #connection = 0;

  /** @throws TypeError when `edge` is no URL. Nothing is opened before `join`. */
  constructor(components: RoomComponents, options: RoomOptions) {
    this.#components = components;
    this.#options = options;
    this.#access = new EdgeAccess(options);
    this.#tokenStale = this.#access.renews && !this.#access.hasToken;
    this.#url();
  }

  /** Base URL of the edge, with the token that is good now. */
  get edge(): string {
    return this.#access.base;
  }

  get state(): RoomState {
    return this.#state;
  }

  get welcome(): Welcome | undefined {
    return this.#welcome;
  }

  /** Not joined yet, or stepped out. */
  get out(): boolean {
    return this.#out;
  }

  /** Opens the socket. More calls change nothing; after `stepOut` it opens again, after `leave` not any more. */
  join(): void {
    if (this.#state === 'closed' || !this.#out) return;
    this.#out = false;
    void this.#connect();
  }

  /** Says goodbye and stays away for good. */
  leave(): void {
    if (this.#state === 'closed') return;
    if (this.#state === 'joined') this.#socket?.send(JSON.stringify({ type: 'leave' }));
    this.#close('left');
  }

  /** Says goodbye, and stays away until `join`. */
  stepOut(): void {
    if (this.#state === 'closed' || this.#out) return;
    this.#out = true;
    if (this.#state === 'joined') {
      this.#socket?.send(JSON.stringify({ type: 'leave' }));
      this.#beginAbsence();
    }
    this.#attempt = 0;
    this.#drop();
    this.#enter('away', 'stepped out');
  }

  /** Base URLs of edges where the same room may be looked for when this one is out of reach, the best first. */
  set alternatives(edges: readonly string[]) {
    this.#access.alternatives = edges;
  }

  /** Media come from this edge from now on: the room is looked for there too. Channels to others outlive the move. */
  moveTo(edge: string): void {
    if (this.#state === 'closed' || !this.#access.settleAt(edge) || this.#out) return;
    this.#attempt = 0;
    this.#retry('the pathway has changed', this.#components.random() * MOVE_WITHIN_MS);
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

  #url(): string {
    const url = atEdge(this.#access.base, SWARM_PATH);
    url.protocol = url.protocol.replace(/^http/, 'ws');
    return url.href;
  }

  async #connect(): Promise<void> {
    this.#cancelTimer();
    this.#badMessages = 0;
    const connection = ++this.#connection;
    this.#enter('connecting', 'opening');
    if (this.#tokenStale && this.#access.renews) {
      const token = await this.#access.renew();
      if (connection !== this.#connection || this.#state !== 'connecting') return;
      if (token === undefined) {
        this.#retry('the page gave no token');
        return;
      }
      this.#tokenStale = false;
    }
    this.#open();
  }

  #open(): void {
    const { openSocket = openWebSocket, timers } = this.#components;
    // Events of a socket that was given up must not touch the one after it.
    let socket: Socket | undefined;
    const current = (): boolean => socket !== undefined && socket === this.#socket;
    try {
      socket = openSocket(this.#url(), {
        onOpen: () => current() && this.#sayJoin(),
        onText: (text) => current() && this.#onText(text),
        onBinary: (bytes) => current() && this.#onBinary(bytes),
        onClose: (reason) => current() && this.#onClose(reason),
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
    const { presentation, viewer, session, upload, uploadBytesPerSecond = 0 } = this.#options;
    const since = this.#awaySince;
    const join: PlayerMessage = {
      ...{ type: 'join', version: PROTOCOL_VERSION, presentation, viewer, session, upload },
      ...(uploadBytesPerSecond === 0 ? {} : { uploadBytesPerSecond }),
      ...(since === undefined ? {} : { awayMs: Math.ceil(this.#components.clock.now() - since) }),
    };
    this.#socket?.send(JSON.stringify(join));
  }

  /** A socket that never was let in may have been refused for its token, of which browsers tell nothing. */
  #onClose(reason: string): void {
    if (this.#state === 'connecting') {
      this.#tokenStale = true;
      this.#access.moveOn();
    }
    this.#retry(reason);
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
      this.#onError(message);
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
      case 'ice':
        if (this.#welcome !== undefined) {
          this.#welcome = { ...this.#welcome, iceServers: message.iceServers };
        }
        break;
      case 'purged':
        this.#emit((events) => events.onPurged?.(message));
        break;
      case 'renew':
        void this.#renewToken(message.withinMs);
        break;
    }
  }

  #onError({ code, message, retry, retryAfterMs, meet }: SwarmError): void {
    const reason = `${code}: ${message}`;
    if (code === 'token-expired') {
      this.#tokenStale = true;
      if (!this.#access.renews) {
        // Nothing may be exchanged any more, also over channels that are open.
        this.#emit((events) => events.onConfig?.(OFF));
        this.#close(reason);
        return;
      }
    }
    if (!retry) {
      this.#close(reason);
      return;
    }
    if (meet !== undefined) this.#access.moveTo(meet, this.#components.random);
    this.#retry(reason, retryAfterMs);
  }

  async #renewToken(withinMs: number): Promise<void> {
    this.#cancelRenewal();
    if (!this.#access.renews) return;
    const connection = this.#connection;
    const token = await this.#access.renew();
    if (connection !== this.#connection || this.#state !== 'joined') return;
    if (token !== undefined) {
      this.send({ type: 'token', token });
      return;
    }
    const againMs = Math.max(LEAST_RENEWAL_WAIT_MS, withinMs / 4);
    if (againMs < withinMs) {
      const run = (): void => void this.#renewToken(withinMs - againMs);
      this.#cancelRenewal = this.#components.timers.after(againMs, run);
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
    this.#awaySince = undefined;
    this.#cancelForgetting();
    this.#enter('joined', `room ${welcome.room}`);
    this.#emit((events) => events.onWelcome?.(welcome));
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const message of waiting) this.send(message);
  }

  #retry(reason: string, afterMs?: number): void {
    if (this.#state === 'closed') return;
    if (this.#state === 'joined') this.#beginAbsence();
    this.#drop();
    const { firstRetryMs: firstMs = 500, mostRetryMs: mostMs = 30_000 } = this.#options;
    const waitMs = afterMs ?? backOffMs(this.#attempt++, this.#components.random, { firstMs, mostMs });
    this.#cancelTimer = this.#components.timers.after(waitMs, () => void this.#connect());
    this.#enter('away', reason);
  }

  /** Purges are not heard while it is away. The edge tells of them for a while; after that nothing is sure any more. */
  #beginAbsence(): void {
    this.#awaySince = this.#components.clock.now();
    this.#cancelForgetting = this.#components.timers.after(PURGES_REMEMBERED_MS, () => {
      this.#awaySince = undefined;
      this.#emit((events) => events.onPurged?.({ paths: [], prefixes: ['/'] }));
    });
  }

  #close(reason: string): void {
    this.#drop();
    this.#cancelForgetting();
    this.#waiting = [];
    this.#enter('closed', reason);
  }

  #drop(): void {
    this.#cancelTimer();
    this.#cancelRenewal();
    this.#connection++;
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
