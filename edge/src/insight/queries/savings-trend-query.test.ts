import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Sums, Tally } from '../measures/measures.js';
import { openDuckDbStore } from '../store/duckdb-store.js';
import type { FactRow, InsightStore } from '../store/insight-store.js';
import { group, streamRow } from '../store/insight-store-contract.js';
import { rangeBetween } from './range.js';
import { savingsTrend } from './savings-trend-query.js';

const HOUR = 60;
const START = 480_000 * HOUR;

let store: InsightStore;
beforeEach(async () => {
  store = await openDuckDbStore(':memory:');
});
afterEach(() => store.close());

/** The same in the cube of streams, which moments come from, and in that of all. */
function watched(arm: 'treated' | 'holdout', sums: Sums): FactRow[] {
  const keys = { stream: '/v', pop: 'fra', arm };
  return [streamRow(keys, sums), { cube: 'total', keys: { pop: 'fra', arm }, tally: Tally.of(sums) }];
}

const trend = (hours: number, from = START) =>
  savingsTrend(store, rangeBetween(from * 60_000, (START + hours * HOUR) * 60_000), {});

it('tells each step by itself: an estimate, an upper bound where no holdout watched, or nothing', async () => {
  const treated = { watchedMs: 7_200_000, edgeBytes: 1e9, peerBytes: 3e9 };
  const holdout = { watchedMs: 3_600_000, edgeBytes: 2e9 };
  await store.commit(
    group({ minute: START + 5, rows: [...watched('treated', treated), ...watched('holdout', holdout)] }),
  );
  await store.commit(group({ minute: START + HOUR + 5, rows: watched('treated', treated) }));
  const { stepSeconds, points } = await trend(3);
  expect(stepSeconds).toBe(3600);
  expect(points).toEqual([
    {
      startMs: START * 60_000,
      // (2 GB an hour - 0.5 GB an hour) times 2 hours
      saved: expect.objectContaining({ kind: 'estimate', savedBytes: 3e9, clusters: 1 }),
    },
    { startMs: (START + HOUR) * 60_000, saved: { kind: 'upper bound', savedBytes: 3e9, overheadBytes: 0 } },
    { startMs: (START + 2 * HOUR) * 60_000, saved: null },
  ]);
});

it.each([
  [1, 3600],
  [7 * 24, 6 * 3600],
  [30 * 24, 24 * 3600],
  [365 * 24, 14 * 24 * 3600],
  [3 * 365 * 24, 8 * 7 * 24 * 3600],
])('has at most 32 steps, of whole hours: %d hours by %d s', async (hours, seconds) => {
  const { points, stepSeconds, range } = await trend(hours);
  expect(stepSeconds).toBe(seconds);
  expect(points.length).toBeLessThanOrEqual(32);
  expect(range.fromMs % (stepSeconds * 1000)).toBe(0);
});
