import { createHash, randomBytes } from 'node:crypto';
import {
  CHUNK_BYTES,
  leavesOf,
  MAX_SEGMENT_BYTES,
  rootOf,
  type SegmentDigest,
  type WantedSegment,
} from '@eddy/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSegmentDigests, type SegmentDigests } from './segment-digests.js';

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const expectedRoot = async (bytes: Uint8Array): Promise<string> =>
  Buffer.from(await rootOf(await leavesOf(bytes, sha256), sha256)).toString('hex');
const hex = (digest: SegmentDigest | undefined): string | undefined =>
  digest && Buffer.from(digest.root).toString('hex');

/** Bodies by path, and work that waits until `run`. */
function setUp(maxSegments = 100) {
  const bodies = new Map<string, Buffer>();
  const waiting: (() => void)[] = [];
  const stale = new Set<string>();
  const digests = createSegmentDigests(
    {
      readCached: (path) => bodies.get(path),
      isStale: (path) => stale.has(path),
      defer: (run) => waiting.push(run),
    },
    { maxSegments },
  );
  const known: { wanted: WantedSegment; digest: SegmentDigest }[] = [];
  digests.onKnown((wanted, digest) => known.push({ wanted, digest }));
  const run = (): number => {
    let steps = 0;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      next();
      steps++;
    }
    return steps;
  };
  return { bodies, stale, digests, known, run, waiting };
}

function fill(digests: SegmentDigests, path: string, body: Buffer, pieces: readonly number[] = [1000]): void {
  const hasher = digests.hasher(path);
  let at = 0;
  for (let turn = 0; at < body.length; turn++) {
    const size = Math.max(1, pieces[turn % pieces.length] ?? 1);
    hasher.update(body.subarray(at, at + size));
    at += size;
  }
  hasher.finish(body.length);
}

describe('a fill', () => {
  it('hashes to what the protocol says, for lengths around chunk borders and any pieces', async () => {
    const source = randomBytes(5 * CHUNK_BYTES + 3);
    const length = fc
      .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: -2, max: 2 }))
      .map(([chunks, off]) => Math.max(0, chunks * CHUNK_BYTES + off));
    const pieces = fc.array(fc.integer({ min: 1, max: 2 * CHUNK_BYTES }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(length, pieces, async (bytes, sizes) => {
        const { digests } = setUp();
        const body = source.subarray(0, bytes);
        fill(digests, '/v/1.m4s', body, sizes);
        const digest = digests.find({ path: '/v/1.m4s' });
        expect(digest).toMatchObject({ path: '/v/1.m4s', start: 0, bytes });
        expect(hex(digest)).toBe(await expectedRoot(body));
      }),
      { numRuns: 60 },
    );
  });

  it('tells listeners once it ends, and not when it was cut or its length is not what was said', () => {
    const { digests, known } = setUp();
    const short = digests.hasher('/short.ts');
    short.update(Buffer.alloc(10));
    short.finish(11);
    const cut = digests.hasher('/cut.ts');
    cut.update(Buffer.alloc(10));
    cut.abort();
    cut.finish(10);
    fill(digests, '/whole.ts', Buffer.alloc(10));
    expect(known.map(({ wanted }) => wanted)).toEqual([{ path: '/whole.ts' }]);
    expect(digests.find({ path: '/cut.ts' })).toBeUndefined();
  });

  it('of more than the largest segment makes no digest', () => {
    const { digests, known } = setUp();
    const hasher = digests.hasher('/big.mp4');
    const piece = Buffer.alloc(1024 * 1024);
    for (let fed = 0; fed <= MAX_SEGMENT_BYTES; fed += piece.length) hasher.update(piece);
    hasher.finish(MAX_SEGMENT_BYTES + piece.length);
    expect(known).toEqual([]);
  });

  it('of other bytes under the same name replaces the digest and forgets the ranges', () => {
    const { digests, bodies, run } = setUp();
    bodies.set('/v.mp4', Buffer.alloc(100));
    const range = { path: '/v.mp4', range: { start: 10, bytes: 20 } };
    digests.find(range);
    run();
    const before = digests.find(range);
    expect(before).toBeDefined();
    bodies.set('/v.mp4', Buffer.alloc(100, 7));
    fill(digests, '/v.mp4', Buffer.alloc(100, 7));
    expect(digests.find(range)).toBeUndefined();
    run();
    expect(hex(digests.find(range))).not.toBe(hex(before));
  });
});

