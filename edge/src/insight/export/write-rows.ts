import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { InsightError } from '../errors.js';
import type { Measure } from '../measures/measures.js';
import type { Dimension, QueryRow } from '../store/insight-store.js';
import { column, quoted } from '../store/sql.js';

export const EXPORT_FORMATS = ['csv', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportShape {
  readonly by: readonly Dimension[];
  readonly measures: readonly Measure[];
}

/** One row a time and keys: `start` (UTC), the dimensions, then the measures by their column names. */
export async function writeRows(
  rows: readonly QueryRow[],
  shape: ExportShape,
  format: ExportFormat,
): Promise<Buffer> {
  return format === 'csv' ? Buffer.from(csv(rows, shape)) : parquet(rows, shape);
}

function csv(rows: readonly QueryRow[], { by, measures }: ExportShape): string {
  const head = ['start', ...by, ...measures.map(column)].join(',');
  const lines = rows.map(({ minute, keys, sums }) =>
    [
      new Date(minute * 60_000).toISOString(),
      ...by.map((dimension) => field(keys[dimension] ?? '')),
      ...measures.map((measure) => String(sums[measure] ?? 0)),
    ].join(','),
  );
  return `${[head, ...lines].join('\r\n')}\r\n`;
}

/** RFC 4180; and a spreadsheet must not take a name for a formula. */
function field(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** By DuckDB, which is here anyway, whichever store holds the figures. */
async function parquet(rows: readonly QueryRow[], { by, measures }: ExportShape): Promise<Buffer> {
  const file = join(tmpdir(), `eddy-export-${randomUUID()}.parquet`);
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '256MB' });
  try {
    const connection = await instance.connect();
    const columns = [
      'start_ms BIGINT',
      ...by.map((dimension) => `${dimension} VARCHAR`),
      ...measures.map((measure) => `${column(measure)} BIGINT`),
    ];
    await connection.run(`CREATE TABLE rows (${columns.join(', ')})`);
    const appender = await connection.createAppender('rows');
    for (const { minute, keys, sums } of rows) {
      appender.appendBigInt(BigInt(minute * 60_000));
      for (const dimension of by) appender.appendVarchar(keys[dimension] ?? '');
      for (const measure of measures) appender.appendBigInt(BigInt(Math.round(sums[measure] ?? 0)));
      appender.endRow();
    }
    appender.closeSync();
    const select = `SELECT make_timestamp(start_ms * 1000) AS start, * EXCLUDE (start_ms) FROM rows`;
    await connection.run(`COPY (${select}) TO ${quoted(file, 'duckdb')} (FORMAT parquet, COMPRESSION zstd)`);
    connection.closeSync();
    return await readFile(file);
  } catch (cause) {
    throw new InsightError('store-failed', 'The export cannot be written.', { cause });
  } finally {
    instance.closeSync();
    await rm(file, { force: true });
  }
}
