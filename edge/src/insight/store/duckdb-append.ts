import { BIGINT, DOUBLE, type DuckDBConnection, DuckDBDataChunk, INTEGER, VARCHAR } from '@duckdb/node-api';
import { MEASURES } from '../measures/measures.js';
import { OPEN_TABLE } from './duckdb-schema.js';
import { DIMENSIONS, type FactRow, type Mark } from './insight-store.js';
import { streamId } from './sql.js';

/** DuckDB's vectors hold so many. */
const CHUNK_ROWS = 2048;
const TYPES = [
  VARCHAR,
  INTEGER,
  ...DIMENSIONS.map((dimension) => (dimension === 'stream' ? BIGINT : VARCHAR)),
  ...MEASURES.map(() => DOUBLE),
];

/** Column by column: 60 calls a row into DuckDB cost more than all the rest of a commit. */
export async function appendFacts(
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
      ...MEASURES.map((measure) => part.map(({ sums }) => sums[measure] ?? 0)),
    ]);
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

export async function appendMarks(
  writer: DuckDBConnection,
  table: 'seen_batches' | 'seen_sessions',
  marks: readonly Mark[],
): Promise<void> {
  if (marks.length === 0) return;
  const appender = await writer.createAppender(table);
  for (const { minute, id } of marks) {
    appender.appendInteger(minute);
    appender.appendVarchar(id);
    appender.endRow();
  }
  appender.closeSync();
}
