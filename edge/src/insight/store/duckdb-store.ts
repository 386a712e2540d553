import { stat } from 'node:fs/promises';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { addMoments, type ClusterMoments } from '../savings/moments.js';
import { appendPending, insertEdge, readJournaled } from './duckdb-append.js';
import {
  due,
  type Folded,
  foldFurther,
  foldHours,
  foldMinutes,
  readFolded,
  UNFOLDED,
} from './duckdb-fold.js';
import { isFatal, type OpenDatabase, openDatabase, statementError } from './duckdb-open.js';
import { migrate, tableOf } from './duckdb-schema.js';
import { source } from './duckdb-source.js';
import {
  type CommitGroup,
  CUBES,
  type CubeQuery,
  type EdgeMinute,
  GRAINS,
  type InsightStore,
  type Keys,
  type Mark,
  type MinuteRange,
  type PruneLimits,
  type QueryRow,
} from './insight-store.js';
import { Journal } from './journal.js';
import { groupText, PendingRows, readGroup } from './pending-rows.js';
import {
  clusterSelect,
  columnsOf,
  conditions,
  cubeSelect,
  DUCKDB,
  isEmptySum,
  MOMENT_COLUMNS,
  momentsSelect,
  type Row,
  readMoments,
  readNumber,
  readRow,
  readText,
  streamId,
} from './sql.js';

/**
 * Opens (and makes, when absent) a DuckDB file as a store.
 *
 * @throws InsightError `store-locked`, `store-unreadable`, `store-unwritable`, `store-full` or `store-too-new`.
 */
export async function openDuckDbStore(file: string): Promise<InsightStore> {
  const store = new DuckDbStore(file);
  await store.open();
  try {
    await store.openJournal();
  } catch (error) {
    await store.close();
    throw statementError(error, file);
  }
  return store;
}

interface Connections {
  readonly database: OpenDatabase;
  readonly writer: DuckDBConnection;
  readonly reader: DuckDBConnection;
}

/**
 * So many rows that wait are written down at once, which holds up everything else for some 40 ms; marks of batches are
 * most of them, so streams are written down the more seldom. The journal takes some 5 MB until then.
 */
const MANY_ROWS = 16_384;
/** Where the database takes nothing, so many may wait in memory. */
const MOST_ROWS = 100_000;

/**
 * What is committed is in the journal and summed up in memory at once, and in the database a minute later, or before
 * anything is asked (docs/decisions/0210). One connection writes, one reads; each does one thing after another.
 */
class DuckDbStore implements InsightStore {
  readonly #file: string;
  readonly #named = new Set<string>();
  #connections: Connections | undefined;
  #folded: Folded = UNFOLDED;
  /** None in memory. */
  #journal: Journal | undefined;
  #pending = new PendingRows();
  /** What the database was given, up to that record, and has not said that it has it. */
  #given = { rows: new PendingRows(), until: 0 };
  #manyRows = MANY_ROWS;
  #writes: Promise<unknown> = Promise.resolve();
  #reads: Promise<unknown> = Promise.resolve();

  constructor(file: string) {
    this.#file = file;
  }

