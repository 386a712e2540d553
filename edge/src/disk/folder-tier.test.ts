import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  bodyFor,
  type FaultyFileSystem,
  Gate,
  objectFiles,
  openTestTier,
  type TestTier,
} from '../testing/disk-fixture.js';
import { Cleanup, temporaryFolder } from '../testing/edge-fixture.js';
import type { DiskObject } from './disk-tier.js';
import type { DiskTierOptions } from './open-disk-tier.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const MIB = 1024 * 1024;

function object(key: string, bytes = 1000, tags = 'all'): DiskObject {
  return { meta: Buffer.from(`meta of ${key}`), tags, body: bodyFor(key, bytes) };
}

async function open(options: Partial<DiskTierOptions> = {}, files?: FaultyFileSystem): Promise<TestTier> {
  const folder = options.folder ?? (await temporaryFolder(cleanup));
  const opened = await openTestTier(cleanup, { folder, limitBytes: 64 * MIB, ...options }, files);
  await opened.tier.ready;
  return opened;
}

async function has({ tier }: TestTier, key: string): Promise<boolean> {
  const hit = await tier.read(key);
  if (hit === undefined) return false;
  expect(hit.body.equals(bodyFor(key, hit.bodyBytes))).toBe(true);
  return true;
}

describe('a disk tier', () => {
  it.each([0, 1, 1000, 65_535, 65_536, 65_537, 300_000])(
    'gives back %d bytes, whole and in ranges',
    async (bytes) => {
      const { tier } = await open();
      const written = object('/v/1.m4s', bytes, 'a b');
      expect(await tier.write('/v/1.m4s', written)).toBe('stored');
      expect(tier.mayHave('/v/1.m4s')).toBe(true);
      const hit = await tier.read('/v/1.m4s');
      expect(hit).toMatchObject({ meta: written.meta, tags: 'a b', bodyBytes: bytes });
      expect(hit?.body.equals(written.body)).toBe(true);
      const edges = [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000, bytes, bytes + 5];
      for (const start of edges) {
        for (const end of edges) {
          const part = await tier.readRange('/v/1.m4s', start, end);
          expect(part?.body.equals(written.body.subarray(start, Math.max(start, end)))).toBe(true);
          part?.release();
        }
      }
      expect(await tier.read('/v/2.m4s')).toBeUndefined();
      expect([tier.mayHave('/v/2.m4s'), tier.stats.counts.misses]).toEqual([false, 1]);
    },
  );

  it('reads no more than the blocks of a range', async () => {
    const { tier, files } = await open();
    await tier.write('/v/1', object('/v/1', 10 * 65_536));
    await tier.read('/v/1');
    let longest = 0;
    const read = files.read.bind(files);
    files.read = (file, into, position) => {
      longest = Math.max(longest, into.length);
      return read(file, into, position);
    };
    await tier.readRange('/v/1', 200_000, 200_010);
    expect(longest).toBe(65_536);
  });

  it('keeps a body of many pieces apart from its neighbours', async () => {
    const test = await open({ limitBytes: 64 * MIB });
    await test.tier.write('/large', object('/large', 20 * MIB + 17));
    expect(await has(test, '/large')).toBe(true);
  });

  it('replaces, and a reader that had begun gets one version whole', async () => {
    const test = await open();
    const { tier, files } = test;
    await tier.write('/k', { meta: Buffer.from('1'), tags: '', body: Buffer.alloc(200_000, 1) });
    const gate = new Gate();
    files.hooks.read = () => gate.passed;
    const reading = tier.read('/k');
    expect(await tier.write('/k', { meta: Buffer.from('2'), tags: '', body: Buffer.alloc(100_000, 2) })).toBe(
      'stored',
    );
    delete files.hooks.read;
    gate.open();
    const hit = await reading;
    expect([hit?.meta.toString(), hit?.body.every((byte) => byte === 2)]).toEqual(['2', true]);
    expect(tier.stats).toMatchObject({ objects: 1, counts: { corrupt: 0 } });
  });

  it('uses memory again that was released, and only that', async () => {
    const { tier } = await open();
    await tier.write('/a', object('/a', MIB));
    await tier.write('/b', object('/b', MIB));
    const first = await tier.read('/a');
    const kept = await tier.read('/b');
    first?.release();
    const again = await tier.read('/a');
    expect(again?.body.buffer).toBe(first?.body.buffer);
    expect(kept?.body.equals(bodyFor('/b', MIB))).toBe(true);
    expect(again?.body.equals(bodyFor('/a', MIB))).toBe(true);
  });

  it('is readable by its owner alone', async () => {
    const folder = await temporaryFolder(cleanup);
    const { tier } = await open({ folder: join(folder, 'deep', 'cache') });
    await tier.write('/secret', object('/secret'));
    const [path = ''] = await objectFiles(join(folder, 'deep', 'cache'));
    expect([(await stat(path)).mode & 0o777, (await stat(join(folder, 'deep'))).mode & 0o777]).toEqual([
      0o600, 0o700,
    ]);
    expect(path).not.toContain('secret');
  });

  it('changes meta in place, and writes anew what has no room', async () => {
    const folder = await temporaryFolder(cleanup);
    const { tier, files } = await open({ folder });
    await tier.write('/k', object('/k', 100_000));
    const renames = files.calls.rename;
    expect(await tier.updateMeta('/k', (meta) => Buffer.concat([meta, Buffer.from('!')]))).toBe(true);
    expect(files.calls.rename).toBe(renames);
    expect(await tier.updateMeta('/k', () => undefined)).toBe(false);
    expect(await tier.updateMeta('/nothing', (meta) => meta)).toBe(false);
    expect((await tier.readRange('/k', 0, 0))?.meta.toString()).toBe('meta of /k!');
    const long = Buffer.alloc(5000, 'm');
    expect(await tier.updateMeta('/k', () => long)).toBe(true);
    await tier.close();
    const again = await open({ folder });
    expect((await again.tier.read('/k'))?.meta.equals(long)).toBe(true);
    expect(await has(again, '/k')).toBe(true);
  });

  it('changes meta under a reader without a torn answer', async () => {
    const { tier } = await open();
    await tier.write('/k', object('/k', 65_536));
    const metas = ['a', 'b'].map((letter) => Buffer.alloc(50, letter));
    const updates = Array.from({ length: 100 }, (_, index) => tier.updateMeta('/k', () => metas[index % 2]));
    const reads = Array.from({ length: 100 }, () => tier.read('/k'));
    expect((await Promise.all(updates)).every((done) => done)).toBe(true);
    for (const hit of await Promise.all(reads)) if (hit !== undefined) expect(hit.bodyBytes).toBe(65_536);
    expect(tier.stats.counts).toMatchObject({ corrupt: 0 });
    expect((await tier.read('/k'))?.meta.equals(metas[1] ?? Buffer.alloc(0))).toBe(true);
  });

  it('skips writes over its queue, and counts them', async () => {
    const { tier } = await open({ writeQueueBytes: 3 * MIB });
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, (_, index) => tier.write(`/${index}`, object(`/${index}`, MIB))),
    );
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(2);
    expect(tier.stats.skippedWrites['disk-queue-full']).toBe(4);
    expect(await tier.write('/later', object('/later', MIB))).toBe('stored');
    expect(await tier.write('/huge', object('/huge', 33 * MIB))).toBe('disk-object-too-large');
  });

  it('makes misses of reads that would wait too long', async () => {
    const { tier, files } = await open({ waitingReads: 2, atOnce: 1 });
    await tier.write('/k', object('/k'));
    const gate = new Gate();
    files.hooks.read = () => gate.passed;
    const reads = Array.from({ length: 5 }, () => tier.read('/k'));
    gate.open();
    const hits = (await Promise.all(reads)).filter((hit) => hit !== undefined);
    expect([hits.length, tier.stats.counts.skippedReads]).toEqual([3, 2]);
  });
});

