import type { DuckDBConnection } from '@duckdb/node-api';
import { InsightError } from '../errors.js';
import { column, readNumber } from './columns.js';
import { SUM_FIELDS } from './insight-store.js';

const sums = SUM_FIELDS.map((field) => `${column(field)} BIGINT NOT NULL`).join(', ');

/** Statements that lead from each version to the next one; never changed once released. */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE rollup_minutes (
       minute INTEGER NOT NULL, presentation VARCHAR NOT NULL, arm VARCHAR NOT NULL, ${sums},
       PRIMARY KEY (minute, presentation, arm))`,
    'CREATE TABLE seen_batches (minute INTEGER NOT NULL, id VARCHAR NOT NULL)',
    'CREATE TABLE seen_sessions (minute INTEGER NOT NULL, id VARCHAR NOT NULL)',
  ],
];

/** Where a group's rows wait to be added; it lives as long as its connection. */
export const STAGED_TABLE: string = `CREATE TEMP TABLE staged_minutes (
  minute INTEGER NOT NULL, presentation VARCHAR NOT NULL, arm VARCHAR NOT NULL, ${sums})`;

export const ADD_STAGED: string = `INSERT INTO rollup_minutes SELECT * FROM staged_minutes
  ON CONFLICT (minute, presentation, arm) DO UPDATE SET ${SUM_FIELDS.map(
    (field) => `${column(field)} = rollup_minutes.${column(field)} + excluded.${column(field)}`,
  ).join(', ')}`;

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
  for (const [index, statements] of MIGRATIONS.entries()) {
    if (index < version) continue;
    await connection.run('BEGIN');
    for (const statement of statements) await connection.run(statement);
    await connection.run('INSERT INTO schema_version VALUES ($version)', { version: index + 1 });
    await connection.run('COMMIT');
  }
}
