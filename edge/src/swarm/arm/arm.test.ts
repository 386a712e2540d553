import { describe, expect, it } from 'vitest';
import { armOf } from './arm.js';

const viewers = Array.from({ length: 10_000 }, (_, index) => `viewer-${index}`);
const holdouts = (site: string, percent: number): string[] =>
  viewers.filter((viewer) => armOf(viewer, site, percent) === 'holdout');

describe('armOf', () => {
  it.each([1, 10, 50])('holds out about %d percent of 10,000 viewers', (percent) => {
    const expected = viewers.length * (percent / 100);
    const deviation = Math.sqrt(expected * (1 - percent / 100));
    expect(Math.abs(holdouts('a.example', percent).length - expected)).toBeLessThan(4 * deviation);
  });

  it('holds out nobody at 0 and everybody at 100', () => {
    expect(holdouts('a.example', 0)).toEqual([]);
    expect(holdouts('a.example', 100)).toHaveLength(viewers.length);
  });

  it('only adds viewers when the percentage grows', () => {
    const more = new Set(holdouts('a.example', 20));
    expect(holdouts('a.example', 10).every((viewer) => more.has(viewer))).toBe(true);
  });

  it('draws anew for another site', () => {
    const other = new Set(holdouts('b.example', 50));
    const both = holdouts('a.example', 50).filter((viewer) => other.has(viewer)).length;
    expect(both).toBeGreaterThan(2200);
    expect(both).toBeLessThan(2800);
  });
});
