import { readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  bodyFor,
  FaultyFileSystem,
  Gate,
  objectFiles,
  openTestTier,
  systemError,
  type TestTier,
  until,
} from '../testing/disk-fixture.js';
import { Cleanup, temporaryFolder } from '../testing/edge-fixture.js';
import { type DiskObject, DiskPurgeError } from './disk-tier.js';
import { nameOf } from './object-files.js';
import type { DiskTierOptions } from './open-disk-tier.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const MIB = 1024 * 1024;

function object(key: string, bytes = 1000, tags = 'all'): DiskObject {
  return { meta: Buffer.from(`meta of ${key}`), tags, body: bodyFor(key, bytes) };
}

function open(options: DiskTierOptions, files?: FaultyFileSystem): Promise<TestTier> {
  return openTestTier(cleanup, options, files);
}

async function filled(
  count: number,
  bytes: number,
  limitBytes = 64 * MIB,
): Promise<TestTier & { folder: string }> {
  const folder = await temporaryFolder(cleanup);
  const test = await open({ folder, limitBytes });
  await test.tier.ready;
  for (let index = 0; index < count; index++) {
    const key = `/v${index % 2}/${index}`;
    expect(await test.tier.write(key, object(key, bytes, index % 3 === 0 ? 'third' : 'other'))).toBe(
      'stored',
    );
  }
  return { ...test, folder };
}

async function keysThatHit({ tier }: TestTier, count: number): Promise<number[]> {
  const hits: number[] = [];
  for (let index = 0; index < count; index++) {
    const key = `/v${index % 2}/${index}`;
    const hit = await tier.read(key);
    if (hit === undefined) continue;
    expect(hit.body.equals(bodyFor(key, hit.bodyBytes))).toBe(true);
    hits.push(index);
  }
  return hits;
}

describe('a new folder', () => {
  it('is known to be empty: everything is written from the start, and nothing is looked for', async () => {
    const folder = await temporaryFolder(cleanup);
    const files = new FaultyFileSystem();
    const never = new Gate();
    files.hooks.list = (path) => (/\/[0-9a-f]{2}$/.test(path) ? never.passed : undefined);
    const { tier } = await open({ folder, limitBytes: 64 * MIB, writeQueueBytes: MIB }, files);
    cleanup.add(async () => never.open());
    await tier.ready;
    expect([tier.stats.state, tier.mayHave('/none')]).toEqual(['ok', false]);
    for (const key of ['/a', '/b', '/c', '/d'])
      expect(await tier.write(key, object(key, 400_000))).toBe('stored');
  });
});

