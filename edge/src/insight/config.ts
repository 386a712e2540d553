import type { ReaderAccess } from './readers/access-config.js';
import type { ClickHouseSettings } from './store/clickhouse-store.js';

/** What the operator decides for beacons and the dashboard. */
export interface InsightConfig {
  /** DuckDB file, made when absent with its folder; `:memory:` keeps nothing. One process may hold it. */
  readonly databaseFile: string;
  /** Instead of it, shared by any number of edges. */
  readonly clickhouse?: ClickHouseSettings | undefined;
  /** Or nothing is kept here: judged batches go to another edge. */
  readonly forward?: ForwardSettings | undefined;
  /** Others may forward to this edge with this secret. */
  readonly collectSecret?: string | undefined;
  /** How this edge is called, for figures by edge. */
  readonly edge: string;
  /** Where this edge stands, for figures by PoP. */
  readonly pop: string;
  /** Who may read figures. Default: whoever reaches the listener. */
  readonly access?: ReaderAccess | undefined;
  /** File of prices. Default: the one that comes with the edge. */
  readonly pricesFile?: string | undefined;
  /** Folder of the bundled dashboard. Default: `dist/dashboard` of this package. */
  readonly dashboardDir?: string;
  readonly limits: InsightLimits;
}

export interface ForwardSettings {
  /** Base URL of the admin listener of the edge that collects. */
  readonly to: string;
  /** The collecting edge's `collectSecret`. */
  readonly secret: string;
}

export interface InsightLimits {
  /** POSTs of beacons that come within this time are read together, and answered at the earliest then. */
  readonly gatherMs: number;
  /** So many are read before it is over. */
  readonly gathered: number;
  /** Batches that wait to be committed; more are answered 503. A batch takes about 1 KB. */
  readonly queuedBatches: number;
  /** Time between commits: a beacon is answered when its batch is safe. */
  readonly commitEveryMs: number;
  /** The same where a commit is a line in a journal: with all that were read together. */
  readonly journalEveryMs: number;
  /** How long a batch id is remembered, so that a retry counts once. */
  readonly dedupeMinutes: number;
  /** Batch ids remembered at most; one takes about 150 bytes. 8,000 players send 480,000 in 10 minutes. */
  readonly dedupeBatches: number;
  /** Streams told apart in one minute; the rest is summed up as one, so that made-up names cannot fill the disk. */
  readonly streamsPerMinute: number;
  /** Networks likewise. */
  readonly networksPerMinute: number;
  /** Sessions known at a time. A session that was silent for half an hour counts as a new one. */
  readonly sessions: number;
  readonly retention: RetentionDays;
}

/** How long figures are kept, by grain. */
export interface RetentionDays {
  readonly minuteDays: number;
  readonly hourDays: number;
  readonly dayDays: number;
}

export const DEFAULT_INSIGHT_LIMITS: InsightLimits = {
  gatherMs: 200,
  gathered: 512,
  queuedBatches: 10_000,
  commitEveryMs: 1000,
  journalEveryMs: 0,
  dedupeMinutes: 10,
  dedupeBatches: 600_000,
  streamsPerMinute: 2000,
  networksPerMinute: 500,
  sessions: 200_000,
  retention: { minuteDays: 7, hourDays: 90, dayDays: 3 * 366 },
};
