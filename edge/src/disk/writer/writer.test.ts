import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { bodyFor } from '../../testing/disk-fixture.js';
import { Cleanup, temporaryFolder } from '../../testing/edge-fixture.js';
import { errorCode } from '../file-system.js';
import { startWriter } from './writer.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

async function setUp(ringBytes = 1024 * 1024) {
  const folder = await temporaryFolder(cleanup);
  await mkdir(join(folder, 'tmp'));
  const writer = startWriter({ ringBytes });
  cleanup.add(() => writer.close());
  const place = (name: string, bytes: number, file = name): Promise<void> => {
    const body = bodyFor(name, bytes);
    const parts = [body.subarray(0, 10), body.subarray(10)];
    return writer.files.place(join(folder, 'tmp', name), join(folder, file), parts);
  };
  return { folder, writer, place };
}

describe('the thread that writes', () => {
  it('places every file whole, also many times what its ring holds, and leaves nothing else', async () => {
    const { folder, place } = await setUp(64 * 1024);
    const sizes = Array.from({ length: 300 }, (_, index) => 11 + ((index * 997) % 16_000));
    await Promise.all(sizes.map((bytes, index) => place(String(index), bytes)));
    for (const [index, bytes] of sizes.entries()) {
      const name = String(index);
      expect((await readFile(join(folder, name))).equals(bodyFor(name, bytes))).toBe(true);
    }
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
    expect(((await stat(join(folder, '0'))).mode & 0o777).toString(8)).toBe('600');
  });

  it('says which file failed and why, and goes on', async () => {
    const { folder, place } = await setUp();
    const ends = await Promise.allSettled([place('1', 100), place('2', 100, 'missing/2'), place('3', 100)]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const [, second] = ends;
    expect(second?.status === 'rejected' && errorCode(second.reason)).toBe('ENOENT');
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  });

  it('takes the last of two files for one name', async () => {
    const { folder, place } = await setUp();
    await Promise.all([place('old', 5000, 'same'), place('new', 4000, 'same')]);
    expect((await readFile(join(folder, 'same'))).equals(bodyFor('new', 4000))).toBe(true);
  });

  it('is done without when it has ended', async () => {
    const { folder, writer, place } = await setUp();
    await writer.close();
    await place('1', 100);
    expect((await readFile(join(folder, '1'))).equals(bodyFor('1', 100))).toBe(true);
  });
});
