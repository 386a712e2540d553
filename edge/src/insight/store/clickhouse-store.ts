import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { InsightError } from '../errors.js';
import { addMoments, type ClusterMoments } from '../savings/moments.js';
import { decimal, edgeRows, type FactsRow, factsRows, hexadecimal } from './clickhouse-rows.js';
import {
  CUBE_NUMBERS,
  GRAIN_NUMBERS,
  MARK_CUBE,
  MARK_GRAIN,
  MARK_GRAINS,
  migrate,
  PARTITION_MINUTES,
  stretch,
} from './clickhouse-schema.js';
import {
  type CommitGroup,
  type Cube,
  type CubeQuery,
  type EdgeMinute,
  GRAIN_MINUTES,
  type Grain,
  type InsightStore,
  type Keys,
  type Mark,
  type MinuteRange,
  type PruneLimits,
  type QueryRow,
} from './insight-store.js';
import {
  CLICKHOUSE,
  clusterSelect,
  columnsOf,
  conditions,
  cubeSelect,
  MOMENT_COLUMNS,
  momentsSelect,
  type Row,
  readMoments,
  readNumber,
  readRow,
  readText,
  streamId,
} from './sql.js';

export interface ClickHouseSettings {
  /** `http(s)://host:8123`. */
  readonly url: string;
  /** Made when absent. */
  readonly database: string;
  readonly username: string;
  readonly password: string;
}

const TIMEOUT_MS = 30_000;
/** A commit of an edge that took so long is not in the moments of its hour. */
const LATE_MINUTES = 5;
/** Hours whose moments are summed up at once, so that catching up does not stop the server. */
const MOMENT_HOURS = 24;

/**
 * Opens tables in a ClickHouse database (18.16 or later) as a store, and makes them when they are absent.
 *
 * @throws InsightError `store-unwritable` where nobody answers or the user may not, or `store-too-new`.
 */
