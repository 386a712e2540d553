import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Belady, nextUses } from './belady.js';
import type { ByteCache } from './byte-cache.js';
import { Heap } from './heap.js';
import { LfuDa } from './lfu-da.js';
import { Sieve } from './sieve.js';
import { WTinyLfu } from './w-tiny-lfu.js';

const OBJECTS = 12;
const requests = fc.array(fc.nat(OBJECTS - 1), { maxLength: 200, size: 'max' });
const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: OBJECTS, maxLength: OBJECTS });

const POLICIES: readonly [string, (limitBytes: number, objects: readonly number[]) => ByteCache][] = [
  ['SIEVE', (limitBytes) => new Sieve(limitBytes)],
  ['W-TinyLFU', (limitBytes) => new WTinyLfu(limitBytes)],
  ['LFU-DA', (limitBytes) => new LfuDa(limitBytes)],
  ['Belady', (limitBytes, objects) => new Belady(limitBytes, nextUses(Uint32Array.from(objects), OBJECTS))],
];

describe.each(POLICIES)('%s', (_, open) => {
  it('never holds more than it may, nor hits what it never saw', () => {
    fc.assert(
      fc.property(requests, sizes, (objects, bytes) => {
        const cache = open(40, objects);
        const seen = new Set<number>();
        for (const object of objects) {
          const hit = cache.access(object, bytes[object] ?? 1);
          expect(cache.bytes).toBeLessThanOrEqual(40);
          expect(hit && !seen.has(object)).toBe(false);
          seen.add(object);
        }
      }),
    );
  });

  it('hits whatever comes again while everything fits', () => {
    const objects = [1, 2, 3, 1, 2, 3];
    const cache = open(1000, objects);
    expect(objects.map((object) => cache.access(object, 5))).toEqual([false, false, false, true, true, true]);
  });
});

it('Belady is the optimum where sizes are equal: no choice of what to keep hits more', () => {
  /** Tries every choice at every miss. */
  const best = (objects: readonly number[], held: readonly number[], room: number): number => {
    const [object, ...rest] = objects;
    if (object === undefined) return 0;
    if (held.includes(object)) return 1 + best(rest, held, room);
    const choices = [held];
    if (held.length < room) choices.push([...held, object]);
    else for (const victim of held) choices.push([...held.filter((other) => other !== victim), object]);
    return Math.max(...choices.map((choice) => best(rest, choice, room)));
  };
  fc.assert(
    fc.property(fc.array(fc.nat(4), { maxLength: 10, size: 'max' }), (objects) => {
      const cache = new Belady(2, nextUses(Uint32Array.from(objects), 5));
      const hits = objects.filter((object) => cache.access(object, 1)).length;
      expect(hits).toBe(best(objects, [], 2));
    }),
  );
});

it('a heap gives back what it got, lowest first', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { size: 'max', maxLength: 100 }), (priorities) => {
      const heap = new Heap();
      for (const [item, priority] of priorities.entries()) heap.push(item, priority);
      const out = priorities.map(() => heap.pop()?.priority);
      expect(out).toEqual([...priorities].sort((a, b) => a - b));
      expect(heap.pop()).toBeUndefined();
    }),
  );
});
