import type { ClickHouseClient } from '@clickhouse/client';
import { InsightError } from '../errors.js';
import { BUCKETS, COUNTERS } from '../measures/measures.js';
import { GRAIN_MINUTES } from './insight-store.js';
import { column, MOMENT_COLUMNS, type Row, readNumber } from './sql.js';

/** Numbers in the `cube` and `grain` columns. Marks are rows of `facts` too, so that they come with it or not at all. */
export const CUBE_NUMBERS = { total: 1, stream: 2, audience: 3 } as const;
export const MARK_CUBE = 0;
export const GRAIN_NUMBERS = { minute: 1, hour: 2, day: 3, week: 4 } as const;
export const MARK_GRAINS = { batches: 1, sessions: 2 } as const;

/** What version 1 knew; measures that come later are added by a later migration (`ALTER TABLE … ADD COLUMN`). */
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
PARTITION BY intDiv(t, ${GRAIN_MINUTES.week})
ORDER BY (cube, grain, t, stream, pop, arm, region, network, device, id)`;

/** Statements that lead from each version to the next one, each harmless when run twice; never changed once released. */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    FACTS,
    'CREATE TABLE IF NOT EXISTS stream_names (id UInt64, name String) ENGINE = ReplacingMergeTree ORDER BY id',
    `CREATE TABLE IF NOT EXISTS cluster_moments (t UInt32, ${MOMENT_COLUMNS.map((name) => `${name} Float64`).join(', ')})
       ENGINE = ReplacingMergeTree ORDER BY t`,
  ],
];

/** @throws InsightError `store-too-new` when a later version of Eddy made the tables. */
export async function migrate(client: ClickHouseClient, where: string): Promise<void> {
  const run = (query: string): Promise<unknown> => client.command({ query });
  await run('CREATE TABLE IF NOT EXISTS schema_version (version UInt32) ENGINE = MergeTree ORDER BY version');
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
