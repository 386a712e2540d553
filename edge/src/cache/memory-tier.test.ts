import { describe, expect, it } from 'vitest';
import { MemoryTier, sizeInMemory } from './memory-tier.js';
import { CACHE_POLICIES } from './policy/open-store.js';

interface Thing {
  readonly key: string;
  readonly path: string;
  readonly bytes: number;
}
const thing = (key: string, bytes = 10): Thing => ({ key, path: key.replace(/\?.*/, ''), bytes });

describe.each(CACHE_POLICIES)('MemoryTier, %s', (policy) => {
  const open = (limitBytes = 100): MemoryTier<Thing> =>
    new MemoryTier<Thing>({ limitBytes, sizeOf: ({ bytes }) => bytes, policy });

  it('finds and deletes the variants of a path, and no other', () => {
    const tier = open();
    for (const key of ['/a.m3u8', '/a.m3u8?_HLS_msn=1', '/a.m3u8?_HLS_msn=2', '/a.m3u82', '/b'])
      tier.set(thing(key));
    expect(tier.ofPath('/a.m3u8').map(({ key }) => key)).toHaveLength(3);
    expect(tier.deletePath('/a.m3u8')).toBe(3);
    expect(tier.deletePath('/a.m3u8')).toBe(0);
    expect([tier.peek('/a.m3u8'), tier.get('/a.m3u82')?.key, tier.stats.objects]).toEqual([
      undefined,
      '/a.m3u82',
      2,
    ]);
  });

  it('deletes what a predicate names and says which', () => {
    const tier = open();
    for (const key of ['/live/1', '/live/2', '/vod/1']) tier.set(thing(key));
    expect(tier.deleteWhere(({ path }) => path.startsWith('/live/')).sort()).toEqual(['/live/1', '/live/2']);
    expect([tier.ofPath('/live/1'), tier.matching(() => true).map(({ key }) => key)]).toEqual([
      [],
      ['/vod/1'],
    ]);
  });

  it('has no path for what was pushed out, refused or moved to another path', () => {
    const tier = open();
    for (let at = 0; at < 100; at++) tier.set(thing(`/${at}`));
    const { objects, bytes, limitBytes, evictions } = tier.stats;
    expect([bytes, limitBytes, evictions]).toEqual([10 * objects, 100, 100 - objects]);
    const purged = Array.from({ length: 100 }, (_, at) => tier.deletePath(`/${at}`));
    expect(purged.reduce((sum, count) => sum + count)).toBe(objects);
    tier.set(thing('/a'));
    tier.set(thing('/a', 101));
    expect([tier.deletePath('/a'), tier.stats.bytes]).toEqual([0, 0]);
    tier.set({ ...thing('/a'), path: '/old' });
    tier.set({ ...thing('/a'), path: '/new' });
    expect([tier.deletePath('/old'), tier.deletePath('/new'), tier.delete('/a')]).toEqual([0, 1, false]);
  });
});

it('counts body, names and overhead', () => {
  const size = sizeInMemory({ key: '/a', body: Buffer.alloc(1000) });
  expect(size - sizeInMemory({ key: '/abc', body: Buffer.alloc(1000) })).toBe(-8);
  expect(size - sizeInMemory({ key: '/a', body: Buffer.alloc(10) })).toBe(2 * 990);
});
