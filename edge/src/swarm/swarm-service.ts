import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { MAX_SIGNALING_BYTES } from '@eddy/protocol';
import type { Registry } from 'prom-client';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock, Random, Timers } from '../components.js';
import type { SegmentDigests } from '../digests/segment-digests.js';
import type { PurgedNames } from '../purge/purge.js';
import type { RefusalReason } from '../refusals/refusals.js';
import type { SwarmServiceConfig } from './config.js';
import { Conversation } from './conversation.js';
import type { FederatedRooms, Outside } from './federation/outside.js';
import { type Place, prefixOf } from './matching/place.js';
import { Meeting, type Participant, type Refusal } from './meeting.js';
import { createSwarmMetrics, type SwarmRefusal, type SwarmStats } from './metrics.js';
import { FREE_PASS, type Pass, type Visit } from './pass.js';
import { siteOf } from './rooms/room-name.js';
import { addressGroup } from './sockets/address.js';
import { Admission } from './sockets/admission.js';
import { answerWithoutUpgrade, isSwarmUpgrade, refuseUpgrade } from './sockets/upgrade.js';
import { textOf, ViewerSocket } from './sockets/viewer-socket.js';

export interface SwarmServiceComponents {
  readonly digests: Pick<SegmentDigests, 'find' | 'onKnown'>;
  /** Monotonic. */
  readonly clock: Clock;
  /** Since the epoch. */
  readonly wallClock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly registry: Registry;
  /** Viewers of other edges. Default: there are none. */
  readonly federate?: ((rooms: FederatedRooms) => Outside) | undefined;
  /** Where a request comes from. Default: the other end of its TCP connection. */
  readonly addressOf?: (request: IncomingMessage) => string | undefined;
  /** Where an address is. Default: nothing is known but its prefix. */
  readonly placeOf?: (address: string | undefined) => Place;
  /** Asked before anything else. Default: everybody may come. */
  readonly admit?: (request: IncomingMessage) => Promise<SwarmEntry>;
}

/** Whether a player may open a socket, and what for. */
export type SwarmEntry =
  | {
      /** Instead of the Host header's. */
      readonly site: string | undefined;
      /** What the site's names begin with in the cache. */
      readonly sitePrefix: string;
      readonly pass: Pass;
      /** Looks at another token of the same player. Undefined: it is not good here. */
      renew(token: string): Promise<Pass | undefined>;
    }
  | { readonly refused: RefusalReason; readonly status: number; readonly message: string };

const ANYBODY: SwarmEntry = {
  site: undefined,
  sitePrefix: '',
  pass: FREE_PASS,
  renew: async () => FREE_PASS,
};

/** The meeting place of players at `SWARM_PATH`. */
export interface SwarmService {
  /** Takes over the server's upgrade requests. Others than the swarm's are answered as if they asked for none. */
  attach(server: Server): void;
  /** Reaches the players at once. Limits are those of the start. */
  setConfig(config: SwarmServiceConfig): void;
  /** Tells players to let go of what was purged, and those who are away once they come back. */
  purged(names: PurgedNames): void;
  stats(): SwarmStats;
  /** Who is in a room, by the name it has there or by its session. */
  find(by: { readonly peer: string } | { readonly session: string }): Participant | undefined;
  /** Tells players to go to another edge, to one of `to` if there are any, each within `withinMs`; takes no more. */
  drain(order: { readonly withinMs: number; readonly to: readonly string[] }): void;
  /** Takes players again after a drain. */
  resume(): void;
  /** Tells players to come back, or to go to another edge, each after a time of its own, and closes. */
  close(): Promise<void>;
}

/** Players of an edge that closes come back within this time, each at its own; of a full one not all at once. */
const RETURN_WITHIN_MS = 5000;
const RETURNS_PER_SECOND = 500;
const LAST_RETURN_MS = 30_000;
const CLOSING = 'This edge is closing: come back after the time given, to another one if some are named.';
/** A player that has not answered the close by then is cut. */
const CLOSE_MS = 2000;

interface Guest {
  readonly socket: ViewerSocket;
  readonly conversation: Conversation;
}

