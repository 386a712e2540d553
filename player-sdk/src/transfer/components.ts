import type { Sha256 } from '@eddy/protocol';
import type { Allocate, Clock, Timers } from '../components.js';
import type { Digests } from '../digests/digests.js';
import type { ScheduleOptions } from '../schedule/options.js';
import type { Swarm } from '../swarm/swarm.js';
import type { EdgeSource } from './edge-source.js';
import type { Ledger } from './ledger.js';
import type { LinkEstimate } from './link-estimate.js';
import type { Need, SegmentIdentity } from './segment.js';
import type { Sharing } from './sharing.js';

export interface TransferComponents {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly swarm: Swarm;
  readonly digests: Digests;
  readonly sha256: Sha256;
  readonly sharing: Pick<Sharing, 'offer'>;
  readonly link: LinkEstimate;
  readonly ledger: Ledger;
  readonly allocate?: Allocate;
  /** Until when peers are on their way; 0 when none are. */
  expectingUntil(): number;
  /** Whether this player answers requests. */
  uploads(): boolean;
  /** A peer sent bytes that are not what the digest says. */
  onBlame?(peer: string, reason: string): void;
}

export interface TransferOptions {
  readonly segment: SegmentIdentity;
  readonly edge: EdgeSource;
  /** Length of the segment before its digest is known, by its duration and bitrate. */
  readonly expectedBytes: number;
  /** How long it plays. */
  readonly durationMs: number;
  need(): Need;
  readonly schedule?: ScheduleOptions;
}
