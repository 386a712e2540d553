/**
 * What a player and the edge's swarm room say over the WebSocket at `SWARM_PATH`. Text messages are these, as JSON;
 * binary messages (edge to player only) are digest blocks with absolute paths.
 */

/** A player's words. The first one must be `join`. */
export type PlayerMessage = Join | SignalTo | WantDigests | PeerFailed | Status | RenewedToken | Leave;

/** The edge's words. The first one is `welcome` or `error`. */
export type EdgeMessage =
  | Welcome
  | PeersChanged
  | SignalFrom
  | SwarmConfigChanged
  | IceServersChanged
  | RenewToken
  | Purged
  | SwarmError;

export interface Join {
  readonly type: 'join';
  readonly version: number;
  /** Canonical path of the multivariant playlist (or of the only media playlist). */
  readonly presentation: string;
  /** Stable over reloads on this device; decides the experiment's arm. Never shown to other viewers. */
  readonly viewer: string;
  /** One playback; joins beacons to the room. */
  readonly session: string;
  /** Whether this player would answer other viewers' requests. */
  readonly upload: boolean;
  /** Most that it would upload, bytes a second; absent: it knows of no limit. */
  readonly uploadBytesPerSecond?: number;
  /** Since it was last in a room, where it still has what it held then: the edge tells it of purges since. */
  readonly awayMs?: number;
}

/** A session description or a candidate for another player. `payload` is JSON, opaque to the edge. */
export interface SignalTo {
  readonly type: 'signal';
  readonly to: string;
  readonly payload: string;
}

/** A segment by its canonical path; `start` and `bytes` only for byte-range segments. */
export interface WantedSegment {
  readonly path: string;
  readonly range?: { readonly start: number; readonly bytes: number };
}

/** Asks for digests. Known ones are pushed at once, others when the edge has filled the segment, once. */
export interface WantDigests {
  readonly type: 'want-digests';
  readonly segments: readonly WantedSegment[];
}

/** No channel came about, or it broke, or the peer lied: another peer is wanted in its place. */
export interface PeerFailed {
  readonly type: 'peer-failed';
  readonly peer: string;
  readonly reason: 'unreachable' | 'lost' | 'misbehaved';
}

/** How a player is doing, at most every `STATUS_EVERY_MS`: whoever plays nearby is of more use to it. */
export interface Status {
  readonly type: 'status';
  /** VOD: playhead from the beginning. Live: playhead behind the newest segment. Milliseconds. */
  readonly positionMs: number;
  /** What others gave when they were asked. */
  readonly uploads: readonly MeasuredUpload[];
}

export interface MeasuredUpload {
  readonly peer: string;
  readonly bytesPerSecond: number;
}

/** A newer token, in place of the one that the socket was opened with. In time, nothing else changes. */
export interface RenewedToken {
  readonly type: 'token';
  /** JWS compact form. */
  readonly token: string;
}

export interface Leave {
  readonly type: 'leave';
}

export const SWARM_MODES = ['on', 'leech', 'off'] as const;
/** `on`: both ways. `leech`: downloads, uploads nothing. `off`: plain HLS. */
export type SwarmMode = (typeof SWARM_MODES)[number];

export const ARMS = ['treated', 'holdout'] as const;
/** Arm of the experiment that savings are measured by. A holdout's mode is always `off`. */
export type Arm = (typeof ARMS)[number];

/** An `RTCIceServer`. */
export interface IceServer {
  readonly urls: readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

/** What a site decides for its players; may change while they play. */
export interface SwarmConfig {
  readonly mode: SwarmMode;
  /** Most channels a player keeps. */
  readonly maxPeers: number;
  /** Cap of a player's upload, bytes a second; 0 for none. */
  readonly uploadBytesPerSecond: number;
}

export interface Welcome {
  readonly type: 'welcome';
  readonly version: number;
  /** This player's name in the room, given by the edge. */
  readonly peer: string;
  readonly room: string;
  readonly arm: Arm;
  readonly config: SwarmConfig;
  readonly iceServers: readonly IceServer[];
}

/** A player to meet. The one with `offer` opens the channel, the other waits for its signal. */
export interface PeerIntroduction {
  readonly peer: string;
  readonly offer: boolean;
}

export interface PeersChanged {
  readonly type: 'peers';
  readonly meet: readonly PeerIntroduction[];
  /** Players to part from: they left the room, or gave you up, or a newcomer gets in between. */
  readonly gone: readonly string[];
  /** Players who may not have the video any more: nothing is exchanged with them from now on. */
  readonly expelled?: readonly string[];
}

export interface SignalFrom {
  readonly type: 'signal';
  readonly from: string;
  readonly payload: string;
}

export interface SwarmConfigChanged {
  readonly type: 'config';
  readonly config: SwarmConfig;
}

/** In place of those in `welcome`, whose credentials end soon. Open channels stay. */
export interface IceServersChanged {
  readonly type: 'ice';
  readonly iceServers: readonly IceServer[];
}

/** The player's token ends: without another one by then it is put out of the room. */
export interface RenewToken {
  readonly type: 'renew';
  readonly withinMs: number;
}

/**
 * Segments that are no more what they were, or not to be had any more: what is held of them is let go, digests of them
 * are asked for anew.
 */
export interface Purged {
  readonly type: 'purged';
  /** Canonical. */
  readonly paths: readonly string[];
  /** All below these; `/` is everything. */
  readonly prefixes: readonly string[];
}

/** `retry` false: this player should not come back (say, an unknown version); the socket closes after it. */
export interface SwarmError {
  readonly type: 'error';
  readonly code: string;
  readonly message: string;
  readonly retry: boolean;
  /** When to come back; absent: as the player sees fit. */
  readonly retryAfterMs?: number;
  /** Base URLs of edges to come to instead. */
  readonly meet?: readonly string[];
}