  async open(): Promise<Connections> {
    const database = await openDatabase(this.#file);
    try {
      const writer = await database.instance.connect();
      await migrate(writer, this.#file);
      this.#folded = await readFolded(writer);
      const reader = await database.instance.connect();
      this.#connections = { database, writer, reader };
      this.#named.clear();
      return this.#connections;
    } catch (error) {
      database.close();
      throw statementError(error, this.#file);
    }
  }

  /** Takes in what was committed and had not come into the database. */
  async openJournal(): Promise<void> {
    if (this.#file === ':memory:') return;
    const { writer } = this.#connections ?? (await this.open());
    const until = await readJournaled(writer);
    this.#given.until = until;
    const { journal, records } = await Journal.open(`${this.#file}.journal`, until);
    this.#journal = journal;
    for (const { number, text } of records) {
      if (number > until) this.#pending.add(readGroup(text, this.#file));
    }
  }

  commit(group: CommitGroup): Promise<void> {
    return this.#queue(async () => {
      if (this.#waiting > MOST_ROWS) await this.#drain();
      try {
        await this.#journal?.append(groupText(group));
      } catch (error) {
        throw statementError(error, this.#file);
      }
      this.#pending.add(group);
      if (this.#waiting < this.#manyRows) return;
      this.#manyRows = this.#waiting + MANY_ROWS;
      // It is committed, whether the database takes it now or later.
      await this.#drain().catch(() => undefined);
    });
  }

  async addEdge(counted: EdgeMinute): Promise<boolean> {
    let isNew = false;
    await this.#write(async (writer) => {
      isNew = await insertEdge(writer, counted, Math.max(counted.minute, this.#folded.hour));
      return undefined;
    });
    return isNew;
  }

  /** One process writes, and remembers. */
  async seen(): Promise<Set<string>> {
    return new Set();
  }

  batchesSince(minute: number, limit: number): Promise<Mark[]> {
    return this.#marks('batches', minute, limit);
  }

  sessionsSince(minute: number, limit: number): Promise<Mark[]> {
    return this.#marks('sessions', minute, limit);
  }

  async query(query: CubeQuery): Promise<QueryRow[]> {
    const { cube, grain, where = {} } = query;
    await this.#bringUp();
    const facts = source(cube, grain, query, columnsOf(query), conditions(where, DUCKDB), this.#folded);
    const rows = await this.#read(cubeSelect(query, facts, DUCKDB), {}, (row) => row);
    const read = rows.filter((row) => !isEmptySum(row)).map((row) => readRow(row, query));
    return query.by.includes('stream') ? this.#withNames(read) : read;
  }

  async moments(range: MinuteRange, where: Pick<Keys, 'stream' | 'pop'> = {}): Promise<ClusterMoments> {
    await this.#bringUp();
    const folded = Object.keys(where).length === 0 ? this.#folded.hour : range.from;
    const end = Math.min(range.to, folded);
    const sums = MOMENT_COLUMNS.map((name) => `sum(${name}) AS ${name}`).join(', ');
    const sql = `SELECT ${sums} FROM cluster_moments WHERE t >= $from AND t < $end`;
    const known = await this.#read(sql, { from: range.from, end }, (row) => row);
    const young = { from: Math.max(range.from, Math.min(range.to, folded)), to: range.to };
    const columns = ['stream', 'arm', 'edge_bytes', 'watched_ms'];
    const facts = source('stream', 'hour', young, columns, conditions(where, DUCKDB), this.#folded);
    const fresh = await this.#read(momentsSelect(clusterSelect(facts, DUCKDB)), {}, (row) => row);
    return addMoments(readMoments(known[0]), readMoments(fresh[0]));
  }

  async tend(minute: number): Promise<void> {
    await this.#queue(() => this.#drain());
    await this.#write((writer) => runAll(writer, foldMinutes(minute)));
    const until = due(minute, this.#folded);
    if (until.hour > this.#folded.hour) {
      await this.#fold(foldHours(this.#folded.hour, until.hour), { ...this.#folded, hour: until.hour });
    }
    for (const grain of ['day', 'week'] as const) {
      const from = this.#folded[grain];
      if (until[grain] <= from) continue;
      await this.#fold(foldFurther(grain, from, until[grain]), { ...this.#folded, [grain]: until[grain] });
    }
  }

  prune(before: PruneLimits): Promise<void> {
    return this.#write(async (writer) => {
      const statements = [
        ...CUBES.flatMap((cube) =>
          GRAINS.map(
            (grain) =>
              `DELETE FROM ${tableOf(cube, grain)} WHERE t < ${before[grain === 'week' ? 'day' : grain]}`,
          ),
        ),
        `DELETE FROM cluster_moments WHERE t < ${before.day}`,
        `DELETE FROM seen_edges WHERE minute < ${before.minute}`,
        `DELETE FROM seen_batches WHERE minute < ${before.batches}`,
        `DELETE FROM seen_sessions WHERE minute < ${before.sessions}`,
      ];
      return runAll(writer, statements);
    });
  }

  async sizeBytes(): Promise<number> {
    if (this.#file === ':memory:') return 0;
    const sizes = await Promise.all(
      ['', '.wal', '.journal'].map((end) =>
        stat(this.#file + end)
          .then(({ size }) => size)
          .catch(() => 0),
      ),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  async close(): Promise<void> {
    // What the database does not take now stays in the journal.
    await this.#bringUp();
    await Promise.allSettled([this.#writes, this.#reads]);
    await this.#journal?.close();
    this.#drop();
  }

  #drop(): void {
    const connections = this.#connections;
    this.#connections = undefined;
    connections?.writer.closeSync();
    connections?.reader.closeSync();
    connections?.database.close();
  }

  /** Names of streams that are not named yet. */
  async #name(writer: DuckDBConnection, streams: ReadonlySet<string>): Promise<string[]> {
    const fresh = [...streams].filter((name) => !this.#named.has(name));
    if (fresh.length === 0) return [];
    const ids = new Map(fresh.map((name) => [streamId(name), name]));
    const list = [...ids.keys()].join(', ');
    const known = await writer.runAndReadAll(`SELECT id FROM stream_names WHERE id IN (${list})`);
    for (const row of known.getRowObjects()) ids.delete(readNumber(row, 'id'));
    if (ids.size > 0) {
      const appender = await writer.createAppender('stream_names');
      for (const [id, name] of ids) {
        appender.appendBigInt(BigInt(id));
        appender.appendVarchar(name);
        appender.endRow();
      }
      appender.closeSync();
    }
    return fresh;
  }

  async #withNames(rows: QueryRow[]): Promise<QueryRow[]> {
    const ids = [...new Set(rows.map(({ keys }) => keys.stream ?? '0'))];
    if (ids.length === 0) return rows;
    const sql = `SELECT id, name FROM stream_names WHERE id IN (${ids.join(', ')})`;
    const pairs = await this.#read(
      sql,
      {},
      (row) => [String(readNumber(row, 'id')), readText(row, 'name')] as const,
    );
    const names = new Map(pairs);
    return rows.map((row) => {
      const id = row.keys.stream ?? '0';
      return { ...row, keys: { ...row.keys, stream: names.get(id) ?? id } };
    });
  }

  #fold(statements: readonly string[], folded: Folded): Promise<void> {
    return this.#write(async (writer) => {
      await runAll(writer, statements);
      return () => {
        this.#folded = folded;
      };
    });
  }

  async #marks(kind: 'batches' | 'sessions', minute: number, limit: number): Promise<Mark[]> {
    const young = [this.#given.rows, this.#pending].flatMap((rows) => rows[kind]);
    const table = `seen_${kind}`;
    const newest = `SELECT minute, id FROM ${table} WHERE minute >= $since ORDER BY minute DESC LIMIT $most`;
    const kept = await this.#read(
      `SELECT minute, id FROM (${newest}) AS newest ORDER BY minute`,
      { since: minute, most: limit },
      (row) => ({ minute: readNumber(row, 'minute'), id: readText(row, 'id') }),
    );
    const all = [...kept, ...young.filter((mark) => mark.minute >= minute)];
    return all.sort((one, other) => one.minute - other.minute).slice(-limit);
  }

  get #waiting(): number {
    return this.#given.rows.size + this.#pending.size;
  }

  /** Into the database, all at once. */
  async #drain(): Promise<void> {
    if (this.#waiting === 0) return;
    const until = this.#journal?.last ?? 0;
    await this.#transaction(async (writer) => {
      // What seemed to fail may be there after all.
      if (this.#journal !== undefined && (await readJournaled(writer)) >= this.#given.until) {
        this.#given.rows = new PendingRows();
      }
      // Most often all that was given before is there.
      if (this.#given.rows.size === 0) this.#given.rows = this.#pending;
      else this.#given.rows.merge(this.#pending);
      const { rows } = this.#given;
      this.#pending = new PendingRows();
      this.#given.until = until;
      const named = await this.#name(writer, rows.streams());
      // What is folded is not opened again: a clock that was set back counts where time stood.
      await appendPending(writer, rows, this.#folded.hour);
      await writer.run(`UPDATE journaled SET until = ${until}`);
      return () => {
        for (const name of named) this.#named.add(name);
      };
    });
    this.#given.rows = new PendingRows();
    this.#manyRows = MANY_ROWS;
    // Records up to `until` are passed over, should they stay.
    await this.#journal?.clear().catch(() => undefined);
  }

  /** While the database takes nothing more, figures are those of before; each commit and tending says so. */
  async #bringUp(): Promise<void> {
    if (this.#waiting > 0) await this.#queue(() => this.#drain()).catch(() => undefined);
  }

  #queue(work: () => Promise<void>): Promise<void> {
    const done = this.#writes.then(work);
    this.#writes = done.catch(() => undefined);
    return done;
  }

  /** What `work` gives is called once it is committed. */
  #write(work: (writer: DuckDBConnection) => Promise<(() => void) | undefined>): Promise<void> {
    return this.#queue(() => this.#transaction(work));
  }

  async #transaction(work: (writer: DuckDBConnection) => Promise<(() => void) | undefined>): Promise<void> {
    const { writer } = this.#connections ?? (await this.open());
    try {
      await writer.run('BEGIN');
      const committed = await work(writer);
      await writer.run('COMMIT');
      committed?.();
    } catch (error) {
      // A commit that failed has rolled back by itself, and says so.
      await writer.run('ROLLBACK').catch(() => undefined);
      // DuckDB does nothing more after a failed write; the file is as it was, and is opened anew for the next one.
      if (isFatal(error)) {
        await this.#reads;
        this.#drop();
      }
      throw statementError(error, this.#file);
    }
  }

  #read<Item>(sql: string, values: Record<string, DuckDBValue>, read: (row: Row) => Item): Promise<Item[]> {
    const done = this.#reads.then(async () => {
      try {
        const connections = this.#connections ?? (await this.open());
        const rows = await connections.reader.runAndReadAll(sql, values);
        return rows.getRowObjects().map(read);
      } catch (error) {
        throw statementError(error, this.#file);
      }
    });
    this.#reads = done.catch(() => undefined);
    return done;
  }
}

async function runAll(writer: DuckDBConnection, statements: readonly string[]): Promise<undefined> {
  for (const statement of statements) await writer.run(statement);
}
