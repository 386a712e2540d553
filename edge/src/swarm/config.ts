import { type IceServer, MAX_PEERS_LISTED, type SwarmConfig } from '@eddy/protocol';
import type { TurnConfig } from './ice/turn.js';

/** What the operator decides for the swarm. */
export interface SwarmServiceConfig {
  /** Sent to players. `mode` `on` unless the operator says otherwise; `maxPeers` at most 64. */
  readonly players: SwarmConfig;
  /** Share of viewers who play without peers, so that savings can be measured: 0 to 100. */
  readonly holdoutPercent: number;
  /** STUN and TURN servers for the players, at most 8. */
  readonly iceServers: readonly IceServer[];
  /** TURN servers with credentials of their own for each player. Undefined: none. */
  readonly turn: TurnConfig | undefined;
  /** Base URLs of edges that players go to when this one closes. Default: they come back here. */
  readonly meet: readonly string[];
  readonly limits: SwarmLimits;
}

export interface SwarmLimits {
  /** Open sockets in all; one takes about 12 KiB. */
  readonly sockets: number;
  /** Open sockets from one address. Many viewers may share one behind a carrier's NAT. */
  readonly socketsPerAddress: number;
  /** Messages a second from one socket, over time. */
  readonly messagesPerSecond: number;
  /** Messages at once: a newcomer sends offers and candidates to all its peers in its first second. */
  readonly messageBurst: number;
  /** Digests that one socket waits for. Further ones are not remembered. */
  readonly wantsPerSocket: number;
  /** How long a digest is waited for. A live segment that nobody filled by then is history. */
  readonly wantSeconds: number;
  /** A socket that has not joined by then is closed. */
  readonly joinSeconds: number;
  /** Time between pings. A socket that was silent from one ping to the next is given up. */
  readonly heartbeatSeconds: number;
  /** A player whom another one has lost is asked whether it is there; without an answer by then it is given up. */
  readonly probeSeconds: number;
  /** A room with more viewers becomes two. */
  readonly roomViewers: number;
  /** Bytes waiting for one socket that reads too slowly; over it the socket is cut. */
  readonly unsentBytes: number;
}

export const DEFAULT_SWARM_LIMITS: SwarmLimits = {
  sockets: 20_000,
  socketsPerAddress: 512,
  messagesPerSecond: 40,
  messageBurst: 400,
  wantsPerSocket: 1024,
  wantSeconds: 60,
  joinSeconds: 10,
  heartbeatSeconds: 15,
  probeSeconds: 4,
  roomViewers: 512,
  unsentBytes: 1024 * 1024,
};

export const DEFAULT_SWARM_CONFIG: SwarmServiceConfig = {
  players: { mode: 'on', maxPeers: 8, uploadBytesPerSecond: 0 },
  holdoutPercent: 0,
  iceServers: [],
  turn: undefined,
  meet: [],
  limits: DEFAULT_SWARM_LIMITS,
};

/** Peers to introduce to each other under this config: none unless viewers may upload. */
export function peersToIntroduce({ mode, maxPeers }: SwarmConfig): number {
  return mode === 'on' ? Math.min(maxPeers, MAX_PEERS_LISTED) : 0;
}

/** A holdout's mode is always `off`. */
export function configForArm(config: SwarmConfig, arm: 'treated' | 'holdout'): SwarmConfig {
  return arm === 'holdout' ? { ...config, mode: 'off' } : config;
}
