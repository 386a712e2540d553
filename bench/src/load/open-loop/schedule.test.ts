import fc from 'fast-check';
import { expect, it } from 'vitest';
import { evenSchedule } from './schedule.js';

it('spreads requests evenly', () => {
  const schedule = evenSchedule(4, 2);
  expect(schedule.total).toBe(8);
  expect([0, 1, 7].map(schedule.dueMs)).toEqual([0, 250, 1750]);
  expect([-1, 0, 249, 250, 10_000].map(schedule.dueCount)).toEqual([0, 1, 1, 2, 8]);
});

it('counts as due exactly those whose time has come', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), fc.nat({ max: 5000 }), (rate, elapsed) => {
      const schedule = evenSchedule(rate, 4);
      const count = schedule.dueCount(elapsed);
      if (count > 0) expect(schedule.dueMs(count - 1)).toBeLessThanOrEqual(elapsed + 1e-6);
      if (count < schedule.total) expect(schedule.dueMs(count)).toBeGreaterThan(elapsed - 1e-6);
    }),
  );
});
