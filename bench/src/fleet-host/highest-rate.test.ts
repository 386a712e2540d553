import fc from 'fast-check';
import { expect, it } from 'vitest';
import { highestRate } from './highest-rate.js';

const search = { from: 1_600, factor: 1.5, halvings: 4, upTo: 1_000_000 };

it('comes close to what a host holds, and never says more', async () => {
  const capacities = fc.integer({ min: 1_600, max: 500_000 });
  await fc.assert(
    fc.asyncProperty(capacities, async (capacity) => {
      const rate = await highestRate(async (perSecond) => perSecond <= capacity, search);
      expect(rate).toBeLessThanOrEqual(capacity);
      expect(rate).toBeGreaterThan(capacity * (1 - 0.5 / 2 ** search.halvings) - 1);
    }),
  );
});

it('says 0 where not even the first rate holds, and stops at the end', async () => {
  expect(await highestRate(async () => false, search)).toBe(0);
  expect(await highestRate(async () => true, { ...search, upTo: 4_000 })).toBe(3_600);
});
