import { describe, expect, it } from 'vitest';
import { CLICKHOUSE_STATEMENTS, GRAIN_NUMBERS, PARTITION_MINUTES, stretch } from './clickhouse-schema.js';
import { GRAIN_MINUTES, GRAINS } from './insight-store.js';

/** Minutes in the spans that a stretch names: those that are read. */
function spansOf(conditions: readonly string[], of: (grain: number) => number, grain: number): number[] {
  return conditions
    .filter((condition) => condition.startsWith('intDiv('))
    .map((condition) => Number(condition.split(' ').at(-1)) * of(grain));
}

/** What the expression divides by, read from the statement itself. */
function spanMinutes(grain: number): number {
  const expression = /multiIf\(([^)]*)\)/.exec(CLICKHOUSE_STATEMENTS.join('\n'))?.[1] ?? '';
  const known = new RegExp(`grain = ${grain}, (\\d+)`).exec(expression)?.[1];
  return Number(known ?? expression.split(', ').at(-1));
}

describe('stretch', () => {
  it.each(GRAINS)('names all spans of its rows by %s, and at most one beyond at either end', (grain) => {
    const number = GRAIN_NUMBERS[grain];
    const minutes = spanMinutes(number);
    for (const count of [1, 2, 7, 13, 30]) {
      const from = 28_213_920 + 7 * GRAIN_MINUTES[grain];
      const to = from + count * GRAIN_MINUTES[grain];
      const [first = Number.NaN, last = Number.NaN] = spansOf(
        stretch(number, { from, to }),
        spanMinutes,
        number,
      );
      expect(first).toBeLessThanOrEqual(from);
      expect(first).toBeGreaterThan(from - minutes);
      expect(last + minutes).toBeGreaterThanOrEqual(to);
      expect(last).toBeLessThan(to);
    }
  });

  it('lets spans lie within one partition, and hold whole steps of their grain', () => {
    for (const grain of GRAINS) {
      const minutes = spanMinutes(GRAIN_NUMBERS[grain]);
      expect(PARTITION_MINUTES % minutes).toBe(0);
      expect(minutes % GRAIN_MINUTES[grain]).toBe(0);
    }
  });

  it('has one end, where only one is asked for', () => {
    const number = GRAIN_NUMBERS.hour;
    expect(stretch(number, { from: 720 }).filter((condition) => condition.includes('<'))).toEqual([]);
    expect(stretch(number, { to: 720 }).at(-1)).toMatch(/<= 0$/);
  });
});
