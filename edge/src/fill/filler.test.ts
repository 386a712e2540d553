import { describe, expect, it } from 'vitest';
import { MemoryTier, sizeInMemory } from '../cache/memory-tier.js';
import { VaryIndex } from '../cache/vary.js';
import type { SegmentDigests } from '../digests/segment-digests.js';
import { UpstreamTally } from '../telemetry/edge-counters.js';
import type { UpstreamHeaders } from '../upstream/upstream.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import { NO_BACKING_STORE } from './backing-store.js';
import type { Fill } from './fill.js';
import { FillMemory } from './fill-memory.js';
import { FillTable } from './fill-table.js';
import { Filler } from './filler.js';
import { PassMarks } from './pass-marks.js';

interface Scripted {
  readonly pieces: readonly string[];
  readonly headers?: UpstreamHeaders;
  readonly breaksWith?: UpstreamError;
}

/** A filler whose origin says what is scripted, and a diary of what digests were told. */
function setUp() {
  const diary: string[] = [];
  const clock = { now: () => 1000 };
  const tier = new MemoryTier({ limitBytes: 1_000_000, sizeOf: sizeInMemory });
  const table = new FillTable({ maxFills: 2 });
  const marks = new PassMarks({ clock });
  const memory = new FillMemory({ limitBytes: 2000 });
  let script: Scripted = { pieces: [] };
  const digests: SegmentDigests = {
    size: 0,
    shouldHash: (path) => path.endsWith('.m4s'),
    find: () => undefined,
    onKnown: () => () => {},
    confirm: (path) => diary.push(`confirm ${path}`),
    invalidate: (path) => diary.push(`invalidate ${path}`),
    invalidateMatching: () => [],
    hasher: () => ({
      update: (chunk) => diary.push(`update ${chunk}`),
      finish: (bytes) => diary.push(`finish ${bytes}, cached ${tier.peek('/a.m4s')?.body}`),
      abort: () => diary.push('abort'),
    }),
  };
  const filler = new Filler({
    ...{ tier, table, marks, memory, digests },
    ...{ varies: new VaryIndex(), backing: NO_BACKING_STORE, allocate: Buffer.alloc },
    tally: new UpstreamTally({ clock }),
    wallClock: clock,
    onFailure: () => {},
  });
  const source = {
    upstream: {
      usesQuery: false,
      close: async () => {},
      async fetch() {
        const { pieces, headers = {}, breaksWith } = script;
        async function* body(): AsyncGenerator<Buffer> {
          for (const piece of pieces) yield Buffer.from(piece);
          if (breaksWith !== undefined) throw breaksWith;
        }
        return {
          ...{ status: 200, headers, fields: Object.entries(headers).flat(), endIsKnown: true },
          body: Object.assign(body(), { discard: () => {} }),
        };
      },
    },
    policy: {
      ...{ rules: [], builtInRules: true, negativeMs: 1000, heuristicPercent: 0 },
      ...{ staleIfErrorMs: 0, staleWhileRevalidateMs: 0 },
    },
    ...{ maxObjectBytes: 1000, sliceBytes: 0, isStore: true },
  };
  async function fill(
    next: Scripted,
    meanwhile: (fill: Fill) => void = () => {},
    path = '/a.m4s',
  ): Promise<void> {
    script = next;
    const joined = table.join({ key: path, path, fields: [] });
    if (joined.role !== 'writer') throw new Error('the table was not empty');
    const done = filler.run(joined.fill, {
      ...{ primaryKey: path, variantKey: path, source, upstreamPath: path, upstreamQuery: '' },
      ...{ fields: [], authorized: false, stale: tier.peek(path) },
    });
    meanwhile(joined.fill);
    await done;
  }
  return { diary, tier, table, memory, fill };
}

