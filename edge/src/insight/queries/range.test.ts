import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GRAIN_MINUTES } from '../store/insight-store.js';
import { RANGE_NAMES } from './figures.js';
import { grainOfStep, ofOneStream, rangeBetween, rangeEndingAt, widened } from './range.js';

const NOW_MS = Date.UTC(2026, 10, 26, 8, 17);

describe('ranges', () => {
  it.each([
    ['1h', 'minute', 'minute'],
    ['24h', 'hour', 'hour'],
    ['7d', 'day', 'hour'],
    ['90d', 'day', 'day'],
    ['3y', 'week', 'week'],
  ] as const)('of %s are read by %s, of one stream by %s', (name, whole, one) => {
    const range = rangeEndingAt(name, NOW_MS);
    expect([widened(range).grain, ofOneStream(range).grain]).toEqual([whole, one]);
  });

  it('are whole steps that hold what was asked for, and few', () => {
    const ranges = fc.oneof(
      fc.constantFrom(...RANGE_NAMES).map((name) => rangeEndingAt(name, NOW_MS)),
      fc
        .tuple(fc.integer({ min: 1, max: 94_000_000_000 }), fc.nat(94_000_000_000))
        .map(([ms, before]) => rangeBetween(NOW_MS - before - ms, NOW_MS - before)),
    );
    fc.assert(
      fc.property(ranges, (range) => {
        for (const { from, to, stepMinutes } of [range, ofOneStream(range)]) {
          expect([from % stepMinutes, to % stepMinutes]).toEqual([0, 0]);
          expect(from).toBeLessThanOrEqual(range.from);
          expect(to).toBeGreaterThanOrEqual(range.to);
          expect((to - from) / stepMinutes).toBeLessThanOrEqual(205);
          expect(stepMinutes % GRAIN_MINUTES[grainOfStep(stepMinutes)]).toBe(0);
        }
        const { from, to, grain } = widened(range);
        expect([from % GRAIN_MINUTES[grain], to % GRAIN_MINUTES[grain]]).toEqual([0, 0]);
      }),
    );
  });
});
