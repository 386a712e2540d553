import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MEASURES } from '../measures/measures.js';
import { migrateTo } from './duckdb-schema.js';
import { openDuckDbStore } from './duckdb-store.js';
import type { InsightStore } from './insight-store.js';
import { edgeMinute, group, id, insightStoreContract, streamRow } from './insight-store-contract.js';
import { Journal } from './journal.js';
import { column } from './sql.js';

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eddy-insight-'));
});
afterAll(() => rm(folder, { recursive: true }));
const newFile = (): string => join(folder, `made/on/demand/${files++}.duckdb`);

insightStoreContract('DuckDB file', () => openDuckDbStore(newFile()));
insightStoreContract('DuckDB in memory', () => openDuckDbStore(':memory:'));

/** A file as a crash leaves it while a store has it open, with the journal of before. */
async function crashed(file: string, journal?: Buffer): Promise<string> {
  const copy = newFile();
  await mkdir(dirname(copy), { recursive: true });
  for (const end of ['', '.wal', '.journal']) await copyFile(file + end, copy + end).catch(() => undefined);
  if (journal !== undefined) await writeFile(`${copy}.journal`, journal);
  return copy;
}

describe('a DuckDB file', () => {
  const ask = {
    cube: 'stream',
    from: 0,
    to: 100_000,
    by: ['stream', 'arm'],
    measures: ['edgeBytes'],
  } as const;
  const edgeBytes = async (store: InsightStore): Promise<unknown[]> =>
    (await store.query({ ...ask, grain: 'hour' })).map(({ sums }) => sums.edgeBytes);

  it('gives the same figures after it was closed and opened again', async () => {
    const file = newFile();
    const store = await openDuckDbStore(file);
    await store.commit(group({ rows: [streamRow()], batches: [id(1)] }));
    await store.tend(2000);
    await store.commit(group({ minute: 2000, rows: [streamRow({ stream: '/w' })] }));
    const asked = (of: InsightStore): Promise<unknown> =>
      Promise.all([of.query({ ...ask, grain: 'hour' }), of.moments(ask), of.batchesSince(0, 9)]);
    const before = await asked(store);
    await store.close();
    const again = await openDuckDbStore(file);
    expect(await asked(again)).toEqual(before);
    expect(await again.sizeBytes()).toBeGreaterThan(0);
    await again.close();
  });

  it('counts what comes late, from a clock set back, in the hour that is still open', async () => {
    const store = await openDuckDbStore(newFile());
    await store.commit(group({ minute: 100, rows: [streamRow()] }));
    await store.tend(300);
    await store.commit(group({ minute: 100, rows: [streamRow()] }));
    await store.tend(500);
    expect(await edgeBytes(store)).toEqual([200]);
    await store.close();
  });

  it('of the first version keeps its minutes', async () => {
    const file = newFile();
    await mkdir(dirname(file), { recursive: true });
    const instance = await DuckDBInstance.create(file);
    const connection = await instance.connect();
    await migrateTo(connection, 1);
    await connection.run(
      "INSERT INTO rollup_minutes VALUES (1000, '/v', 'treated', 1, 2, 3, 4, 5, 6, 7, 8, 9), (1001, '/w', 'holdout', 10, 0, 0, 0, 0, 0, 0, 0, 0)",
    );
    connection.closeSync();
    instance.closeSync();
    const store = await openDuckDbStore(file);
    const measures = ['edgeBytes', 'claimedEdgeBytes', 'peerBytes', 'watchedMs', 'sessions'] as const;
    await store.tend(2000);
    const rows = await store.query({ ...ask, grain: 'hour', measures });
    expect(
      rows.map(({ keys, sums }) => [keys.stream, keys.arm, ...measures.map((name) => sums[name])]),
    ).toEqual(
      expect.arrayContaining([
        ['/v', 'treated', 1, 1, 2, 5, 9],
        ['/w', 'holdout', 10, 10, 0, 0, 0],
      ]),
    );
    await store.close();
  });

  it('of the second version keeps its figures, and takes those of edges', async () => {
    const file = newFile();
    await mkdir(dirname(file), { recursive: true });
    const instance = await DuckDBInstance.create(file);
    const connection = await instance.connect();
    await migrateTo(connection, 2);
    const columns = ['t', 'stream', 'pop', 'arm', ...MEASURES.map(column)].join(', ');
    const values = MEASURES.map((measure) => (measure === 'edgeBytes' ? 7 : 0)).join(', ');
    await connection.run(
      `INSERT INTO stream_minute (${columns}) VALUES (1000, 1, 'fra', 'treated', ${values})`,
    );
    connection.closeSync();
    instance.closeSync();
    const store = await openDuckDbStore(file);
    expect(await store.addEdge(edgeMinute())).toBe(true);
    expect(await edgeBytes(store)).toEqual([7]);
    const edges = { ...ask, cube: 'edge', grain: 'hour', by: ['edge'], measures: ['requests'] } as const;
    expect(await store.query(edges)).toMatchObject([{ keys: { edge: 'fra-1' }, sums: { requests: 10 } }]);
    await store.close();
  });

  it('that another process holds is named, with who holds it', async () => {
    const file = newFile();
    const store = await openDuckDbStore(file);
    await expect(openDuckDbStore(file)).rejects.toMatchObject({ code: 'store-locked' });
    const script = `import { openDuckDbStore } from ${JSON.stringify(new URL('./duckdb-store.ts', import.meta.url).href)};
      openDuckDbStore(${JSON.stringify(file)}).catch((error) => console.log(error.code, error.message));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=eddy-source', '--import', 'tsx', '--input-type=module', '--eval', script],
      { cwd: import.meta.dirname },
    );
    expect(stdout).toContain('store-locked');
    expect(stdout).toContain(file);
    expect(stdout).toContain(`PID ${process.pid}`);
    await store.close();
  });

  it('that is no database, or lies where nothing can be written, is refused with what to do', async () => {
    const text = join(folder, 'text.duckdb');
    await writeFile(text, 'not a database '.repeat(1000));
    await expect(openDuckDbStore(text)).rejects.toMatchObject({
      code: 'store-unreadable',
      message: expect.stringContaining('move it away'),
    });
    await expect(openDuckDbStore(join(text, 'below.duckdb'))).rejects.toMatchObject({
      code: 'store-unwritable',
      message: expect.stringContaining(text),
    });
  });

  it('of a later version is left alone', async () => {
    const file = newFile();
    await (await openDuckDbStore(file)).close();
    const instance = await DuckDBInstance.create(file);
    const connection = await instance.connect();
    await connection.run('INSERT INTO schema_version VALUES (99)');
    connection.closeSync();
    instance.closeSync();
    await expect(openDuckDbStore(file)).rejects.toMatchObject({ code: 'store-too-new' });
  });

  it('takes back all of a group when a part of it fails', async () => {
    const store = await openDuckDbStore(newFile());
    const whole = group({ rows: [streamRow()], batches: [id(1)] });
    const worse = new Proxy(whole, {
      get: (target, name) => {
        if (name === 'rows') throw new Error('no rows');
        return Reflect.get(target, name);
      },
    });
    await expect(store.commit(worse)).rejects.toMatchObject({ code: 'store-failed' });
    expect(await store.batchesSince(0, 9)).toEqual([]);
    await store.commit(group({ rows: [streamRow()], batches: [id(1)] }));
    expect(await store.batchesSince(0, 9)).toEqual([{ minute: 1000, id: id(1) }]);
    expect(await edgeBytes(store)).toEqual([100]);
    await store.close();
  });

  it('has all that was committed after a crash, once, wherever that came', async () => {
    const file = newFile();
    const store = await openDuckDbStore(file);
    const commit = (number: number): Promise<void> =>
      store.commit(group({ rows: [streamRow()], batches: [id(number)], sessions: [id(number)] }));
    await commit(1);
    await commit(2);
    // Before the database heard of it.
    const early = await crashed(file);
    const journal = await readFile(`${file}.journal`);
    expect(await edgeBytes(store)).toEqual([200]);
    expect(await readFile(`${file}.journal`)).toHaveLength(0);
    // When it had, and the journal was not cleared yet.
    const between = await crashed(file, journal);
    await commit(3);
    const late = await crashed(file);
    await store.close();
    const found: unknown[] = [];
    for (const left of [early, between, late, late]) {
      const again = await openDuckDbStore(left);
      const marks = await Promise.all([again.batchesSince(0, 9), again.sessionsSince(0, 9)]);
      found.push([await edgeBytes(again), ...marks.map((of) => of.length)]);
      await again.close();
    }
    expect(found).toEqual([
      [[200], 2, 2],
      [[200], 2, 2],
      [[300], 3, 3],
      [[300], 3, 3],
    ]);
  });

  it('goes on after a crash with numbers that are not used yet', async () => {
    const file = newFile();
    const store = await openDuckDbStore(file);
    await store.commit(group({ rows: [streamRow()] }));
    const journal = await readFile(`${file}.journal`);
    await store.tend(1001);
    const between = await crashed(file, journal);
    await store.close();
    const again = await openDuckDbStore(between);
    await again.commit(group({ rows: [streamRow()] }));
    const twice = await crashed(between);
    await again.close();
    const last = await openDuckDbStore(twice);
    expect(await edgeBytes(last)).toEqual([200]);
    await last.close();
  });

  it('is not opened with a journal that it cannot read, and the journal is left as it is', async () => {
    const file = newFile();
    await (await openDuckDbStore(file)).close();
    const { journal } = await Journal.open(`${file}.journal`, 0);
    await journal.append('{"form":2}');
    await journal.close();
    await expect(openDuckDbStore(file)).rejects.toMatchObject({ code: 'store-unreadable' });
    expect(await readFile(`${file}.journal`, 'utf8')).toContain('{"form":2}');
  });

  it('takes many rows in before their minute is over', async () => {
    const file = newFile();
    const store = await openDuckDbStore(file);
    const rows = Array.from({ length: 17_000 }, (_, index) => streamRow({ stream: `/v${index}` }));
    await store.commit(group({ rows }));
    expect(await readFile(`${file}.journal`)).toHaveLength(0);
    expect(await edgeBytes(store)).toHaveLength(17_000);
    await store.close();
  });
});
