import { EDGE_COUNTERS } from '../measures/edge-counters.js';
import { MEASURES, type Measure, type Sums, type Tally } from '../measures/measures.js';
import type { ClusterMoments } from '../savings/moments.js';

export const DIMENSIONS = ['stream', 'pop', 'arm', 'region', 'network', 'device'] as const;
/** Of what players report. */
export type PlayerDimension = (typeof DIMENSIONS)[number];
export type Dimension = PlayerDimension | 'edge';

/** Several narrow cubes, since the product of all dimensions would be as large as the beacons themselves. */
export const PLAYER_CUBES = ['total', 'stream', 'audience'] as const;
export type PlayerCube = (typeof PLAYER_CUBES)[number];
/** `edge`: what edges count by themselves. */
export type Cube = PlayerCube | 'edge';
export const CUBES: readonly Cube[] = [...PLAYER_CUBES, 'edge'];
export const CUBE_DIMENSIONS: Readonly<Record<PlayerCube, readonly PlayerDimension[]>> &
  Readonly<Record<Cube, readonly Dimension[]>> = {
  total: ['pop', 'arm'],
  stream: ['stream', 'pop', 'arm'],
  audience: ['region', 'network', 'device', 'arm'],
  edge: ['edge', 'pop'],
};
export const CUBE_MEASURES: Readonly<Record<Cube, readonly Measure[]>> = {
  ...{ total: MEASURES, stream: MEASURES, audience: MEASURES },
  edge: EDGE_COUNTERS,
};

/** Weeks, from Thursday to Wednesday as the epoch's are, only so that years can be read quickly. */
export const GRAIN_MINUTES = { minute: 1, hour: 60, day: 1440, week: 10_080 } as const;
export type Grain = keyof typeof GRAIN_MINUTES;
export const GRAINS: readonly Grain[] = ['minute', 'hour', 'day', 'week'];

/** Values of a cube's dimensions; those of other cubes are empty. */
export type Keys = { readonly [Name in Dimension]?: string };

export interface FactRow {
  readonly cube: PlayerCube;
  readonly keys: Keys;
  readonly tally: Tally;
}

/** What is committed together, or not at all: all of one minute (since the epoch, UTC). Rows are added up. */
export interface CommitGroup {
  readonly minute: number;
  readonly rows: readonly FactRow[];
  /** Ids, to be known again. */
  readonly batches: readonly string[];
  /** Sessions that began. */
  readonly sessions: readonly string[];
}

/** What one edge counted in one minute. */
export interface EdgeMinute {
  /** 16 hexadecimal digits, the same however often and by whichever way it comes. */
  readonly id: string;
  /** Since the epoch, UTC, by the edge's own clock. */
  readonly minute: number;
  readonly edge: string;
  readonly pop: string;
  /** Of `EDGE_COUNTERS`. */
  readonly sums: Sums;
}

/** Something seen in a minute, to be known again after a restart. */
export interface Mark {
  readonly minute: number;
  readonly id: string;
}

/** Minutes `from` (inclusive) to `to` (exclusive). */
export interface MinuteRange {
  readonly from: number;
  readonly to: number;
}

export interface CubeQuery extends MinuteRange {
  readonly cube: Cube;
  /** Whole steps of it are asked for; `from` and `to` are multiples of it. */
  readonly grain: Grain;
  /** Of the cube. */
  readonly by: readonly Dimension[];
  /** Also by time, in buckets of so many minutes, aligned to the epoch. */
  readonly stepMinutes?: number;
  readonly where?: Keys;
  readonly measures: readonly Measure[];
  /** Only the rows where the sum of these is largest, those first. Else by time and keys. */
  readonly largest?: { readonly by: readonly Measure[]; readonly limit: number };
  /** At most so many rows. Default: all, or those of `largest`. */
  readonly limit?: number;
  /** Only the rows that come after this one, in the same order. */
  readonly after?: RowPosition;
}

/** A row's place in the order that is asked for. */
export interface RowPosition {
  /** What `largest` sorts by; where it is asked for. */
  readonly sum?: number | undefined;
  /** Of its bucket; where `stepMinutes` is asked for. */
  readonly minute?: number | undefined;
  /** Of all dimensions asked by. */
  readonly keys: Keys;
}

export interface QueryRow {
  /** First minute of the bucket; 0 without `stepMinutes`. */
  readonly minute: number;
  readonly keys: Keys;
  readonly sums: Sums;
}

/** What is forgotten: all before these minutes. */
export interface PruneLimits {
  readonly minute: number;
  readonly hour: number;
  /** Weeks too. */
  readonly day: number;
  readonly batches: number;
  readonly sessions: number;
}

/** Keeps rollups. All failures are `InsightError`s of code `store-…`. */
export interface InsightStore {
  /** Resolves when the group would survive a crash of this process. */
  commit(group: CommitGroup): Promise<void>;
  /** The same for what an edge counted. False: it was there already, and counts once. */
  addEdge(counted: EdgeMinute): Promise<boolean>;
  /** Which of these batches another edge has committed to the same store since `minute`. */
  seen(ids: readonly string[], minute: number): Promise<Set<string>>;
  /** Marks from `minute` on, oldest first, at most the newest `limit`. */
  batchesSince(minute: number, limit: number): Promise<Mark[]>;
  sessionsSince(minute: number, limit: number): Promise<Mark[]>;
  query(query: CubeQuery): Promise<QueryRow[]>;
  /** What savings are estimated from: see `savings/moments`. Clusters are streams by hour. */
  moments(range: MinuteRange, where?: Pick<Keys, 'stream' | 'pop'>): Promise<ClusterMoments>;
  /** Once a minute: what is over is summed up by hour and day. */
  tend(minute: number): Promise<void>;
  prune(before: PruneLimits): Promise<void>;
  /** On disk. */
  sizeBytes(): Promise<number>;
  close(): Promise<void>;
}
