/** What the operator decides for beacons and the dashboard. */
export interface InsightConfig {
  /** DuckDB file, made when absent with its folder; `:memory:` keeps nothing. One process may hold it. */
  readonly databaseFile: string;
  /** Folder of the bundled dashboard. Default: `dist/dashboard` of this package. */
  readonly dashboardDir?: string;
  readonly limits: InsightLimits;
}

export interface InsightLimits {
  /** Batches that wait to be committed; more are answered 503. A batch takes about 1 KB. */
  readonly queuedBatches: number;
  /** Time between commits: a beacon is answered when its batch is safe. */
  readonly commitEveryMs: number;
  /** How long a batch id is remembered, so that a retry counts once. */
  readonly dedupeMinutes: number;
  /** Batch ids remembered at most; one takes about 150 bytes. 8,000 players send 480,000 in 10 minutes. */
  readonly dedupeBatches: number;
  /** Streams told apart in one minute; the rest is summed up as one, so that made-up names cannot fill the disk. */
  readonly streamsPerMinute: number;
  /** Sessions known at a time. A session that was silent for half an hour counts as a new one. */
  readonly sessions: number;
  /** How long minutes are kept. */
  readonly retentionDays: number;
}

export const DEFAULT_INSIGHT_LIMITS: InsightLimits = {
  queuedBatches: 10_000,
  commitEveryMs: 1000,
  dedupeMinutes: 10,
  dedupeBatches: 600_000,
  streamsPerMinute: 2000,
  sessions: 200_000,
  retentionDays: 30,
};
