import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import type { QueryRow } from '../store/insight-store.js';
import { writeRows } from './write-rows.js';

const ROWS: readonly QueryRow[] = [
  { minute: 1440, keys: { stream: '/a,"b"', arm: 'treated' }, sums: { edgeBytes: 75e9 } },
  { minute: 1500, keys: { stream: '=1+1', arm: '' }, sums: {} },
];
const SHAPE = { by: ['stream', 'arm'], measures: ['edgeBytes', 'watchedMs'] } as const;

it('writes CSV that spreadsheets read as text', async () => {
  expect((await writeRows(ROWS, SHAPE, 'csv')).toString()).toBe(
    [
      'start,stream,arm,edge_bytes,watched_ms',
      '1970-01-02T00:00:00.000Z,"/a,""b""",treated,75000000000,0',
      "1970-01-02T01:00:00.000Z,'=1+1,,0,0",
      '',
    ].join('\r\n'),
  );
});

it('writes Parquet that holds the same', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'eddy-export-'));
  const file = join(folder, 'rows.parquet');
  await writeFile(file, await writeRows(ROWS, SHAPE, 'parquet'));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(
    `SELECT epoch_ms(start) AS ms, stream, arm, edge_bytes, watched_ms FROM '${file}'`,
  );
  expect(reader.getRows()).toEqual([
    [BigInt(1440 * 60_000), '/a,"b"', 'treated', 75_000_000_000n, 0n],
    [BigInt(1500 * 60_000), '=1+1', '', 0n, 0n],
  ]);
  connection.closeSync();
  instance.closeSync();
  await rm(folder, { recursive: true });
});
