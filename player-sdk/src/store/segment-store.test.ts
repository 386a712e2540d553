import { describe, expect, it } from 'vitest';
import type { HeldSegment } from '../swarm/swarm.js';
import { testSegment } from '../testing/media.js';
import { SegmentStore } from './segment-store.js';

const segments = async (count: number, bytes = 100): Promise<HeldSegment[]> =>
  Promise.all(Array.from({ length: count }, (_, sequence) => testSegment(sequence, bytes)));

function storeOf(memoryBytes: number): { store: SegmentStore; evicted: number[] } {
  const evicted: number[] = [];
  const store = new SegmentStore({ memoryBytes, onEvict: ({ name }) => evicted.push(name.sequence) });
  return { store, evicted };
}

describe('segment store', () => {
  it('finds segments by root and by name', async () => {
    const { store } = storeOf(1000);
    const [one, other] = await segments(2);
    if (one === undefined || other === undefined) throw new Error('two segments');
    expect(store.add(one)).toBe(true);
    expect(store.byRoot(one.digest.root.slice())).toBe(one);
    expect(store.byName({ ...one.name })).toBe(one);
    expect(store.byRoot(other.digest.root)).toBeUndefined();
    expect(store.byName(other.name)).toBeUndefined();
  });

  it('never holds more bytes than it may', async () => {
    const { store, evicted } = storeOf(1000);
    for (const segment of await segments(25)) {
      store.add(segment);
      expect(store.bytes).toBeLessThanOrEqual(1000);
    }
    expect(evicted).toEqual(Array.from({ length: 15 }, (_, index) => index));
    expect(store.size).toBe(10);
  });

  it('evicts the least recently used of the older half, never of the newer', async () => {
    const { store, evicted } = storeOf(1000);
    const all = await segments(12);
    for (const segment of all.slice(0, 10)) store.add(segment);
    for (const segment of all.slice(0, 3)) store.byRoot(segment.digest.root);
    for (const segment of all.slice(10)) store.add(segment);
    expect(evicted).toEqual([3, 4]);
    // Those that came last were never used, and stay all the same.
    for (const sequence of [0, 1, 2, 5]) store.byName({ rendition: 7, sequence });
    for (const segment of await segments(14)) if (segment.name.sequence > 11) store.add(segment);
    expect(evicted).toEqual([3, 4, 6, 7]);
  });

  it('evicts first what the others hold too', async () => {
    const evicted: number[] = [];
    const store = new SegmentStore({
      memoryBytes: 1000,
      copiesOf: ({ sequence }) => (sequence === 2 ? 3 : sequence === 4 ? 1 : 0),
      onEvict: ({ name }) => evicted.push(name.sequence),
    });
    for (const segment of await segments(13)) store.add(segment);
    expect(evicted).toEqual([2, 4, 0]);
  });

  it('does not take a segment larger than its memory', async () => {
    const { store, evicted } = storeOf(1000);
    expect(store.add(await testSegment(1, 1001))).toBe(false);
    expect(store.add(await testSegment(2, 1000))).toBe(true);
    expect([store.size, evicted]).toEqual([1, []]);
  });

  it('gives up the bytes of a place that has others by now, and says so', async () => {
    const { store, evicted } = storeOf(1000);
    const old = await testSegment(1, 100);
    const fresh = await testSegment(11, 100);
    const reused = { ...fresh, digest: { ...fresh.digest, path: old.digest.path } };
    const alias = { ...reused, name: { rendition: 8, sequence: 11 } };
    store.add(old);
    for (const segment of [reused, alias]) store.add(segment);
    expect(evicted).toEqual([1]);
    expect(store.byRoot(old.digest.root)).toBeUndefined();
    expect([store.size, store.bytes]).toEqual([2, 200]);
    // Other ranges of one file are other places.
    const range = { ...old, digest: { ...old.digest, path: reused.digest.path, start: 100 } };
    store.add(range);
    expect([store.size, evicted]).toEqual([3, [1]]);
  });

  it('keeps one segment a name, and serves bytes that have two names until both are gone', async () => {
    const { store, evicted } = storeOf(250);
    const first = await testSegment(1, 100);
    const replaced = { ...(await testSegment(2, 100)), name: first.name };
    store.add(first);
    store.add(replaced);
    expect(store.byRoot(first.digest.root)).toBeUndefined();
    expect(store.byName(first.name)).toBe(replaced);
    const alias = { ...replaced, name: { rendition: 8, sequence: 1 } };
    store.add(alias);
    store.add(await testSegment(3, 100));
    expect(evicted).toEqual([1]);
    expect(store.byRoot(replaced.digest.root)).toBe(alias);
    store.clear();
    expect([store.size, store.bytes]).toEqual([0, 0]);
  });
});