describe('a restart', () => {
  it('lists several folders at once, so that even a busy edge soon knows an empty one', async () => {
    const { tier, folder } = await filled(0, 0);
    await tier.close();
    const files = new FaultyFileSystem();
    const [gate, most] = [new Gate(), 8];
    let lists = 0;
    files.hooks.list = (path) => {
      if (!/\/[0-9a-f]{2}$/.test(path)) return undefined;
      if (++lists === most) gate.open();
      return gate.passed;
    };
    const again = await open({ folder, limitBytes: MIB, atOnce: most }, files);
    cleanup.add(async () => gate.open());
    await again.tier.ready;
    expect([again.tier.stats.state, lists]).toEqual(['ok', 256]);
  });

  it('is warm at once, while the index is still being rebuilt', async () => {
    const { tier, folder } = await filled(20, 1000);
    await tier.close();
    const files = new FaultyFileSystem();
    const gate = new Gate();
    files.hooks.list = (path) => (/\/00$/.test(path) ? gate.passed : undefined);
    const again = await open({ folder, limitBytes: 64 * MIB }, files);
    expect([again.tier.stats.state, again.tier.stats.objects]).toEqual(['rebuilding', 0]);
    expect(again.tier.mayHave('/v1/7')).toBe(true);
    expect(await keysThatHit(again, 20)).toHaveLength(20);
    expect(await again.tier.write('/new', object('/new'))).toBe('stored');
    gate.open();
    await again.tier.ready;
    expect(again.tier.stats).toMatchObject({
      state: 'ok',
      objects: 21,
      counts: { corrupt: 0, readErrors: 0 },
    });
    expect(again.tier.mayHave('/v1/none')).toBe(false);
  });

  it('keeps the order of use roughly, and enforces a limit that shrank', async () => {
    const { tier, folder, time } = await filled(20, 100_000);
    time.now += 3_600_000;
    for (const index of [3, 4, 5]) await tier.read(`/v${index % 2}/${index}`);
    await tier.close();
    const again = await open({ folder, limitBytes: 5 * 106_496 });
    await again.tier.ready;
    await until(() => again.tier.stats.bytes <= 5 * 106_496);
    const left = await keysThatHit(again, 20);
    expect(left).toEqual(expect.arrayContaining([3, 4, 5]));
    await until(async () => (await objectFiles(folder)).length === left.length);
  });

  it('touches a file once in a while, not with each read', async () => {
    const { tier, files, time } = await filled(1, 1000);
    for (let read = 0; read < 10; read++) await tier.read('/v0/0');
    expect(files.calls.touch ?? 0).toBe(0);
    time.now += 700_000;
    for (let read = 0; read < 10; read++) await tier.read('/v0/0');
    expect(files.calls.touch).toBe(1);
  });

  it('clears away what was being written', async () => {
    const { tier, folder } = await filled(1, 1000);
    await tier.close();
    await writeFile(join(folder, 'v1', 'tmp', '7'), 'half an obj');
    const again = await open({ folder, limitBytes: MIB });
    await again.tier.ready;
    expect(await readdir(join(folder, 'v1', 'tmp'))).toEqual([]);
    expect(await keysThatHit(again, 1)).toEqual([0]);
  });

  it('writes only so much before it knows how full the folder is', async () => {
    const { tier, folder } = await filled(2, 1000);
    await tier.close();
    const files = new FaultyFileSystem();
    const gate = new Gate();
    files.hooks.list = (path) => (/\/00$/.test(path) ? gate.passed : undefined);
    const again = await open({ folder, limitBytes: 64 * MIB, writeQueueBytes: MIB }, files);
    const outcomes = [];
    for (const key of ['/a', '/b', '/c']) outcomes.push(await again.tier.write(key, object(key, 400_000)));
    expect(outcomes).toEqual(['stored', 'stored', 'disk-rebuilding']);
    gate.open();
    await again.tier.ready;
    expect(await again.tier.write('/c', object('/c', 400_000))).toBe('stored');
  });
});

describe('the limit', () => {
  it('is never passed on disk, evicting what was used longest ago', async () => {
    const limitBytes = 20 * 106_496;
    const { tier, files } = await filled(0, 0, limitBytes);
    let there = 0;
    let most = 0;
    files.hooks.open = (path) => {
      if (path.includes('/v1/tmp/')) most = Math.max(most, ++there);
    };
    const unlink = files.unlink.bind(files);
    files.unlink = (path) => unlink(path).then(() => void there--);
    await tier.write('/keep', object('/keep', 100_000));
    for (let index = 0; index < 100; index += 2) {
      await Promise.all([index, index + 1].map((i) => tier.write(`/${i}`, object(`/${i}`, 100_000))));
      expect(await tier.read('/keep')).toBeDefined();
      expect(tier.stats.bytes).toBeLessThanOrEqual(limitBytes);
    }
    expect(most).toBeLessThanOrEqual(20);
    expect(most).toBeGreaterThan(15);
    expect(await tier.read('/0')).toBeUndefined();
    expect(await tier.read('/99')).toBeDefined();
    expect(tier.stats.counts.evictions).toBeGreaterThan(75);
  });

  it('holds for the number of objects too, since each takes memory', async () => {
    const folder = await temporaryFolder(cleanup);
    const { tier } = await open({ folder, limitBytes: 64 * MIB, maxObjects: 10 });
    await tier.ready;
    for (let index = 0; index < 30; index++) await tier.write(`/${index}`, object(`/${index}`));
    expect(tier.stats.objects).toBeLessThanOrEqual(10);
    expect(await tier.read('/29')).toBeDefined();
  });
});

