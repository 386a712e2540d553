import { truncate, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import {
  bodyFor,
  FaultyFileSystem,
  objectFiles,
  openTestTier,
  systemError,
} from '../testing/disk-fixture.js';
import { Cleanup, temporaryFolder } from '../testing/edge-fixture.js';
import type { DiskTier, OpenedObject } from './disk-tier.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const KEY = '/v/1.m4s';
const BYTES = 300_000;
const BODY = bodyFor(KEY, BYTES);

async function setUp(bytes = BYTES) {
  const folder = await temporaryFolder(cleanup);
  const files = new FaultyFileSystem();
  const options = { folder, limitBytes: 1e9, pieceBytes: 65_536, lentBytes: 131_072 };
  const opened = await openTestTier(cleanup, options, files);
  const { tier } = opened;
  await tier.ready;
  await tier.write(KEY, { meta: Buffer.from('meta'), tags: 'film', body: bodyFor(KEY, bytes) });
  const [file = ''] = await objectFiles(folder);
  return { ...opened, file };
}

/** Opens what has been read, and so verified, before. */
async function openVerified(tier: DiskTier): Promise<OpenedObject> {
  (await tier.open(KEY))?.release();
  const opened = await tier.open(KEY);
  if (opened === undefined || opened.whole !== undefined) throw new Error('it is not read in pieces');
  return opened;
}

async function read(opened: OpenedObject | undefined, start = 0, end = BYTES): Promise<Buffer> {
  const bytes: Buffer[] = [];
  for await (const piece of opened?.pieces(start, end) ?? []) bytes.push(Buffer.from(piece));
  return Buffer.concat(bytes);
}

describe('an opened object', () => {
  it('is whole and verified the first time, then read in pieces, and verified again after an hour', async () => {
    const { tier, time } = await setUp();
    expect(tier.openKnown(KEY)).toBeUndefined();
    const first = await tier.open(KEY);
    expect([first?.whole?.equals(BODY), await read(first)]).toEqual([true, BODY]);
    const second = await tier.open(KEY);
    expect([second?.whole, second?.tags, second?.bodyBytes]).toEqual([undefined, 'film', BYTES]);
    expect((await read(second)).equals(BODY)).toBe(true);
    const third = tier.openKnown(KEY);
    expect(third?.meta).toBe(second?.meta);
    expect((await read(third, 70_000, 140_001)).equals(BODY.subarray(70_000, 140_001))).toBe(true);
    time.now += 3_600_000;
    expect(tier.openKnown(KEY)).toBeUndefined();
    expect((await tier.open(KEY))?.whole?.equals(BODY)).toBe(true);
  });

  it('is a miss if it rotted before it was verified', async () => {
    const { tier, file } = await setUp();
    const rotten = bodyFor('another', 310_000);
    await writeFile(file, rotten);
    expect(await tier.open(KEY)).toBeUndefined();
    expect([tier.stats.counts.corrupt, tier.mayHave(KEY)]).toEqual([1, false]);
  });

  it('breaks off, and is a miss from then on, if its file becomes shorter', async () => {
    const { tier, file } = await setUp();
    const opened = await openVerified(tier);
    await truncate(file, 200_000);
    await expect(read(opened)).rejects.toThrow('torn');
    expect([tier.mayHave(KEY), tier.stats.counts.corrupt]).toEqual([false, 1]);
  });

  it('breaks off if the disk fails', async () => {
    const { tier, files } = await setUp();
    const opened = await openVerified(tier);
    files.hooks.read = () => {
      throw systemError('EIO');
    };
    await expect(read(opened)).rejects.toThrow('EIO');
    expect([tier.stats.counts.readErrors, tier.mayHave(KEY)]).toEqual([1, false]);
  });

  it.each(['purged', 'replaced', 'marked as stale'])(
    'goes on with what it was when it is %s',
    async (what) => {
      const { tier } = await setUp();
      const opened = await openVerified(tier);
      const pieces = opened.pieces(0, BYTES);
      const bytes = [Buffer.from((await pieces.next()).value ?? [])];
      opened.release();
      if (what === 'purged') await tier.delete(KEY);
      else if (what === 'replaced')
        await tier.write(KEY, { meta: Buffer.from('new'), tags: '', body: bodyFor('new', BYTES) });
      else await tier.updateMeta(KEY, () => Buffer.from('new'));
      for await (const piece of pieces) bytes.push(Buffer.from(piece));
      expect(Buffer.concat(bytes).equals(BODY)).toBe(true);
      expect(() => opened.pieces(0, 1)).toThrow('given back');
      const next = await tier.open(KEY);
      expect(next?.meta.toString()).toBe(what === 'purged' ? undefined : 'new');
      expect(tier.openKnown(KEY)?.meta.toString()).toBe(what === 'purged' ? undefined : 'new');
    },
  );

  it('stays open for who holds it', async () => {
    const { tier } = await setUp();
    const opened = await openVerified(tier);
    const letGo = opened.hold();
    opened.release();
    await tier.delete(KEY);
    expect((await read(opened, 0, 10)).equals(BODY.subarray(0, 10))).toBe(true);
    letGo();
    expect(() => opened.hold()).toThrow('given back');
  });

  it('uses memory again only when the reader asks for more, and lends less of it when much is lent', async () => {
    const { tier } = await setUp();
    const opened = await openVerified(tier);
    const slow = [opened.pieces(0, BYTES), opened.pieces(65_536, BYTES)];
    const held = await Promise.all(
      slow.map(async (pieces) => (await pieces.next()).value ?? Buffer.alloc(0)),
    );
    expect(held.map(({ length }) => length)).toEqual([65_536, 65_536]);
    const lengths = new Set<number>();
    for await (const piece of opened.pieces(0, BYTES)) lengths.add(piece.length);
    expect(Math.max(...lengths)).toBe(8192);
    expect(
      held.map((piece, index) => piece.equals(BODY.subarray(65_536 * index, 65_536 * (index + 1)))),
    ).toEqual([true, true]);
    // One leaves, one goes on: what they had is lent no more.
    await slow[0]?.return();
    for await (const _ of slow[1] ?? []);
    expect((await opened.pieces(0, BYTES).next()).value?.length).toBe(65_536);
  });
});