describe('digests of fills', () => {
  it('follow a whole body, and end when it is cached', async () => {
    const { diary, fill } = setUp();
    await fill({ pieces: ['ab', 'cd'], headers: { 'content-length': '4' } });
    expect(diary).toEqual(['update ab', 'update cd', 'finish 4, cached abcd']);
  });

  it('forget the old bytes before they learn the new', async () => {
    const { diary, fill } = setUp();
    await fill({ pieces: ['old'] });
    await fill({ pieces: ['old'] });
    await fill({ pieces: ['new'] });
    expect(diary.filter((line) => !line.startsWith('update'))).toEqual([
      'finish 3, cached old',
      'finish 3, cached old',
      'invalidate /a.m4s',
      'finish 3, cached new',
    ]);
  });

  it.each([
    ['broken off', { pieces: ['ab'], breaksWith: new UpstreamError('origin-cut', 'x') }],
    ['too short', { pieces: ['ab'], headers: { 'content-length': '3' } }],
    ['too long', { pieces: ['ab', 'cd'], headers: { 'content-length': '3' } }],
    ['grown over the limit', { pieces: ['a'.repeat(600), 'b'.repeat(600)] }],
  ])('are given up for a body that is %s, which is not cached', async (_case, script) => {
    const { diary, fill, tier, table } = setUp();
    await fill(script);
    expect(diary.at(-1)).toBe('abort');
    expect([tier.stats.objects, table.size]).toEqual([0, 0]);
  });

  it('are given up for what was purged on its way', async () => {
    const { diary, fill, tier, table } = setUp();
    await fill({ pieces: ['ab'] }, () =>
      expect(table.purge(({ path }) => path === '/a.m4s')).toEqual(['/a.m4s']),
    );
    expect(diary).toEqual(['update ab', 'abort']);
    expect(tier.stats.objects).toBe(0);
  });

  it('are not made of what players see otherwise, or never share', async () => {
    const { diary, fill } = setUp();
    await fill({ pieces: ['ab'], headers: { 'content-encoding': 'gzip' } });
    await fill({ pieces: ['ab'] }, undefined, '/index.html');
    expect(diary).toEqual([]);
  });
});

describe('memory of fills', () => {
  it.each([
    ['a known length', { 'content-length': '4' }],
    ['an unknown length', {}],
  ])('is asked for before it is given, and given back (%s)', async (_case, headers) => {
    const { fill, memory, tier } = setUp();
    const others = memory.open();
    expect(others.take(1997)).toBe(true);
    let end: unknown;
    await fill({ pieces: ['ab', 'cd'], headers }, (running) => {
      end = running.ended;
    });
    expect(await end).toMatchObject({ is: 'failed', error: { code: 'fill-memory' } });
    expect([memory.heldBytes, tier.stats.objects]).toEqual([1997, 0]);
    others.release();
    await fill({ pieces: ['ab', 'cd'], headers });
    expect([memory.heldBytes, tier.stats.objects]).toEqual([0, 1]);
  });
});

describe('the fill table', () => {
  it('has one writer a key, and refuses more keys than it may', () => {
    const table = new FillTable({ maxFills: 2 });
    expect(['/a', '/a', '/b', '/c'].map((key) => table.join({ key, path: key, fields: [] }).role)).toEqual([
      'writer',
      'reader',
      'writer',
      'refused',
    ]);
  });
});

describe('the memory tier', () => {
  it('counts overhead, and lets the least recently used go', async () => {
    const { fill, tier } = setUp();
    for (const name of ['a', 'b']) await fill({ pieces: ['x'] }, undefined, `/${name}.html`);
    expect(tier.stats.bytes).toBeGreaterThan(2000);
    const small = new MemoryTier({ limitBytes: 3000, sizeOf: sizeInMemory });
    const [a, b] = [tier.get('/a.html'), tier.get('/b.html')];
    if (a === undefined || b === undefined) throw new Error('not cached');
    small.set(a);
    small.set(b);
    small.get('/a.html');
    small.set({ ...b, key: '/c.html' });
    expect([small.peek('/a.html'), small.peek('/b.html')]).toEqual([a, undefined]);
    expect(small.stats).toMatchObject({ objects: 2, evictions: 1 });
    expect(small.matching(({ path }) => path === '/a.html')).toEqual([a]);
  });
});