export function createSwarmService(
  components: SwarmServiceComponents,
  initial: SwarmServiceConfig,
): SwarmService {
  const { clock, wallClock, timers, random } = components;
  const { limits } = initial;
  let config = initial;
  const guests = new Set<Guest>();
  /** Answered without an upgrade. Their server does not know them any more, so its stop does not end them. */
  const others = new Set<Duplex>();
  const admission = new Admission(limits);
  const stats = (): SwarmStats => ({
    viewers: meeting.viewers,
    rooms: meeting.roomCount,
    sockets: admission.open,
    wants: meeting.wantCount,
    accusations: meeting.accusations,
    disputed: meeting.disputed,
  });
  const metrics = createSwarmMetrics(components.registry, stats);
  const newName = (): string => randomBytes(12).toString('base64url');
  const placeOf =
    components.placeOf ?? ((address: string | undefined): Place => ({ prefix: prefixOf(address ?? '') }));
  const meeting = new Meeting({ ...components, placeOf, metrics, newName }, config);
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_SIGNALING_BYTES,
  });
  const detach: (() => void)[] = [];
  let closing = false;
  let draining = false;
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
    const from = components.addressOf?.(request) ?? request.socket.remoteAddress;
    const address = addressGroup(from);
    if (closing || draining) {
      turnAway(socket, 503, 'closing', 'This edge is closing: go to another one, or come back in a moment.');
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
    sockets.handleUpgrade(request, socket, head, (ws) => welcome(ws, { ...entry, site, address: from }));
  }

  function turnAway(socket: Duplex, status: number, reason: SwarmRefusal, message: string): void {
    metrics.refusal(reason);
    refuseUpgrade(socket, status, message, status < 429 ? {} : { 'Retry-After': '60' });
  }

  function welcome(ws: WebSocket, visit: Visit): void {
    const socket = new ViewerSocket(
      { ws, timers, onSlow: () => metrics.refusal('reads-too-slowly'), onSilent: () => giveUp(guest) },
      { maxUnsentBytes: limits.unsentBytes, probeMs: limits.probeSeconds * 1000 },
    );
    const conversation = new Conversation(
      { meeting, line: socket, clock, wallClock, timers, metrics, onExpired: (refusal) => refuse(refusal) },
      { visit, ...limits },
    );
    const guest: Guest = { socket, conversation };
    guests.add(guest);
    let over = false;
    const refuse = ({ reason, message, retry }: Refusal): void => {
      if (over) return;
      over = true;
      metrics.refusal(reason);
      socket.tell({ type: 'error', code: reason, message, retry });
      socket.close(reason === 'token-expired' ? 4401 : 1008, reason);
      conversation.end();
    };
    const cancelJoinDeadline = timers.after(limits.joinSeconds * 1000, () => {
      refuse({ reason: 'join-timeout', message: 'No "join" came in time.', retry: true });
    });
    ws.on('message', (data, isBinary) => {
      socket.noteHeard();
      if (over || closing || draining) return;
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
    meeting.tidy();
    for (const guest of [...guests]) if (!guest.socket.beat()) giveUp(guest);
  }

  function giveUp({ socket, conversation }: Guest): void {
    metrics.refusal('silent');
    conversation.end();
    socket.cut();
  }

  /** Channels between players outlive this. */
  function sendAway(mostMs: number, to: readonly string[]): void {
    const withinMs = Math.min(mostMs, Math.max(RETURN_WITHIN_MS, (guests.size * 1000) / RETURNS_PER_SECOND));
    for (const { socket } of guests) {
      const retryAfterMs = Math.floor(random() * withinMs);
      const elsewhere = to.length === 0 ? {} : { meet: to };
      socket.tell({
        type: 'error',
        code: 'closing',
        message: CLOSING,
        retry: true,
        retryAfterMs,
        ...elsewhere,
      });
      socket.close(1001, `retry-after-ms=${retryAfterMs}`);
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
    setConfig(changed) {
      config = changed;
      meeting.setConfig(changed);
    },
    purged: (names) => meeting.purged(names),
    stats,
    find: (by) => ('peer' in by ? meeting.byPeer(by.peer) : meeting.bySession(by.session)),
    drain({ withinMs, to }) {
      if (draining || closing) return;
      draining = true;
      sendAway(Math.min(LAST_RETURN_MS, withinMs), to.length === 0 ? config.meet : to);
    },
    resume() {
      draining = false;
    },
    async close() {
      if (closing) return;
      closing = true;
      cancelBeat();
      if (!draining) sendAway(LAST_RETURN_MS, config.meet);
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
