import type { PeerFailed, PlayerMessage } from '@eddy/protocol';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { DividedBy } from './rooms/divide.js';

const SWARM_REFUSALS = [
  'too-many-sockets',
  'too-many-sockets-from-address',
  'bad-host',
  'not-admitted',
  'token-path',
  'token-expired',
  'token-renewal',
  'closing',
  'bad-version',
  'bad-message',
  'unknown-message',
  'status-too-soon',
  'bad-presentation',
  'not-joined',
  'already-joined',
  'join-timeout',
  'too-fast',
  'too-large',
  'too-many-wants',
  'not-introduced',
  'reads-too-slowly',
  'silent',
] as const;
/** Why a socket or a message was refused. The same word is the metric's label and the code that the player gets. */
export type SwarmRefusal = (typeof SWARM_REFUSALS)[number];

const PEER_FAILURES: readonly PeerFailed['reason'][] = ['unreachable', 'lost', 'misbehaved'];

export interface SwarmStats {
  /** Sockets that have joined a room or are held out. */
  readonly viewers: number;
  readonly rooms: number;
  /** All open sockets. */
  readonly sockets: number;
  /** Digests that are waited for. */
  readonly wants: number;
  /** Pairs that ended since one accused the other, since the start. */
  readonly accusations: number;
  /** Viewers who are introduced to nobody any more, since too many pairs with them ended so; since the start. */
  readonly disputed: number;
}

export interface SwarmMetrics {
  message(type: PlayerMessage['type']): void;
  refusal(reason: SwarmRefusal): void;
  digestsPushed(count: number): void;
  /** A player gave up another one. */
  peerFailed(reason: PeerFailed['reason']): void;
  tokenRenewed(): void;
  iceRenewed(): void;
  purgeTold(players: number): void;
  roomsChanged(how: DividedBy | 'merged'): void;
}

export function createSwarmMetrics(registry: Registry, stats: () => SwarmStats): SwarmMetrics {
  const registers = [registry];
  new Gauge({
    name: 'eddy_swarm_viewers',
    help: 'Viewers in swarm rooms, those of the holdout included.',
    registers,
    collect() {
      this.set(stats().viewers);
    },
  });
  new Gauge({
    name: 'eddy_swarm_rooms',
    help: 'Swarm rooms with at least one viewer who may have peers.',
    registers,
    collect() {
      this.set(stats().rooms);
    },
  });
  const messages = new Counter({
    name: 'eddy_swarm_messages_total',
    help: 'Messages from players that were accepted, by type.',
    labelNames: ['type'],
    registers,
  });
  const refusals = new Counter({
    name: 'eddy_swarm_refusals_total',
    help: 'Sockets and messages of players that were refused, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const pushed = new Counter({
    name: 'eddy_swarm_digests_pushed_total',
    help: 'Segment digests sent to players.',
    registers,
  });
  const failed = new Counter({
    name: 'eddy_swarm_peer_failures_total',
    help: 'Pairs of players that were given up, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const tokens = new Counter({
    name: 'eddy_swarm_tokens_renewed_total',
    help: 'Tokens that players replaced over their socket.',
    registers,
  });
  const ice = new Counter({
    name: 'eddy_swarm_ice_renewals_total',
    help: 'TURN credentials replaced over the socket before they ended.',
    registers,
  });
  const purges = new Counter({
    name: 'eddy_swarm_purges_told_total',
    help: 'Players told of purged segments, each time they were.',
    registers,
  });
  const divided = new Counter({
    name: 'eddy_swarm_room_changes_total',
    help: 'Rooms that were divided (by what their halves have in common) or merged.',
    labelNames: ['how'],
    registers,
  });
  // Rates need a series before the first event.
  for (const reason of SWARM_REFUSALS) refusals.inc({ reason }, 0);
  for (const reason of PEER_FAILURES) failed.inc({ reason }, 0);
  return {
    message: (type) => messages.inc({ type }),
    refusal: (reason) => refusals.inc({ reason }),
    digestsPushed: (count) => pushed.inc(count),
    peerFailed: (reason) => failed.inc({ reason }),
    tokenRenewed: () => tokens.inc(),
    iceRenewed: () => ice.inc(),
    purgeTold: (players) => purges.inc(players),
    roomsChanged: (how) => divided.inc({ how }),
  };
}
