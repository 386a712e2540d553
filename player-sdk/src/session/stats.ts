import type { Arm } from '@eddy/protocol';
import type { Uploading } from '../manners/may-upload.js';

/** Why peers are off. Playback is plain hls.js then. */
export type OffReason =
  /** The page came over plain http, where browsers give no hashes: nothing from peers could be verified. */
  | 'insecure page'
  /** This browser has no WebRTC, or it is switched off. */
  | 'no WebRTC'
  /** By the option `peers: false`. */
  | 'turned off here'
  /** By the site, at its edge. */
  | 'turned off by the edge'
  /** By the viewer's own wish: `setSharing(false)`, or the switch in the overlay. */
  | 'turned off by the viewer'
  /** Consent is required, and was not given (`giveConsent()`) or was taken back. */
  | 'no consent'
  /** By the option `relayOnly`: the site names no TURN server. */
  | 'no relay'
  /** The viewer is in the group without peers, against which savings are measured. */
  | 'holdout'
  /** The edge does not want this player in its rooms; `detail` has its words. */
  | 'refused by the edge'
  /** The playlist was not loaded from a web server. */
  | 'no edge';

/**
 * `idle`: no source yet. `waiting`: for the picture to begin, by the option `waitForPlayback`. `connecting`: the edge's room is being joined. `alone`: nobody else is connected.
 * `sharing`: channels to other viewers are open. `away`: the room cannot be reached; it is tried again.
 */
export type SessionState =
  | 'idle'
  | 'waiting'
  | 'connecting'
  | 'alone'
  | 'sharing'
  | 'away'
  | 'destroyed'
  | `off: ${OffReason}`;

/** Where one segment came from. */
export interface SegmentReport {
  /** Canonical path of the segment. */
  readonly path: string;
  /** Media sequence number. */
  readonly sequence: number;
  /** `main` (video, or both), `audio`. */
  readonly track: string;
  readonly bytes: number;
  readonly edgeBytes: number;
  readonly peerBytes: number;
  /** Held already, from an earlier play of the same segment. */
  readonly memoryBytes: number;
  /** `peerBytes` by peer, by the names that the edge gave them. */
  readonly peers: Readonly<Record<string, number>>;
  /** From hls.js's request to the whole segment. */
  readonly milliseconds: number;
}

/** A snapshot of a session. Unless it says otherwise, bytes are media bytes since the source was loaded; nothing is ever counted twice. */
export interface SessionStats {
  readonly state: SessionState;
  /** More about `state`, in words; may be empty. */
  readonly detail: string;
  /** Canonical path of the presentation. */
  readonly presentation: string | undefined;
  /** The name that the edge gave this player in its room. */
  readonly self: string | undefined;
  readonly room: string | undefined;
  readonly arm: Arm | undefined;
  /** Open channels. */
  readonly peers: number;
  /** Given to the player, from the edge. Init segments included. */
  readonly edgeBytes: number;
  /** Given to the player, verified, from other viewers. */
  readonly peerBytes: number;
  /** Given to the player, from this player's own memory. */
  readonly memoryBytes: number;
  /** Sent to other viewers. */
  readonly uploadedBytes: number;
  /** Sent to other viewers today, by all players of the site on this device. */
  readonly uploadedTodayBytes: number;
  /** Of the channels' messages, sent and received: those that went through a TURN server. */
  readonly relayedBytes: number;
  /** Whether other viewers' requests are answered now, or why not. */
  readonly uploading: Uploading;
  /** The viewer's own wish; true until `setSharing(false)`. */
  readonly viewerShares: boolean;
  /** Received and of no use. */
  readonly wastedBytes: number;
  /** Segments kept for others. */
  readonly heldBytes: number;
  /** `peerBytes / (edgeBytes + peerBytes)`, 0 to 1; 0 before any. */
  readonly offload: number;
  /** Time during which the picture moved. */
  readonly watchedMs: number;
  /** Time during which it stood still for want of data, after the first frame. */
  readonly rebufferMs: number;
  readonly rebuffers: number;
  /** Peers of whom nothing is asked any more: wrong bytes, a broken protocol, or no answers that are of use. */
  readonly blamedPeers: number;
  /** The last 64, oldest first. */
  readonly segments: readonly SegmentReport[];
}
