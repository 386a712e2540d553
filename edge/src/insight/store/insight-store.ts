import type { Arm, BeaconCounters } from '@eddy/protocol';

/** Additive figures. Bytes are media bytes. */
export interface Sums extends BeaconCounters {
  readonly beacons: number;
  /** Sessions that began. */
  readonly sessions: number;
}

export const SUM_FIELDS: readonly (keyof Sums)[] = [
  'edgeBytes',
  'peerBytes',
  'uploadedBytes',
  'wastedBytes',
  'watchedMs',
  'rebufferMs',
  'rebuffers',
  'beacons',
  'sessions',
];

/** Sums of one minute (minutes since the epoch, UTC), stream and arm. */
export interface RollupRow extends Sums {
  readonly minute: number;
  readonly presentation: string;
  readonly arm: Arm;
}

/** Something seen in a minute, to be known again after a restart. */
export interface Mark {
  readonly minute: number;
  readonly id: string;
}

/** What is committed together, or not at all. Rows are added to those that the store has. */
export interface CommitGroup {
  readonly rows: readonly RollupRow[];
  readonly batches: readonly Mark[];
  readonly sessions: readonly Mark[];
}

/** Minutes `from` (inclusive) to `to` (exclusive). */
export interface MinuteRange {
  readonly from: number;
  readonly to: number;
}

export interface ArmSums extends Sums {
  readonly arm: Arm;
}

export interface BucketSums extends Sums {
  /** First minute. */
  readonly minute: number;
}

export interface StreamSums extends Sums {
  readonly presentation: string;
}

/** Keeps rollups. All failures are `InsightError`s of code `store-…`. */
export interface InsightStore {
  /** Resolves when the group would survive a crash. */
  commit(group: CommitGroup): Promise<void>;
  /** Marks from `minute` on, oldest first, at most the newest `limit`. */
  batchesSince(minute: number, limit: number): Promise<Mark[]>;
  sessionsSince(minute: number, limit: number): Promise<Mark[]>;
  totals(range: MinuteRange): Promise<ArmSums[]>;
  /** Buckets of `stepMinutes` that hold something, in order of time, aligned to the epoch. */
  series(range: MinuteRange, stepMinutes: number): Promise<BucketSums[]>;
  /** Streams with the most delivered bytes first. */
  streams(range: MinuteRange, limit: number): Promise<StreamSums[]>;
  /** Forgets what is older than these minutes. */
  prune(before: {
    readonly rows: number;
    readonly batches: number;
    readonly sessions: number;
  }): Promise<void>;
  close(): Promise<void>;
}
