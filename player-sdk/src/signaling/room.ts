import type {
  PeersChanged,
  PlayerMessage,
  Purged,
  SegmentDigest,
  SignalFrom,
  SwarmConfig,
  Welcome,
} from '@eddy/protocol';
import type { Unsubscribe } from '../components.js';

/** The edge's meeting place, as mesh and digests see it. `room-client` implements it over a WebSocket. */
export interface Room {
  readonly state: RoomState;
  /** The edge's last `welcome`, with its newest ICE servers; stays while the connection is away. */
  readonly welcome: Welcome | undefined;
  /**
   * Says something once the player is joined. While it is away a bounded number of messages waits; `signal` and
   * `peer-failed` are dropped instead, since names change with the next `welcome`.
   */
  send(message: PlayerMessage): void;
  subscribe(events: Partial<RoomEvents>): Unsubscribe;
}

/**
 * `connecting`: a socket opens or waits for its welcome. `joined`: welcomed. `away`: it will try again.
 * `closed`: left, or the edge said not to come back.
 */
export type RoomState = 'connecting' | 'joined' | 'away' | 'closed';

export interface RoomEvents {
  /** After each join, also after an absence: the name may have changed and all asked before is forgotten there. */
  onWelcome(welcome: Welcome): void;
  onPeers(change: PeersChanged): void;
  onSignal(signal: SignalFrom): void;
  onConfig(config: SwarmConfig): void;
  /**
   * What is held of these must not be given to others any more. Of everything, when the player was away for so long
   * that it may have missed a purge.
   */
  onPurged(purged: Pick<Purged, 'paths' | 'prefixes'>): void;
  onDigests(digests: readonly SegmentDigest[]): void;
  /** The state changed. `reason` says why in words for a log. */
  onState(state: RoomState, reason: string): void;
}
