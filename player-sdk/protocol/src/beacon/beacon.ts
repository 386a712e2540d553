import type { Arm } from '../signaling/messages.js';

/**
 * What a player reports every ten seconds and once more on leaving: a POST to `BEACON_PATH`, one line a batch in the
 * form of CMCD version 2's event mode (CTA-5004-B); see `beacon-keys`. Counters are what happened since the batch
 * before, so that sums over batches are totals; a batch that is sent twice has the same `batch` id and counts once.
 * The edge dates it on arrival: players' clocks are not trusted, and neither is any of these claims by itself.
 */
export interface Beacon {
  /** Unique a batch, so that a retry counts once. */
  readonly batch: string;
  /** The `session` of the player's `join`, and of the CMCD of its media requests. */
  readonly session: string;
  /** Canonical path of the presentation. */
  readonly presentation: string;
  /**
   * Group of the experiment, as the edge told it; or the `viewer` of a `join`, by whom the edge draws it: where no room
   * was joined.
   */
  readonly arm: Arm | { readonly viewer: string };
  /** Open channels now. */
  readonly peers: number;
  /** From the wish to play to the first frame; once a session. */
  readonly startupMs?: number;
  /** Encoded bitrate of what is played now, kbit/s. */
  readonly bitrateKbps?: number;
  /** How long the picture stood still for want of data, for each time that it has ended since. */
  readonly starvationsMs: readonly number[];
  /** Names of errors that ended playback or would have. */
  readonly errors: readonly string[];
  readonly counters: BeaconCounters;
  /** `peerBytes` by the viewer who sent them, by the name that the edge gave it. */
  readonly from: readonly PeerBytes[];
}

export interface PeerBytes {
  readonly peer: string;
  readonly bytes: number;
}

/** Additive. Bytes are media bytes unless said otherwise. */
export interface BeaconCounters {
  /** Played or buffered from the edge. */
  readonly edgeBytes: number;
  /** Of these, what the edge said it had in memory, on disk, or had to fetch; the rest is not known. */
  readonly edgeMemoryBytes: number;
  readonly edgeDiskBytes: number;
  readonly edgeFillBytes: number;
  /** Verified, from other viewers. */
  readonly peerBytes: number;
  /** Sent to other viewers. */
  readonly uploadedBytes: number;
  /** Received and of no use: duplicates, late, or not what the digest says. */
  readonly wastedBytes: number;
  /** Of these, what was here already or came too late. */
  readonly duplicateBytes: number;
  /** Of these, what was not what the digest says. */
  readonly hashFailedBytes: number;
  /** Of the room's socket, both ways, without framing. */
  readonly signalingBytes: number;
  /** Through a TURN relay, both ways, as messages. */
  readonly turnBytes: number;
  /** Time during which the picture moved. */
  readonly watchedMs: number;
}

export const BEACON_COUNTERS: readonly (keyof BeaconCounters)[] = [
  'edgeBytes',
  'edgeMemoryBytes',
  'edgeDiskBytes',
  'edgeFillBytes',
  'peerBytes',
  'uploadedBytes',
  'wastedBytes',
  'duplicateBytes',
  'hashFailedBytes',
  'signalingBytes',
  'turnBytes',
  'watchedMs',
];

export const NO_COUNTERS: BeaconCounters = {
  edgeBytes: 0,
  edgeMemoryBytes: 0,
  edgeDiskBytes: 0,
  edgeFillBytes: 0,
  peerBytes: 0,
  uploadedBytes: 0,
  wastedBytes: 0,
  duplicateBytes: 0,
  hashFailedBytes: 0,
  signalingBytes: 0,
  turnBytes: 0,
  watchedMs: 0,
};
