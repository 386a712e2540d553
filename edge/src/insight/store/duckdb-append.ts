import { BIGINT, DOUBLE, type DuckDBConnection, DuckDBDataChunk, INTEGER, VARCHAR } from '@duckdb/node-api';
import { EDGE_COUNTERS } from '../measures/edge-counters.js';
import { MEASURES } from '../measures/measures.js';
import { OPEN_TABLE, tableOf } from './duckdb-schema.js';
import { DIMENSIONS, type EdgeMinute, type FactRow, type Mark } from './insight-store.js';
import type { PendingRows } from './pending-rows.js';
import { column, quoted, readNumber, streamId } from './sql.js';

/** DuckDB's vectors hold so many. */
const CHUNK_ROWS = 2048;
const TYPES = [
  VARCHAR,
  INTEGER,
  ...DIMENSIONS.map((dimension) => (dimension === 'stream' ? BIGINT : VARCHAR)),
  ...MEASURES.map(() => DOUBLE),
];
const MARK_TYPES = [INTEGER, VARCHAR];

/** Up to which record of the journal everything is in the database. */
export async function readJournaled(writer: DuckDBConnection): Promise<number> {
  const [row] = (await writer.runAndReadAll('SELECT until FROM journaled')).getRowObjects();
  return row === undefined ? 0 : readNumber(row, 'until');
}

/** Rows count from `first` at the earliest. */
export async function appendPending(
  writer: DuckDBConnection,
  pending: PendingRows,
  first: number,
): Promise<void> {
  await appendMarks(writer, 'seen_batches', pending.batches);
  await appendMarks(writer, 'seen_sessions', pending.sessions);
  for (const { minute, rows } of pending.byMinute()) {
    await appendFacts(writer, Math.max(minute, first), rows);
  }
}

/** Column by column: 60 calls a row into DuckDB cost more than all the rest of a commit. */
async function appendFacts(
  writer: DuckDBConnection,
  minute: number,
  rows: readonly FactRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const appender = await writer.createAppender(OPEN_TABLE);
  for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
    const part = rows.slice(start, start + CHUNK_ROWS);
    const chunk = DuckDBDataChunk.create(TYPES, part.length);
    chunk.setColumns([
      part.map(({ cube }) => cube),
      part.map(() => minute),
      ...DIMENSIONS.map((dimension) =>
        part.map(({ keys }) => {
          const key = keys[dimension] ?? '';
          return dimension === 'stream' ? BigInt(streamId(key)) : key;
        }),
      ),
      ...MEASURES.map((_, place) => part.map(({ tally }) => tally.amounts[place] ?? 0)),
    ]);
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

async function appendMarks(
  writer: DuckDBConnection,
  table: 'seen_batches' | 'seen_sessions' | 'seen_edges',
  marks: readonly Mark[],
): Promise<void> {
  if (marks.length === 0) return;
  const appender = await writer.createAppender(table);
  for (let start = 0; start < marks.length; start += CHUNK_ROWS) {
    const part = marks.slice(start, start + CHUNK_ROWS);
    const chunk = DuckDBDataChunk.create(MARK_TYPES, part.length);
    chunk.setColumns([part.map(({ minute }) => minute), part.map(({ id }) => id)]);
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

/** False: it is there already. `t`: the minute that it counts in. */
export async function insertEdge(
  writer: DuckDBConnection,
  { id, minute, edge, pop, sums }: EdgeMinute,
  t: number,
): Promise<boolean> {
  const known = await writer.runAndReadAll('SELECT id FROM seen_edges WHERE minute = $minute AND id = $id', {
    minute,
    id,
  });
  if (known.currentRowCount > 0) return false;
  await appendMarks(writer, 'seen_edges', [{ minute, id }]);
  const columns = ['t', 'edge', 'pop', ...EDGE_COUNTERS.map(column)];
  const values = [
    String(t),
    ...[edge, pop].map((key) => quoted(key, 'duckdb')),
    ...EDGE_COUNTERS.map((counter) => String(Math.round(sums[counter] ?? 0))),
  ];
  await writer.run(
    `INSERT INTO ${tableOf('edge', 'minute')} (${columns.join(', ')}) VALUES (${values.join(', ')})`,
  );
  return true;
}
