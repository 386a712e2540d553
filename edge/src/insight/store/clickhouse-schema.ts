import type { ClickHouseClient } from '@clickhouse/client';
import { InsightError } from '../errors.js';
import { EDGE_COUNTERS } from '../measures/edge-counters.js';
import { BUCKETS, COUNTERS } from '../measures/measures.js';
import { GRAIN_MINUTES, type Grain, type MinuteRange } from './insight-store.js';
import { column, MOMENT_COLUMNS, type Row, readNumber } from './sql.js';

/** Numbers in the `cube` and `grain` columns. Marks are rows of `facts` too, so that they come with it or not at all. */
export const CUBE_NUMBERS = { total: 1, stream: 2, audience: 3 } as const;
export const MARK_CUBE = 0;
export const GRAIN_NUMBERS = { minute: 1, hour: 2, day: 3, week: 4 } as const;
/** Of what edges counted. */
export const MARK_GRAIN = 0;
export const MARK_GRAINS = { batches: 1, sessions: 2 } as const;

/**
 * Four weeks: every question about years opens each column's files in each partition (docs/decisions/0189). Starts of
 * hours, days and weeks lie in the partition of their minutes, so that a commit has one.
 */
export const PARTITION_MINUTES: number = 4 * GRAIN_MINUTES.week;

/**
 * Rows of a grain are sorted by span, then by stream: what one stream has in a span lies together, and a question about
 * all of them reads at most a span too much at either end (docs/decisions/0211).
 */
const SPAN_MINUTES: Readonly<Record<Exclude<Grain, 'minute'>, number>> = {
  ...{ hour: 12 * GRAIN_MINUTES.hour, day: GRAIN_MINUTES.week, week: PARTITION_MINUTES },
};
const SPANS = (['hour', 'day', 'week'] as const).map((grain) => [GRAIN_NUMBERS[grain], SPAN_MINUTES[grain]]);
const SPAN = `intDiv(t, multiIf(${SPANS.map(([grain, minutes]) => `grain = ${grain}, ${minutes}`).join(', ')}, 1))`;

/** Conditions of a stretch of `facts`: of time, and of spans, since the index goes by these. */
export function stretch(grain: number, { from, to }: Partial<MinuteRange>): string[] {
  const [, minutes = 1] = SPANS.find(([number]) => number === grain) ?? [];
  const span = (t: number): number => Math.floor(t / minutes);
  return [
    `grain = ${grain}`,
    ...(from === undefined ? [] : [`t >= ${from}`, `${SPAN} >= ${span(from)}`]),
    ...(to === undefined ? [] : [`t < ${to}`, `${SPAN} <= ${span(to - 1)}`]),
  ];
}

/** What version 1 knew; measures that come later need a table of their own, or a copy: see `EDGE_FACTS`. */
const MEASURES_1 = [...COUNTERS, ...BUCKETS].map(column);

/**
 * One table, and one partition an insert: only so is a commit whole or not there (a part becomes visible by one
 * rename). Its engine adds up rows of the same keys when it merges parts; every question sums anyway.
 * On a cluster: `ReplicatedSummingMergeTree('/clickhouse/tables/{shard}/eddy_facts', '{replica}', (…))`, likewise the
 * others, with `insert_quorum=2` for what is acknowledged; see `docs/insight-clickhouse.md`.
 */
const FACTS = `CREATE TABLE IF NOT EXISTS facts (
  cube UInt8, grain UInt8, t UInt32, stream UInt64, pop String, arm String,
  region String, network String, device String, id UInt64,
  ${MEASURES_1.map((name) => `${name} Int64`).join(', ')}
) ENGINE = SummingMergeTree((${MEASURES_1.join(', ')}))
PARTITION BY intDiv(t, ${PARTITION_MINUTES})
ORDER BY (cube, grain, ${SPAN}, stream, t, pop, arm, region, network, device, id)`;

/** What version 2 knew of edges. */
const EDGE_MEASURES_2 = EDGE_COUNTERS.map(column);

/** A table of its own, since the columns that an engine sums cannot be changed. Marks are rows of it at `MARK_GRAIN`. */
const EDGE_FACTS = `CREATE TABLE IF NOT EXISTS edge_facts (
  grain UInt8, t UInt32, edge String, pop String, id UInt64,
  ${EDGE_MEASURES_2.map((name) => `${name} Int64`).join(', ')}
) ENGINE = SummingMergeTree((${EDGE_MEASURES_2.join(', ')}))
PARTITION BY intDiv(t, ${PARTITION_MINUTES})
ORDER BY (grain, t, edge, pop, id)`;

/** Statements that lead from each version to the next one, each harmless when run twice; never changed once released. */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    FACTS,
    'CREATE TABLE IF NOT EXISTS stream_names (id UInt64, name String) ENGINE = ReplacingMergeTree ORDER BY id',
    `CREATE TABLE IF NOT EXISTS cluster_moments (t UInt32, ${MOMENT_COLUMNS.map((name) => `${name} Float64`).join(', ')})
       ENGINE = ReplacingMergeTree ORDER BY t`,
  ],
  [EDGE_FACTS],
];

const VERSIONS =
  'CREATE TABLE IF NOT EXISTS schema_version (version UInt32) ENGINE = MergeTree ORDER BY version';

/** All that makes the tables of the newest version, for who makes them first and otherwise: replicated. */
export const CLICKHOUSE_STATEMENTS: readonly string[] = [VERSIONS, ...MIGRATIONS.flat()];

/** @throws InsightError `store-too-new` when a later version of Eddy made the tables. */
export async function migrate(client: ClickHouseClient, where: string): Promise<void> {
  const run = (query: string): Promise<unknown> => client.command({ query });
  await run(VERSIONS);
  const result = await client.query({
    query: 'SELECT max(version) AS newest FROM schema_version',
    format: 'JSONEachRow',
  });
  const [row] = await result.json<Row>();
  const version = row === undefined ? 0 : readNumber(row, 'newest');
  if (version > MIGRATIONS.length) {
    throw new InsightError(
      'store-too-new',
      `${where} has schema version ${version}, this edge knows ${MIGRATIONS.length}: run the newer edge, or use another database.`,
    );
  }
  for (const [index, statements] of MIGRATIONS.entries()) {
    if (index < version) continue;
    for (const statement of statements) await run(statement);
    await run(`INSERT INTO schema_version VALUES (${index + 1})`);
  }
}