export async function openClickHouseStore(settings: ClickHouseSettings): Promise<InsightStore> {
  const { url, database, username, password } = settings;
  const common = {
    ...{ url, username, password, application: 'eddy', request_timeout: TIMEOUT_MS },
    compression: { request: false, response: false },
    // What goes wrong is thrown as well.
    log: { level: ClickHouseLogLevel.OFF },
  };
  try {
    const maker = createClient(common);
    try {
      await maker.command({ query: `CREATE DATABASE IF NOT EXISTS \`${database.replaceAll('`', '')}\`` });
    } finally {
      await maker.close();
    }
    const client = createClient({ ...common, database });
    await migrate(client, `${url}/${database}`);
    return new ClickHouseStore(client, `${url}/${database}`);
  } catch (error) {
    if (error instanceof InsightError) throw error;
    const advice = 'see that the server runs, and that the user may make tables';
    const reason = error instanceof Error ? error.message : String(error);
    throw new InsightError('store-unwritable', `${url}/${database} cannot be used: ${advice} (${reason}).`, {
      cause: error,
    });
  }
}

class ClickHouseStore implements InsightStore {
  readonly #client: ClickHouseClient;
  readonly #where: string;
  readonly #named = new Set<string>();

  constructor(client: ClickHouseClient, where: string) {
    this.#client = client;
    this.#where = where;
  }

  commit(group: CommitGroup): Promise<void> {
    return this.#told(async () => {
      await this.#name(group);
      const values = factsRows(group);
      if (values.length > 0) await this.#insert('facts', values);
    });
  }

  /** Whoever sends it again waits for the answer first, so that nobody else adds it between the two. */
  async addEdge(counted: EdgeMinute): Promise<boolean> {
    const mark = `grain = ${MARK_GRAIN} AND t = ${counted.minute} AND id = ${decimal(counted.id)}`;
    const [known] = await this.#ask(`SELECT count(*) AS n FROM edge_facts WHERE ${mark}`);
    if (known !== undefined && readNumber(known, 'n') > 0) return false;
    await this.#told(() => this.#insert('edge_facts', edgeRows(counted)));
    return true;
  }

  /** One block, one partition, one part: all or nothing. */
  async #insert(table: 'facts' | 'edge_facts', values: FactsRow[]): Promise<void> {
    await this.#client.insert({
      ...{ table, values, format: 'JSONEachRow' as const },
      columns: columnsIn(values),
      clickhouse_settings: { max_insert_block_size: '1048576' },
    });
  }

  async seen(ids: readonly string[], minute: number): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    const where = [`cube = ${MARK_CUBE}`, ...stretch(MARK_GRAINS.batches, { from: minute })];
    const rows = await this.#ask(
      `SELECT DISTINCT id AS known FROM facts WHERE ${where.join(' AND ')} AND id IN (${ids.map(decimal).join(', ')})`,
    );
    return new Set(rows.map((row) => hexadecimal(readText(row, 'known'))));
  }

  batchesSince(minute: number, limit: number): Promise<Mark[]> {
    return this.#marks(MARK_GRAINS.batches, minute, limit);
  }

  sessionsSince(minute: number, limit: number): Promise<Mark[]> {
    return this.#marks(MARK_GRAINS.sessions, minute, limit);
  }

  async query(query: CubeQuery): Promise<QueryRow[]> {
    const { cube, grain, where = {}, by, stepMinutes } = query;
    const columns = columnsOf(query);
    const facts = source(cube, grain, query, columns, where);
    const grouped = by.length > 0 || stepMinutes !== undefined;
    const rows = await this.#ask(cubeSelect(query, facts, CLICKHOUSE));
    // An ungrouped sum over nothing is a row of zeros here.
    if (!grouped && (await this.#isEmpty(facts))) return [];
    const read = rows.map((row) => readRow(row, query));
    return by.includes('stream') ? this.#withNames(read) : read;
  }

  async moments(range: MinuteRange, where: Pick<Keys, 'stream' | 'pop'> = {}): Promise<ClusterMoments> {
    const filtered = Object.keys(where).length > 0;
    const until = filtered ? range.from : Math.min(range.to, await this.#momentsUntil());
    const sums = MOMENT_COLUMNS.map((name) => `sum(${name}) AS total_${name}`).join(', ');
    const [known] = await this.#ask(
      `SELECT ${sums} FROM (SELECT * FROM cluster_moments FINAL) AS kept WHERE t >= ${range.from} AND t < ${until}`,
    );
    const young = { from: Math.max(range.from, until), to: range.to };
    const columns = ['stream', 'arm', 'edge_bytes', 'watched_ms'];
    const facts = source('stream', 'hour', young, columns, where);
    const [fresh] = await this.#ask(momentsSelect(clusterSelect(facts, CLICKHOUSE)));
    const renamed = Object.fromEntries(MOMENT_COLUMNS.map((name) => [name, known?.[`total_${name}`]]));
    return addMoments(readMoments(renamed), readMoments(fresh));
  }

  /** Any edge may sum up an hour: all come to the same, and the rows of an hour are one. */
  async tend(minute: number): Promise<void> {
    const end = minute - LATE_MINUTES - ((minute - LATE_MINUTES) % 60);
    const first = await this.#firstWithoutMoments();
    if (first === undefined || first >= end) return;
    const range = { from: first, to: Math.min(end, first + MOMENT_HOURS * 60) };
    const facts = source('stream', 'hour', range, ['stream', 'arm', 'edge_bytes', 'watched_ms']);
    const columns = ['t', ...MOMENT_COLUMNS].join(', ');
    await this.#told(() =>
      this.#client.command({
        query: `INSERT INTO cluster_moments (${columns}) ${momentsSelect(clusterSelect(facts, CLICKHOUSE), true)}`,
      }),
    );
  }

  /** By whole weeks: a week's rows leave when its last minute may. */
  async prune(before: PruneLimits): Promise<void> {
    const until = (minute: number): number => minute - (minute % GRAIN_MINUTES.week);
    const earlier = (minute: number): string => `t < ${until(minute)}`;
    const early = (grain: Grain, minute: number): string =>
      stretch(GRAIN_NUMBERS[grain], { to: until(minute) }).join(' AND ');
    const marks = Math.min(before.batches, before.sessions);
    const stale = {
      facts: [
        `(cube > 0 AND ${early('minute', before.minute)})`,
        `(cube > 0 AND ${early('hour', before.hour)})`,
        `(cube = ${MARK_CUBE} AND ${earlier(marks)})`,
        earlier(before.day),
      ],
      edge_facts: [
        `(grain IN (${MARK_GRAIN}, ${GRAIN_NUMBERS.minute}) AND ${earlier(before.minute)})`,
        `(grain = ${GRAIN_NUMBERS.hour} AND ${earlier(before.hour)})`,
        earlier(before.day),
      ],
    };
    for (const table of ['facts', 'edge_facts'] as const) {
      const parts = await this.#ask(
        `SELECT DISTINCT partition AS named FROM system.parts WHERE active AND database = currentDatabase() AND table = '${table}'`,
      );
      for (const row of parts) {
        const number = Number(readText(row, 'named'));
        if (number < Math.floor(before.day / PARTITION_MINUTES))
          await this.#run(`ALTER TABLE ${table} DROP PARTITION ${number}`);
      }
      const where = stale[table].join(' OR ');
      const [found] = await this.#ask(`SELECT count(*) AS n FROM ${table} WHERE ${where}`);
      if (found !== undefined && readNumber(found, 'n') > 0) {
        await this.#run(`ALTER TABLE ${table} DELETE WHERE ${where}`);
      }
    }
  }

  async sizeBytes(): Promise<number> {
    const [row] = await this.#ask(
      'SELECT sum(bytes) AS n FROM system.parts WHERE active AND database = currentDatabase()',
    );
    return row === undefined ? 0 : readNumber(row, 'n');
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #isEmpty(facts: string): Promise<boolean> {
    const [row] = await this.#ask(`SELECT count(*) AS n FROM ${facts}`);
    return row === undefined || readNumber(row, 'n') === 0;
  }

  async #momentsUntil(): Promise<number> {
    const [row] = await this.#ask('SELECT count(*) AS n, max(t) AS newest FROM cluster_moments');
    return row === undefined || readNumber(row, 'n') === 0 ? 0 : readNumber(row, 'newest') + 60;
  }

  async #firstWithoutMoments(): Promise<number | undefined> {
    const until = await this.#momentsUntil();
    const where = [`cube = ${CUBE_NUMBERS.stream}`, ...stretch(GRAIN_NUMBERS.hour, { from: until })];
    const [row] = await this.#ask(
      `SELECT count(*) AS n, min(t) AS oldest FROM facts WHERE ${where.join(' AND ')}`,
    );
    return row === undefined || readNumber(row, 'n') === 0 ? undefined : readNumber(row, 'oldest');
  }

  async #name({ rows }: CommitGroup): Promise<void> {
    const fresh = [...new Set(rows.map(({ keys }) => keys.stream))].filter(
      (name): name is string => name !== undefined && !this.#named.has(name),
    );
    if (fresh.length === 0) return;
    const values = fresh.map((name) => ({ id: streamId(name), name }));
    await this.#client.insert({ table: 'stream_names', values, format: 'JSONEachRow' });
    for (const name of fresh) this.#named.add(name);
  }

  async #withNames(rows: QueryRow[]): Promise<QueryRow[]> {
    const ids = [...new Set(rows.map(({ keys }) => keys.stream ?? '0'))];
    if (ids.length === 0) return rows;
    const found = await this.#ask(
      `SELECT DISTINCT id AS number, name AS called FROM stream_names WHERE id IN (${ids.join(', ')})`,
    );
    const names = new Map(found.map((row) => [String(readNumber(row, 'number')), readText(row, 'called')]));
    return rows.map((row) => {
      const id = row.keys.stream ?? '0';
      return { ...row, keys: { ...row.keys, stream: names.get(id) ?? id } };
    });
  }

  async #marks(grain: number, minute: number, limit: number): Promise<Mark[]> {
    const where = [`cube = ${MARK_CUBE}`, ...stretch(grain, { from: minute })];
    const rows = await this.#ask(
      `SELECT t AS seen_minute, id AS seen_id FROM facts
       WHERE ${where.join(' AND ')} ORDER BY t DESC LIMIT ${limit}`,
    );
    return rows
      .map((row) => ({
        minute: readNumber(row, 'seen_minute'),
        id: hexadecimal(readText(row, 'seen_id')),
      }))
      .reverse();
  }

  #run(query: string): Promise<void> {
    return this.#told(() => this.#client.command({ query }));
  }

  async #ask(query: string): Promise<Row[]> {
    let rows: Row[] = [];
    await this.#told(async () => {
      const result = await this.#client.query({ query, format: 'JSONEachRow' });
      rows = await result.json<Row>();
    });
    return rows;
  }

  async #told(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof InsightError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      if (/no space left|NOT_ENOUGH_SPACE|Cannot reserve/i.test(reason)) {
        const message = `The disk of ${this.#where} is full: free some space. What was stored is safe, new beacons are refused.`;
        throw new InsightError('store-full', message, { cause: error });
      }
      throw new InsightError('store-failed', `${this.#where}: ${reason}`, { cause: error });
    }
  }
}

/** The columns that any row names; others have their defaults. */
function columnsIn(rows: readonly Readonly<Record<string, unknown>>[]): [string, ...string[]] {
  const names = new Set<string>(['t']);
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  return [...names] as [string, ...string[]];
}

/** One stream is looked for first: what else is asked for is then read only where it is. */
function source(
  cube: Cube,
  grain: Grain,
  range: MinuteRange,
  columns: readonly string[],
  { stream, ...others }: Keys = {},
): string {
  const number = GRAIN_NUMBERS[grain];
  const first = stream === undefined ? '' : `PREWHERE ${conditions({ stream }, CLICKHOUSE).join(' AND ')} `;
  const where = [
    ...(cube === 'edge'
      ? [`grain = ${number}`, `t >= ${range.from}`, `t < ${range.to}`]
      : [`cube = ${CUBE_NUMBERS[cube]}`, ...stretch(number, range)]),
    ...conditions(others, CLICKHOUSE),
  ];
  return `(SELECT ${['t', ...columns].join(', ')} FROM ${cube === 'edge' ? 'edge_facts' : 'facts'} ${first}WHERE ${where.join(' AND ')}) AS facts`;
}
