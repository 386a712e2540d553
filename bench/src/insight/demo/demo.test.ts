import { describe, expect, it } from 'vitest';
import { chance, DEMO_DEVICES, drawn } from './demo-catalogue.js';
import { demoFacts } from './demo-facts.js';
import { partsOf, SHORT_DEMO, WHOLE_DEMO } from './fill-demo.js';

const MIDNIGHT = 20_139 * 1440;

describe('the made-up company', () => {
  const evening = demoFacts({ minute: MIDNIGHT + 19 * 60, minutes: 60 });

  it('is the same each time, and busier in the evening', () => {
    expect(demoFacts({ minute: MIDNIGHT + 19 * 60, minutes: 60 })).toEqual(evening);
    const watched = (facts: typeof evening): number =>
      facts.reduce((sum, { tally }) => sum + tally.of('watchedMs'), 0);
    expect(watched(evening)).toBeGreaterThan(
      2 * watched(demoFacts({ minute: MIDNIGHT + 3 * 60, minutes: 60 })),
    );
  });

  it('has a holdout that gets everything from the edge', () => {
    const holdout = evening.filter(({ keys }) => keys.arm === 'holdout');
    expect(holdout.length).toBe(evening.length / 2);
    expect(holdout.every(({ tally }) => tally.of('peerBytes') === 0 && tally.of('edgeBytes') >= 0)).toBe(
      true,
    );
  });

  it('is drawn by shares', () => {
    expect([0, 0.41, 0.43, 0.999].map((at) => drawn(DEMO_DEVICES, at).name)).toEqual([
      'desktop',
      'desktop',
      'mobile',
      'tablet',
    ]);
    const many = Array.from({ length: 1000 }, (_, index) => chance(index, 3));
    const mean = many.reduce((sum, value) => sum + value, 0) / 1000;
    expect(mean).toBeGreaterThan(0.46);
    expect(mean).toBeLessThan(0.54);
  });

  it.each([
    [WHOLE_DEMO, 900],
    [SHORT_DEMO, 60],
  ])('is told in parts without gaps, the last ones by minute: %j', (size, most) => {
    for (const now of [MIDNIGHT, MIDNIGHT + 1007, MIDNIGHT + 59, MIDNIGHT + 1439]) {
      const parts = partsOf(now, size);
      let minute = Math.floor(now / 1440 - size.days) * 1440;
      for (const part of parts) {
        expect(part.minute).toBe(minute);
        expect(part.minute % part.minutes).toBe(0);
        minute += part.minutes;
      }
      expect(minute).toBe(now);
      expect(parts.slice(-size.fineMinutes).every(({ minutes }) => minutes === 1)).toBe(true);
      expect([...new Set(parts.map(({ minutes }) => minutes))].slice(0, 2)).toEqual([360, 60]);
      expect(parts.length).toBeLessThan(most);
    }
  });
});