describe('a purge', () => {
  it('of a key outlasts a restart', async () => {
    const { tier, folder, files } = await filled(3, 1000);
    expect(await tier.delete('/v1/1')).toBe(true);
    expect(files.calls.syncFolder).toBe(1);
    expect(await tier.delete('/v1/1')).toBe(false);
    // Not closed, as if killed.
    await rm(join(folder, 'lock'));
    const again = await open({ folder, limitBytes: 64 * MIB });
    expect(await keysThatHit(again, 3)).toEqual([0, 2]);
  });

  it('takes with it what was being read and what was being written', async () => {
    const { tier, files } = await filled(1, 1000);
    const gate = new Gate();
    files.hooks.read = () => gate.passed;
    files.hooks.write = () => gate.passed;
    const reading = tier.read('/v0/0');
    const writing = tier.write('/v0/0', object('/v0/0', 2000));
    const waiting = tier.write('/v0/0', object('/v0/0', 3000));
    const purge = tier.delete('/v0/0');
    gate.open();
    expect(await purge).toBe(true);
    expect(await tier.read('/v0/0')).toBeUndefined();
    expect([await reading, await writing, await waiting]).toEqual([undefined, 'disk-purged', 'disk-purged']);
    expect(await tier.read('/v0/0')).toBeUndefined();
    expect(await tier.write('/v0/0', object('/v0/0', 4000))).toBe('stored');
    expect((await tier.read('/v0/0'))?.bodyBytes).toBe(4000);
  });

  it('reaches a write that still waits for room', async () => {
    const limitBytes = 10 * 106_496;
    const { tier, files } = await filled(9, 100_000, limitBytes);
    const gate = new Gate();
    files.hooks.unlink = (path) => (path.endsWith(nameOf('/late')) ? undefined : gate.passed);
    const writes = ['/a', '/b', '/late'].map((key) => tier.write(key, object(key, 100_000)));
    await tier.delete('/late');
    gate.open();
    expect((await Promise.all(writes))[2]).toBe('disk-purged');
    expect(await tier.read('/late')).toBeUndefined();
  });

  it('of a prefix or a tag finds all, also what is not indexed yet', async () => {
    const { tier, folder } = await filled(20, 1000);
    expect((await tier.deleteWhere(({ key }) => key.startsWith('/v0/'))).length).toBe(10);
    await tier.close();
    const files = new FaultyFileSystem();
    const gate = new Gate();
    files.hooks.list = (path) => (/\/00$/.test(path) ? gate.passed : undefined);
    const again = await open({ folder, limitBytes: 64 * MIB }, files);
    await again.tier.read('/v1/9');
    const purge = again.tier.deleteWhere(({ tags }) => tags.split(' ').includes('third'));
    gate.open();
    expect([...(await purge)].sort()).toEqual(['/v1/15', '/v1/3', '/v1/9']);
    expect(await keysThatHit(again, 20)).toEqual([1, 5, 7, 11, 13, 17, 19]);
    await again.tier.close();
    expect(await objectFiles(folder)).toHaveLength(7);
  });

  it('that is soft changes meta of all that match', async () => {
    const { tier } = await filled(6, 1000);
    const changed = await tier.updateWhere(
      ({ tags }) => tags === 'third',
      () => Buffer.from('stale'),
    );
    expect([...changed].sort()).toEqual(['/v0/0', '/v1/3']);
    expect((await tier.read('/v1/3'))?.meta.toString()).toBe('stale');
    expect((await tier.read('/v1/1'))?.meta.toString()).toBe('meta of /v1/1');
  });

  it('that the disk refuses is said to be so, and made up for when it recovers', async () => {
    const test = await filled(4, 1000);
    const { tier, files, timers, folder } = test;
    const refuse = (): void => {
      throw systemError('EROFS');
    };
    Object.assign(files.hooks, { unlink: refuse, open: refuse });
    await expect(tier.delete('/v0/0')).rejects.toThrow(DiskPurgeError);
    expect(await tier.read('/v0/0')).toBeUndefined();
    await until(() => tier.stats.state === 'failed');
    await expect(tier.deleteWhere(({ key }) => key === '/v1/1')).rejects.toThrow(DiskPurgeError);
    await expect(tier.delete('/v0/2')).rejects.toThrow(DiskPurgeError);
    await until(() => timers.waits.includes(1000));
    timers.fire(1000);
    await until(() => timers.waits.includes(2000));
    Object.assign(files.hooks, { unlink: undefined, open: undefined });
    timers.fire(2000);
    await until(() => tier.stats.state === 'ok');
    expect(await keysThatHit(test, 4)).toEqual([3]);
    expect(await objectFiles(folder)).toHaveLength(1);
  });
});

