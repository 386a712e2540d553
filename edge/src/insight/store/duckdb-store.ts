import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { type Row, readArm, readNumber, readSums, readText, SELECT_SUMS } from './columns.js';
import { openDatabase, statementError } from './duckdb-open.js';
import { ADD_STAGED, migrate, STAGED_TABLE } from './duckdb-schema.js';
import { type CommitGroup, type InsightStore, type Mark, SUM_FIELDS } from './insight-store.js';

const IN_RANGE = 'minute >= $from AND minute < $to';

/**
 * Opens (and makes, when absent) a DuckDB file as a store.
 *
 * @throws InsightError `store-locked`, `store-unreadable`, `store-unwritable`, `store-full` or `store-too-new`.
 */
export async function openDuckDbStore(file: string): Promise<InsightStore> {
  const database = await openDatabase(file);
  try {
    const writer = await database.instance.connect();
    await migrate(writer, file);
    await writer.run(STAGED_TABLE);
    const reader = await database.instance.connect();
    return new DuckDbStore({ writer, reader, closeDatabase: () => database.close() }, { file });
  } catch (error) {
    database.close();
    throw statementError(error, file);
  }
}

interface Connections {
  readonly writer: DuckDBConnection;
  readonly reader: DuckDBConnection;
  readonly closeDatabase: () => void;
}

/** One writes, one reads; each does one thing after another. */
class DuckDbStore implements InsightStore {
  readonly #connections: Connections;
  readonly #file: string;
  #writes: Promise<unknown> = Promise.resolve();
  #reads: Promise<unknown> = Promise.resolve();

  constructor(connections: Connections, options: { readonly file: string }) {
    this.#connections = connections;
    this.#file = options.file;
  }

  commit(group: CommitGroup): Promise<void> {
    return this.#write(async (writer) => {
      await append(writer, 'seen_batches', group.batches);
      await append(writer, 'seen_sessions', group.sessions);
      await writer.run('DELETE FROM staged_minutes');
      const appender = await writer.createAppender('staged_minutes', undefined, 'temp');
      for (const row of group.rows) {
        appender.appendInteger(row.minute);
        appender.appendVarchar(row.presentation);
        appender.appendVarchar(row.arm);
        for (const field of SUM_FIELDS) appender.appendBigInt(BigInt(Math.round(row[field])));
        appender.endRow();
      }
      appender.closeSync();
      await writer.run(ADD_STAGED);
    });
  }

  batchesSince(minute: number, limit: number): Promise<Mark[]> {
    return this.#marks('seen_batches', minute, limit);
  }

  sessionsSince(minute: number, limit: number): Promise<Mark[]> {
    return this.#marks('seen_sessions', minute, limit);
  }

  totals({ from, to }: { from: number; to: number }): ReturnType<InsightStore['totals']> {
    const sql = `SELECT arm, ${SELECT_SUMS} FROM rollup_minutes WHERE ${IN_RANGE} GROUP BY arm ORDER BY arm`;
    return this.#read(sql, { from, to }, (row) => ({ arm: readArm(row, 'arm'), ...readSums(row) }));
  }

  series(
    { from, to }: { from: number; to: number },
    stepMinutes: number,
  ): ReturnType<InsightStore['series']> {
    const sql = `SELECT minute - minute % $step AS bucket, ${SELECT_SUMS} FROM rollup_minutes
      WHERE ${IN_RANGE} GROUP BY bucket ORDER BY bucket`;
    return this.#read(sql, { from, to, step: stepMinutes }, (row) => ({
      minute: readNumber(row, 'bucket'),
      ...readSums(row),
    }));
  }

  streams({ from, to }: { from: number; to: number }, limit: number): ReturnType<InsightStore['streams']> {
    const sql = `SELECT presentation, ${SELECT_SUMS} FROM rollup_minutes WHERE ${IN_RANGE}
      GROUP BY presentation ORDER BY total_edge_bytes + total_peer_bytes DESC, presentation LIMIT $most`;
    return this.#read(sql, { from, to, most: limit }, (row) => ({
      presentation: readText(row, 'presentation'),
      ...readSums(row),
    }));
  }

  prune(before: { rows: number; batches: number; sessions: number }): Promise<void> {
    return this.#write(async (writer) => {
      await writer.run('DELETE FROM rollup_minutes WHERE minute < $before', { before: before.rows });
      await writer.run('DELETE FROM seen_batches WHERE minute < $before', { before: before.batches });
      await writer.run('DELETE FROM seen_sessions WHERE minute < $before', { before: before.sessions });
    });
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#writes, this.#reads]);
    this.#connections.writer.closeSync();
    this.#connections.reader.closeSync();
    this.#connections.closeDatabase();
  }

  #marks(table: 'seen_batches' | 'seen_sessions', minute: number, limit: number): Promise<Mark[]> {
    const newest = `SELECT minute, id FROM ${table} WHERE minute >= $since ORDER BY minute DESC LIMIT $most`;
    return this.#read(
      `SELECT minute, id FROM (${newest}) AS newest ORDER BY minute`,
      { since: minute, most: limit },
      (row) => ({ minute: readNumber(row, 'minute'), id: readText(row, 'id') }),
    );
  }

  #write(work: (writer: DuckDBConnection) => Promise<void>): Promise<void> {
    const done = this.#writes.then(() => this.#transaction(work));
    this.#writes = done.catch(() => undefined);
    return done;
  }

  async #transaction(work: (writer: DuckDBConnection) => Promise<void>): Promise<void> {
    const { writer } = this.#connections;
    try {
      await writer.run('BEGIN');
      await work(writer);
      await writer.run('COMMIT');
    } catch (error) {
      // A commit that failed has rolled back by itself, and says so.
      await writer.run('ROLLBACK').catch(() => undefined);
      throw statementError(error, this.#file);
    }
  }

  #read<Item>(sql: string, values: Record<string, DuckDBValue>, read: (row: Row) => Item): Promise<Item[]> {
    const done = this.#reads.then(async () => {
      try {
        const reader = await this.#connections.reader.runAndReadAll(sql, values);
        return reader.getRowObjects().map(read);
      } catch (error) {
        throw statementError(error, this.#file);
      }
    });
    this.#reads = done.catch(() => undefined);
    return done;
  }
}

async function append(writer: DuckDBConnection, table: string, marks: readonly Mark[]): Promise<void> {
  if (marks.length === 0) return;
  const appender = await writer.createAppender(table);
  for (const { minute, id } of marks) {
    appender.appendInteger(minute);
    appender.appendVarchar(id);
    appender.endRow();
  }
  appender.closeSync();
}
