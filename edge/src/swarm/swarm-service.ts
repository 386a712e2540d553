import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { MAX_SIGNALING_BYTES } from '@eddy/protocol';
import type { Registry } from 'prom-client';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock, Random, Timers } from '../components.js';
import type { SegmentDigests } from '../digests/segment-digests.js';
import type { RefusalReason } from '../refusals/refusals.js';
import type { SwarmServiceConfig } from './config.js';
import { Conversation } from './conversation.js';
import { Meeting, type Refusal } from './meeting.js';
import { createSwarmMetrics, type SwarmRefusal, type SwarmStats } from './metrics.js';
import { siteOf } from './rooms/room-name.js';
import { addressGroup } from './sockets/address.js';
import { Admission } from './sockets/admission.js';
import { answerWithoutUpgrade, isSwarmUpgrade, refuseUpgrade } from './sockets/upgrade.js';
import { textOf, ViewerSocket } from './sockets/viewer-socket.js';

export interface SwarmServiceComponents {
  readonly digests: Pick<SegmentDigests, 'find' | 'onKnown'>;
  /** Monotonic. */
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly registry: Registry;
  /** Where a request comes from. Default: the other end of its TCP connection. */
  readonly addressOf?: (request: IncomingMessage) => string | undefined;
  /** Asked before anything else. Default: everybody may come. */
  readonly admit?: (request: IncomingMessage) => Promise<SwarmEntry>;
}

/** Whether a player may open a socket, and what for. */
export type SwarmEntry =
  | {
      /** Instead of the Host header's. */
      readonly site: string | undefined;
      /** By the canonical path of the presentation. */
      mayJoin(path: string): boolean;
    }
  | { readonly refused: RefusalReason; readonly status: number; readonly message: string };

const ANYBODY: SwarmEntry = { site: undefined, mayJoin: () => true };

/** The meeting place of players at `SWARM_PATH`. */
export interface SwarmService {
  /** Takes over the server's upgrade requests. Others than the swarm's are answered as if they asked for none. */
  attach(server: Server): void;
  /** Reaches the players at once. Limits are those of the start. */
  setConfig(config: SwarmServiceConfig): void;
  stats(): SwarmStats;
  /** Tells players to come back (each after a time of its own, named in the close reason), and closes. */
  close(): Promise<void>;
}

/** Players come back within this time, each at its own, when an edge closes. */
const RETURN_WITHIN_MS = 5000;
/** A player that has not answered the close by then is cut. */
const CLOSE_MS = 2000;

interface Guest {
  readonly socket: ViewerSocket;
  readonly conversation: Conversation;
}

