import type { Sha256 } from '@eddy/protocol';
import type { PostBeacon } from '../beacon/post.js';
import type { Allocate, Clock, Random, Timers } from '../components.js';
import type { FetchBlock } from '../digests/block-reader.js';
import type { HlsPlayer } from '../hls/player.js';
import type { Manners } from '../manners/manners.js';
import type { FrameCodec } from '../mesh/frame-codec.js';
import type { ResolvedOptions } from '../options.js';
import type { ScheduleOptions } from '../schedule/options.js';
import type { OpenSocket } from '../signaling/socket.js';
import type { PeerTransport } from '../transport/transport.js';
import type { OffReason, SegmentReport } from './stats.js';

export interface PlaybackComponents {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly player: HlsPlayer;
  readonly manners: Manners;
  readonly transport: PeerTransport;
  /** Undefined where the page has none. */
  readonly sha256: Sha256 | undefined;
  readonly post: PostBeacon;
  readonly openSocket?: OpenSocket;
  readonly fetch?: FetchBlock;
  readonly codec?: FrameCodec;
  readonly allocate?: Allocate;
  readonly schedule?: ScheduleOptions;
}

export interface PlaybackOptions extends Omit<ResolvedOptions, 'edge' | 'viewer'> {
  readonly edge: string;
  /** Asked for when it is needed: nothing is stored before that. */
  readonly viewer: () => string;
  /** Canonical path of the multivariant playlist, or of the only media playlist. */
  readonly presentation: string;
  /** Query that digest blocks of a media playlist are read with. */
  readonly blockQuery: (playlistPath: string) => string;
  /** Base URL that media come from now, where the session follows the player from edge to edge. */
  readonly host: () => string | undefined;
  /** Why this page cannot share; undefined: it can. */
  readonly obstacle: OffReason | undefined;
}

export interface PlaybackEvents {
  /** Something that `state`, `peers` or `uploading` show may have changed. */
  onChange(): void;
  onSegment(report: SegmentReport): void;
  onPeerEnd(peer: string, reason: string): void;
}