describe('what is torn or rotten', () => {
  async function oneFile(bytes: number): Promise<{ folder: string; path: string; content: Buffer }> {
    const folder = await temporaryFolder(cleanup);
    const { tier } = await open({ folder });
    await tier.write('/k', object('/k', bytes));
    await tier.close();
    const [path = ''] = await objectFiles(folder);
    return { folder, path, content: await readFile(path) };
  }

  it('is a miss at every length and with every byte changed, while running', async () => {
    const folder = await temporaryFolder(cleanup);
    const test = await open({ folder });
    await test.tier.write('/k', object('/k', 300));
    const [path = ''] = await objectFiles(folder);
    const content = await readFile(path);
    let corrupt = 0;
    for (let at = 0; at < content.length; at++) {
      const flipped = Buffer.from(content);
      flipped[at] = (content[at] ?? 0) ^ (1 + (at % 255));
      for (const damaged of [content.subarray(0, at), flipped]) {
        await test.tier.write('/k', object('/k', 300));
        await writeFile(path, damaged);
        expect(await test.tier.read('/k')).toBeUndefined();
        expect(test.tier.stats).toMatchObject({ objects: 0, counts: { corrupt: ++corrupt } });
      }
    }
    expect(await objectFiles(folder)).toEqual([]);
  }, 60_000);

  it('is a miss after a restart, removed and counted, and what is whole stays', async () => {
    const { folder, path, content } = await oneFile(150_000);
    const places = fc.oneof(fc.nat(500), fc.integer({ min: 0, max: content.length - 1 }));
    await fc.assert(
      fc.asyncProperty(places, fc.integer({ min: 1, max: 255 }), fc.boolean(), async (at, change, cut) => {
        await writeFile(path, content);
        if (cut) await truncate(path, at);
        else
          await writeFile(
            path,
            Buffer.from(content.map((byte, index) => (index === at ? byte ^ change : byte))),
          );
        const test = await open({ folder });
        const hit = await test.tier.read('/k');
        const { corrupt } = test.tier.stats.counts;
        await test.tier.close();
        expect([hit, corrupt, await objectFiles(folder)]).toEqual([undefined, 1, []]);
      }),
      { numRuns: 60 },
    );
    await writeFile(path, content);
    expect(await has(await open({ folder }), '/k')).toBe(true);
  }, 60_000);

  it('is only as bad as the blocks that are asked for', async () => {
    const { folder, path, content } = await oneFile(200_000);
    const rotten = Buffer.from(content);
    rotten[content.length - 1] = (content.at(-1) ?? 0) ^ 1;
    await writeFile(path, rotten);
    const { tier } = await open({ folder });
    expect(
      (await tier.readRange('/k', 0, 65_536))?.body.equals(bodyFor('/k', 200_000).subarray(0, 65_536)),
    ).toBe(true);
    expect(await tier.readRange('/k', 199_000, 199_001)).toBeUndefined();
    expect(tier.mayHave('/k')).toBe(false);
  });

  it('is another key at this name', async () => {
    const { folder, path } = await oneFile(1000);
    const { tier } = await open({ folder });
    await tier.write('/other', object('/other'));
    const other = (await objectFiles(folder)).find((one) => one !== path) ?? '';
    await writeFile(other, await readFile(path));
    expect(await tier.read('/other')).toBeUndefined();
    expect(tier.stats.counts.corrupt).toBe(1);
  });
});