describe('what is asked for', () => {
  it('is computed from the cached body in slices, whole or in part', async () => {
    const { digests, bodies, known, run } = setUp();
    const body = randomBytes(20 * CHUNK_BYTES + 5);
    bodies.set('/v.mp4', body);
    const wanted = { path: '/v.mp4', range: { start: 7, bytes: 3 * CHUNK_BYTES } };
    expect(digests.find(wanted)).toBeUndefined();
    expect(digests.find({ path: '/v.mp4' })).toBeUndefined();
    expect(digests.find(wanted)).toBeUndefined();
    expect(run()).toBeGreaterThan(3);
    expect(known).toHaveLength(2);
    const part = digests.find(wanted);
    expect(part).toMatchObject({ start: 7, bytes: 3 * CHUNK_BYTES });
    expect(hex(part)).toBe(await expectedRoot(body.subarray(7, 7 + 3 * CHUNK_BYTES)));
    expect(hex(digests.find({ path: '/v.mp4' }))).toBe(await expectedRoot(body));
  });

  it('as a range of something not yet cached comes when the fill ends', () => {
    const { digests, bodies, known, run } = setUp();
    const wanted = { path: '/later.mp4', range: { start: 0, bytes: 50 } };
    expect(digests.find(wanted)).toBeUndefined();
    run();
    expect(known).toEqual([]);
    bodies.set('/later.mp4', Buffer.alloc(60));
    fill(digests, '/later.mp4', Buffer.alloc(60));
    run();
    expect(known.map((each) => each.wanted)).toEqual([{ path: '/later.mp4' }, wanted]);
  });

  it('beyond the end of the body has no digest', () => {
    const { digests, bodies, known, run } = setUp();
    bodies.set('/v.mp4', Buffer.alloc(100));
    digests.find({ path: '/v.mp4', range: { start: 90, bytes: 20 } });
    run();
    expect(known).toEqual([]);
  });

  it('is dropped when the path is replaced while it is hashed', () => {
    const { digests, bodies, known, run, waiting } = setUp();
    bodies.set('/v.mp4', Buffer.alloc(40 * CHUNK_BYTES));
    digests.find({ path: '/v.mp4' });
    waiting.shift()?.();
    digests.invalidate('/v.mp4');
    run();
    expect(known).toEqual([]);
  });
});

describe('the index', () => {
  it('is bounded, and lets the longest unused go', () => {
    const { digests, run } = setUp(3);
    for (const name of ['a', 'b', 'c']) fill(digests, `/${name}.ts`, Buffer.from(name));
    digests.find({ path: '/a.ts' });
    fill(digests, '/d.ts', Buffer.from('d'));
    expect(digests.size).toBe(3);
    expect(digests.find({ path: '/a.ts' })).toBeDefined();
    expect(digests.find({ path: '/b.ts' })).toBeUndefined();
    run();
  });

  it('takes media segments and nothing else', () => {
    const { digests } = setUp();
    for (const path of ['/v/1.m4s', '/v/1.TS', '/a.b/init.mp4', '/x.aac']) {
      expect(digests.shouldHash(path), path).toBe(true);
    }
    for (const path of [
      '/v/index.m3u8',
      '/v/ts',
      '/v.ts/file',
      '/key.bin',
      '/é.ts',
      `/${'x'.repeat(1100)}.ts`,
    ]) {
      expect(digests.shouldHash(path), path).toBe(false);
    }
  });
});

describe('a name that is used again', () => {
  const path = '/live/a.ts';
  const [old, fresh] = [randomBytes(1000), randomBytes(900)];

  it('is not answered for while its body is stale, and told of when it was filled anew', () => {
    const { bodies, stale, digests, known, run } = setUp();
    bodies.set(path, old);
    fill(digests, path, old);
    expect(digests.find({ path })).toMatchObject({ bytes: 1000 });
    stale.add(path);
    expect(digests.find({ path })).toBeUndefined();
    expect(run()).toBe(0);
    known.length = 0;
    bodies.set(path, fresh);
    stale.delete(path);
    fill(digests, path, fresh);
    expect(known.map(({ digest }) => digest.bytes)).toEqual([900]);
    run();
    expect(digests.find({ path })).toMatchObject({ bytes: 900 });
  });

  it('is told of once more when the origin says that the bytes are the same', () => {
    const { bodies, stale, digests, known } = setUp();
    bodies.set(path, old);
    fill(digests, path, old);
    stale.add(path);
    digests.find({ path });
    known.length = 0;
    stale.delete(path);
    digests.confirm(path);
    digests.confirm(path);
    expect(known.map(({ digest }) => digest.bytes)).toEqual([1000]);
  });
});
