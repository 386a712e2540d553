import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ring } from './ring.js';

describe('a ring', () => {
  it('never gives the same bytes twice, and gives all when it is empty', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constant(0))), (steps) => {
        const ring = new Ring({ bytes: 100 });
        const taken: { at: number; end: number }[] = [];
        // 0 gives back.
        for (const bytes of steps) {
          if (bytes === 0) {
            if (taken.shift() !== undefined) ring.giveBackOldest();
            continue;
          }
          const at = ring.take(bytes);
          if (at === undefined) {
            expect(taken.length).toBeGreaterThan(0);
            continue;
          }
          const end = at + bytes;
          expect([at >= 0, end <= 100]).toEqual([true, true]);
          for (const other of taken) expect(at >= other.end || end <= other.at).toBe(true);
          taken.push({ at, end });
        }
      }),
      { numRuns: 2000 },
    );
  });
});
