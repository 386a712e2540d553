import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualTimers, until } from '../testing/disk-fixture.js';
import { Cleanup, temporaryFolder } from '../testing/edge-fixture.js';
import { nodeFileSystem } from './file-system.js';
import { type FolderLock, lockFolder } from './folder-lock.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const wallClock = { now: () => Date.now() };

async function lock(folder: string, timers = new ManualTimers()): Promise<FolderLock> {
  const held = await lockFolder({ files: nodeFileSystem, timers, wallClock }, { folder });
  cleanup.add(() => held.release());
  return held;
}

async function rewrite(folder: string, change: (holder: Record<string, unknown>) => object): Promise<void> {
  const path = join(folder, 'lock');
  await writeFile(path, JSON.stringify(change(JSON.parse(await readFile(path, 'utf8')))));
}

describe('a folder lock', () => {
  it('has one holder, also among many who want it at once', async () => {
    const folder = await temporaryFolder(cleanup);
    const tries = await Promise.allSettled(Array.from({ length: 10 }, () => lock(folder)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['lock']);
  });

  it('is free again after its release', async () => {
    const folder = await temporaryFolder(cleanup);
    await (await lock(folder)).release();
    await (await lock(folder)).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['a process that is gone', { pid: 2 ** 22 + 1 }],
    ['an earlier process with this number', { started: '1' }],
  ])('of %s is taken over at once', async (_, change) => {
    const folder = await temporaryFolder(cleanup);
    await lock(folder);
    await rewrite(folder, (holder) => ({ ...holder, ...change }));
    await lock(folder);
    await expect(lock(folder)).rejects.toThrow('used by another edge');
    expect(await readdir(folder)).toEqual(['lock']);
  });

  it('that was torn by a power cut is taken over', async () => {
    const folder = await temporaryFolder(cleanup);
    await writeFile(join(folder, 'lock'), '{"tok');
    await lock(folder);
  });

  it('of another container is taken over only when its holder is silent', async () => {
    const folder = await temporaryFolder(cleanup);
    await lock(folder);
    await rewrite(folder, (holder) => ({ ...holder, world: 'elsewhere' }));
    const timers = new ManualTimers();
    const refused = expect(lock(folder, timers)).rejects.toThrow('elsewhere');
    await until(() => timers.waits.includes(10_000));
    await utimes(join(folder, 'lock'), 5, 5);
    timers.fire(10_000);
    await refused;
    const taking = lock(folder, timers);
    await until(() => timers.waits.includes(10_000));
    timers.fire(10_000);
    await taking;
  });

  it('tells its holder when it is lost', async () => {
    const folder = await temporaryFolder(cleanup);
    const timers = new ManualTimers();
    const held = await lock(folder, timers);
    let lost: Error | undefined;
    held.watch((error) => {
      lost = error;
    });
    timers.fire(2000);
    await until(() => timers.waits.includes(2000));
    expect(lost).toBeUndefined();
    await rewrite(folder, (holder) => ({ ...holder, token: 'other' }));
    timers.fire(2000);
    await until(() => lost !== undefined);
  });
});
