import type { PlayerMessage } from '@eddy/protocol';
import { Counter, Gauge, type Registry } from 'prom-client';

/** Why a socket or a message was refused. The same word is the metric's label and the code that the player gets. */
export type SwarmRefusal =
  | 'too-many-sockets'
  | 'too-many-sockets-from-address'
  | 'bad-host'
  | 'not-admitted'
  | 'token-path'
  | 'closing'
  | 'bad-version'
  | 'bad-message'
  | 'bad-presentation'
  | 'not-joined'
  | 'already-joined'
  | 'join-timeout'
  | 'too-fast'
  | 'too-large'
  | 'too-many-wants'
  | 'not-introduced'
  | 'reads-too-slowly'
  | 'silent';

export interface SwarmStats {
  /** Sockets that have joined a room or are held out. */
  readonly viewers: number;
  readonly rooms: number;
  /** All open sockets. */
  readonly sockets: number;
  /** Digests that are waited for. */
  readonly wants: number;
}

export interface SwarmMetrics {
  message(type: PlayerMessage['type']): void;
  refusal(reason: SwarmRefusal): void;
  digestsPushed(count: number): void;
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
  return {
    message: (type) => messages.inc({ type }),
    refusal: (reason) => refusals.inc({ reason }),
    digestsPushed: (count) => pushed.inc(count),
  };
}