describe('a disk that fails', () => {
  it('when full makes room and goes on, with nothing torn left behind', async () => {
    const { tier, files, folder } = await filled(10, 100_000);
    let failures = 2;
    files.hooks.write = (path) => {
      files.tearAfterBytes = path.includes('/v1/tmp/') && failures-- > 0 ? 50_000 : undefined;
    };
    expect(await tier.write('/a', object('/a', 100_000))).toBe('disk-full');
    expect([tier.stats.state, tier.stats.skippedWrites['disk-full']]).toEqual(['full', 1]);
    expect(await tier.write('/b', object('/b', 100_000))).toBe('stored');
    expect(tier.stats.state).toBe('ok');
    expect(tier.stats.counts.evictions).toBeGreaterThan(0);
    expect(await tier.read('/a')).toBeUndefined();
    expect(await tier.read('/b')).toBeDefined();
    expect(await readdir(join(folder, 'v1', 'tmp'))).toEqual([]);
  });

  it('when full does not leave the object that was to be replaced where no purge finds it', async () => {
    const { tier, files, folder } = await filled(1, 1000);
    files.hooks.write = () => {
      throw systemError('ENOSPC');
    };
    expect(await tier.write('/v0/0', object('/v0/0', 3000))).toBe('disk-full');
    expect([await tier.read('/v0/0'), await objectFiles(folder)]).toEqual([undefined, []]);
  });

  it('with one bad sector loses one object', async () => {
    const { tier, files } = await filled(3, 1000);
    files.hooks.read = (path) => {
      if (path.endsWith(nameOf('/v0/0'))) throw systemError('EIO');
    };
    expect(await tier.read('/v0/0')).toBeUndefined();
    expect(await tier.read('/v1/1')).toBeDefined();
    expect(tier.stats).toMatchObject({ state: 'ok', objects: 2, counts: { readErrors: 1, failures: 0 } });
  });

  it('without descriptors to spare misses, and keeps its objects', async () => {
    const { tier, files } = await filled(2, 1000);
    files.hooks.open = () => {
      throw systemError('EMFILE');
    };
    expect(await tier.read('/v0/0')).toBeUndefined();
    delete files.hooks.open;
    expect(await tier.read('/v0/0')).toBeDefined();
  });

  it('that cannot be written goes without, says so, and comes back', async () => {
    const folder = await temporaryFolder(cleanup);
    const files = new FaultyFileSystem();
    files.hooks.makeFolder = () => {
      throw systemError('EACCES');
    };
    const { tier, timers } = await open({ folder: join(folder, 'cache'), limitBytes: MIB }, files);
    await tier.ready;
    expect(tier.stats).toMatchObject({ state: 'failed', counts: { failures: 1 } });
    expect([await tier.read('/k'), tier.mayHave('/k'), await tier.write('/k', object('/k'))]).toEqual([
      ...[undefined, false, 'disk-failed'],
    ]);
    delete files.hooks.makeFolder;
    await until(() => timers.waits.includes(1000));
    timers.fire(1000);
    await until(() => tier.stats.state === 'ok');
    expect(await tier.write('/k', object('/k'))).toBe('stored');
  });

  it('that vanishes is noticed by a write at once, and by the beat of its lock otherwise', async () => {
    const written = await filled(3, 1000);
    await rm(written.folder, { recursive: true });
    expect(await written.tier.write('/k', object('/k'))).toBe('disk-failed');
    await until(() => written.timers.waits.includes(1000));
    written.timers.fire(1000);
    await until(() => written.tier.stats.state === 'ok');
    expect(written.tier.stats.objects).toBe(0);
    expect(await written.tier.write('/k', object('/k'))).toBe('stored');

    await rm(written.folder, { recursive: true });
    written.timers.fire(2000);
    await until(() => written.tier.stats.state === 'failed');
  });
});

describe('a folder', () => {
  it('is not shared, also after a file in it was touched', async () => {
    const { folder, tier } = await filled(1, 1000);
    await utimes(join(folder, 'lock'), 1, 1);
    await expect(open({ folder, limitBytes: MIB })).rejects.toMatchObject({
      code: 'disk-folder-in-use',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    expect(await tier.read('/v0/0')).toBeDefined();
    await tier.close();
    const again = await open({ folder, limitBytes: MIB });
    await again.tier.ready;
    expect(await again.tier.read('/v0/0')).toBeDefined();
  });
});