export function createSwarmService(
  components: SwarmServiceComponents,
  config: SwarmServiceConfig,
): SwarmService {
  const { clock, timers, random } = components;
  const { limits } = config;
  const guests = new Set<Guest>();
  /** Answered without an upgrade. Their server does not know them any more, so its stop does not end them. */
  const others = new Set<Duplex>();
  const admission = new Admission(limits);
  const stats = (): SwarmStats => ({
    viewers: meeting.viewers,
    rooms: meeting.roomCount,
    sockets: admission.open,
    wants: meeting.wantCount,
  });
  const metrics = createSwarmMetrics(components.registry, stats);
  const newName = (): string => randomBytes(12).toString('base64url');
  const meeting = new Meeting({ ...components, metrics, newName }, config);
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_SIGNALING_BYTES,
  });
  const detach: (() => void)[] = [];
  let closing = false;
  let allGone: (() => void) | undefined;
  let cancelBeat = timers.after(limits.heartbeatSeconds * 1000, beat);

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (components.admit === undefined) {
      admitted(request, socket, head, ANYBODY);
      return;
    }
    // Nobody else looks at the socket meanwhile.
    const onError = (): void => void socket.destroy();
    socket.on('error', onError);
    components.admit(request).then(
      (entry) => {
        socket.off('error', onError);
        if (!socket.destroyed) admitted(request, socket, head, entry);
      },
      () => socket.destroy(),
    );
  }

  function admitted(request: IncomingMessage, socket: Duplex, head: Buffer, entry: SwarmEntry): void {
    if ('refused' in entry) {
      turnAway(socket, entry.status, 'not-admitted', `${entry.refused}: ${entry.message}`);
      return;
    }
    const site = entry.site ?? siteOf(request.headers.host);
    const address = addressGroup(components.addressOf?.(request) ?? request.socket.remoteAddress);
    if (closing) {
      turnAway(socket, 503, 'closing', 'This edge is closing: come back in a moment.');
      return;
    }
    if (site === undefined) {
      turnAway(socket, 400, 'bad-host', 'The Host header is missing or unusable.');
      return;
    }
    const refused = admission.admit(address);
    if (refused !== undefined) {
      const status = refused === 'too-many-sockets' ? 503 : 429;
      turnAway(socket, status, refused, 'Too many viewers are connected: come back in a minute.');
      return;
    }
    socket.once('close', () => admission.release(address));
    sockets.handleUpgrade(request, socket, head, (ws) => welcome(ws, site, entry.mayJoin));
  }

  function turnAway(socket: Duplex, status: number, reason: SwarmRefusal, message: string): void {
    metrics.refusal(reason);
    refuseUpgrade(socket, status, message, status < 429 ? {} : { 'Retry-After': '60' });
  }

  function welcome(ws: WebSocket, site: string, mayJoin: (path: string) => boolean): void {
    const socket = new ViewerSocket(
      { ws, onSlow: () => metrics.refusal('reads-too-slowly') },
      { maxUnsentBytes: limits.unsentBytes },
    );
    const conversation = new Conversation(
      { meeting, line: socket, clock, metrics },
      { site, mayJoin, ...limits },
    );
    const guest: Guest = { socket, conversation };
    guests.add(guest);
    let over = false;
    const refuse = ({ reason, message, retry }: Refusal): void => {
      over = true;
      metrics.refusal(reason);
      socket.tell({ type: 'error', code: reason, message, retry });
      socket.close(1008, reason);
      conversation.end();
    };
    const cancelJoinDeadline = timers.after(limits.joinSeconds * 1000, () => {
      refuse({ reason: 'join-timeout', message: 'No "join" came in time.', retry: true });
    });
    ws.on('message', (data, isBinary) => {
      socket.noteHeard();
      if (over || closing) return;
      const verdict = conversation.hear(textOf(data, isBinary));
      if (verdict.go === 'joined') cancelJoinDeadline();
      else if (verdict.go === 'refuse') refuse(verdict.refusal);
      else if (verdict.go === 'leave') {
        over = true;
        conversation.end();
        socket.close(1000, 'left');
      }
    });
    // The library closes the socket itself after an error; 1009 and 1002 tell the player why.
    ws.on('error', (error) => {
      const tooLarge = 'code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
      metrics.refusal(tooLarge ? 'too-large' : 'bad-message');
    });
    ws.on('close', () => {
      cancelJoinDeadline();
      conversation.end();
      guests.delete(guest);
      noteGone();
    });
  }

  function answerPlainly(server: Server, request: IncomingMessage, socket: Duplex): void {
    others.add(socket);
    socket.once('close', () => {
      others.delete(socket);
      noteGone();
    });
    answerWithoutUpgrade(server, request, socket);
  }

  function noteGone(): void {
    if (guests.size + others.size === 0) allGone?.();
  }

  function beat(): void {
    cancelBeat = timers.after(limits.heartbeatSeconds * 1000, beat);
    meeting.dropExpiredWants();
    for (const { socket, conversation } of [...guests]) {
      if (socket.beat()) continue;
      metrics.refusal('silent');
      conversation.end();
      socket.cut();
    }
  }

  return {
    attach(server) {
      const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
        if (isSwarmUpgrade(request)) upgrade(request, socket, head);
        else answerPlainly(server, request, socket);
      };
      server.on('upgrade', onUpgrade);
      detach.push(() => server.off('upgrade', onUpgrade));
    },
    setConfig: (changed) => meeting.setConfig(changed),
    stats,
    async close() {
      if (closing) return;
      closing = true;
      cancelBeat();
      const message = 'This edge is closing: come back after the time in the close reason.';
      for (const { socket } of guests) {
        socket.tell({ type: 'error', code: 'closing', message, retry: true });
        socket.close(1001, `retry-after-ms=${Math.floor(random() * RETURN_WITHIN_MS)}`);
      }
      if (guests.size + others.size > 0) {
        const cancelCut = timers.after(CLOSE_MS, () => {
          for (const { socket } of [...guests]) socket.cut();
          for (const socket of [...others]) socket.destroy();
        });
        await new Promise<void>((resolve) => {
          allGone = resolve;
        });
        cancelCut();
      }
      meeting.close();
      for (const off of detach) off();
    },
  };
}
