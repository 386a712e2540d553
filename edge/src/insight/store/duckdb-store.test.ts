import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDuckDbStore } from './duckdb-store.js';
import { insightStoreContract, row } from './insight-store-contract.js';

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eddy-insight-'));
});
afterAll(() => rm(folder, { recursive: true }));
const newFile = (): string => join(folder, `made/on/demand/${files++}.duckdb`);

insightStoreContract('DuckDB file', () => openDuckDbStore(newFile()));
insightStoreContract('DuckDB in memory', () => openDuckDbStore(':memory:'));

describe('a DuckDB file', () => {
  const all = { from: 0, to: 100_000 };

  it('gives the same figures after it was closed and opened again', async () => {
    const file = newFile();
    const store = await openDuckDbStore(file);
    const mark = { minute: 1000, id: 'one' };
    await store.commit({ rows: [row(), row({ minute: 1001 })], batches: [mark], sessions: [mark] });
    const before = [await store.totals(all), await store.series(all, 1), await store.streams(all, 9)];
    await store.close();
    const again = await openDuckDbStore(file);
    expect([await again.totals(all), await again.series(all, 1), await again.streams(all, 9)]).toEqual(
      before,
    );
    expect(await again.batchesSince(0, 9)).toEqual([mark]);
    await again.close();
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
    const bad = row({ presentation: '/bad', edgeBytes: 2 ** 70 });
    const mark = { minute: 1, id: 'a' };
    await expect(store.commit({ rows: [row(), bad], batches: [mark], sessions: [] })).rejects.toMatchObject({
      code: 'store-failed',
    });
    expect(await store.batchesSince(0, 9)).toEqual([]);
    await store.commit({ rows: [row()], batches: [mark], sessions: [] });
    expect(await store.batchesSince(0, 9)).toEqual([mark]);
    expect((await store.totals(all))[0]?.edgeBytes).toBe(100);
    await store.close();
  });
});
