import type { DuckDBConnection } from '@duckdb/node-api';
import { InsightError } from '../errors.js';
import { EDGE_COUNTERS } from '../measures/edge-counters.js';
import { BUCKETS, COUNTERS } from '../measures/measures.js';
import {
  CUBE_DIMENSIONS,
  type Cube,
  DIMENSIONS,
  type Dimension,
  GRAINS,
  type Grain,
  PLAYER_CUBES,
} from './insight-store.js';
import { column, MOMENT_COLUMNS, readNumber, readText, streamId } from './sql.js';

/** `open` takes what is committed of players, of all their cubes; minutes, hours and days are what was folded. */
export type Level = 'open' | Grain;

/** One for all their cubes: what a commit costs is its columns, not its rows. */
export const OPEN_TABLE = 'facts_open';

export function tableOf(cube: Cube, level: Level): string {
  return level === 'open' ? OPEN_TABLE : `${cube}_${level}`;
}

const dimensionType = (dimension: Dimension): string => (dimension === 'stream' ? 'BIGINT' : 'VARCHAR');

/** What version 2 knew; measures that come later are added by a later migration. */
const MEASURES_2 = [...COUNTERS, ...BUCKETS].map(column);

const CREATE_OPEN = `CREATE TABLE ${OPEN_TABLE} (cube VARCHAR NOT NULL, t INTEGER NOT NULL,
  ${DIMENSIONS.map((dimension) => `${dimension} ${dimensionType(dimension)} NOT NULL`).join(', ')},
  ${MEASURES_2.map((name) => `${name} DOUBLE NOT NULL`).join(', ')})`;

/** What version 3 knew of edges. */
const EDGE_MEASURES_3 = EDGE_COUNTERS.map(column);

function createCube(cube: Cube, grain: Grain, measures: readonly string[]): string {
  const keys = CUBE_DIMENSIONS[cube].map((dimension) => `${dimension} ${dimensionType(dimension)} NOT NULL`);
  const sums = measures.map((name) => `${name} BIGINT NOT NULL`);
  return `CREATE TABLE ${tableOf(cube, grain)} (t INTEGER NOT NULL, ${[...keys, ...sums].join(', ')})`;
}

type Step = string | ((connection: DuckDBConnection) => Promise<void>);

const OLD_SUMS =
  'edge_bytes peer_bytes uploaded_bytes wasted_bytes watched_ms rebuffer_ms rebuffers beacons sessions';

/** Steps that lead from each version to the next one; never changed once released. */
const MIGRATIONS: readonly (readonly Step[])[] = [
  [
    `CREATE TABLE rollup_minutes (
       minute INTEGER NOT NULL, presentation VARCHAR NOT NULL, arm VARCHAR NOT NULL,
       ${OLD_SUMS.split(' ')
         .map((name) => `${name} BIGINT NOT NULL`)
         .join(', ')},
       PRIMARY KEY (minute, presentation, arm))`,
    'CREATE TABLE seen_batches (minute INTEGER NOT NULL, id VARCHAR NOT NULL)',
    'CREATE TABLE seen_sessions (minute INTEGER NOT NULL, id VARCHAR NOT NULL)',
  ],
  [
    CREATE_OPEN,
    ...PLAYER_CUBES.flatMap((cube) => GRAINS.map((grain) => createCube(cube, grain, MEASURES_2))),
    'CREATE TABLE stream_names (id BIGINT NOT NULL, name VARCHAR NOT NULL)',
    'CREATE TABLE folded (grain VARCHAR NOT NULL, until INTEGER NOT NULL)',
    "INSERT INTO folded VALUES ('hour', 0), ('day', 0), ('week', 0)",
    `CREATE TABLE cluster_moments (t INTEGER NOT NULL, ${MOMENT_COLUMNS.map((name) => `${name} DOUBLE NOT NULL`).join(', ')})`,
    nameOldStreams,
    ...(['total', 'stream'] as const).map(moveOldMinutes),
    'DROP TABLE rollup_minutes',
  ],
  [
    // A row a minute and edge: no open table is needed.
    ...GRAINS.map((grain) => createCube('edge', grain, EDGE_MEASURES_3)),
    'CREATE TABLE seen_edges (minute INTEGER NOT NULL, id VARCHAR NOT NULL)',
  ],
  [
    // Up to which record of the journal everything is in these tables.
    'CREATE TABLE journaled (until BIGINT NOT NULL)',
    'INSERT INTO journaled VALUES (0)',
  ],
];

async function nameOldStreams(connection: DuckDBConnection): Promise<void> {
  const reader = await connection.runAndReadAll('SELECT DISTINCT presentation FROM rollup_minutes');
  for (const row of reader.getRowObjects()) {
    const name = readText(row, 'presentation');
    await connection.run('INSERT INTO stream_names VALUES ($id, $name)', {
      id: BigInt(streamId(name)),
      name,
    });
  }
}

/** What was kept before there were cubes: of one PoP, the edge's bytes as players said. */
function moveOldMinutes(cube: 'total' | 'stream'): string {
  const old = OLD_SUMS.split(' ');
  const keys = cube === 'total' ? "'main' AS pop, arm" : "id AS stream, 'main' AS pop, arm";
  const sums = MEASURES_2.map((name) => {
    if (name === 'claimed_edge_bytes' || name === 'unwitnessed_bytes') return `edge_bytes AS ${name}`;
    return old.includes(name) ? name : `0 AS ${name}`;
  });
  const from = 'rollup_minutes JOIN stream_names ON name = presentation';
  return `INSERT INTO ${tableOf(cube, 'minute')} SELECT minute AS t, ${[keys, ...sums].join(', ')} FROM ${from}`;
}

/** @throws InsightError `store-too-new` when a later version of Eddy made the file. */
export async function migrate(connection: DuckDBConnection, file: string): Promise<void> {
  await connection.run('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)');
  const reader = await connection.runAndReadAll(
    'SELECT coalesce(max(version), 0) AS newest FROM schema_version',
  );
  const [row] = reader.getRowObjects();
  const version = row === undefined ? 0 : readNumber(row, 'newest');
  if (version > MIGRATIONS.length) {
    throw new InsightError(
      'store-too-new',
      `${file} has schema version ${version}, this edge knows ${MIGRATIONS.length}: run the newer edge, or use another file.`,
    );
  }
  for (const [index, steps] of MIGRATIONS.entries()) {
    if (index < version) continue;
    await connection.run('BEGIN');
    for (const step of steps) {
      if (typeof step === 'string') await connection.run(step);
      else await step(connection);
    }
    await connection.run('INSERT INTO schema_version VALUES ($version)', { version: index + 1 });
    await connection.run('COMMIT');
  }
}

/** Makes a file of an earlier version, for tests of migrations. */
export async function migrateTo(connection: DuckDBConnection, version: number): Promise<void> {
  await connection.run('CREATE TABLE schema_version (version INTEGER NOT NULL)');
  for (const [index, steps] of MIGRATIONS.slice(0, version).entries()) {
    for (const step of steps) {
      if (typeof step === 'string') await connection.run(step);
      else await step(connection);
    }
    await connection.run('INSERT INTO schema_version VALUES ($version)', { version: index + 1 });
  }
}
