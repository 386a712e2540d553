import { expect, it } from 'vitest';
import { type TrendPoint, trendSeries } from './trend.js';

const RATE = { edgeBytes: 1, watchedHours: 1, bytesPerHour: 1 };

function estimate(savedBytes: number): TrendPoint {
  return {
    startMs: 0,
    saved: {
      ...{
        kind: 'estimate',
        savedBytes,
        lowBytes: savedBytes - 1,
        highBytes: savedBytes + 1,
        savedShare: 0.5,
      },
      ...{ holdout: RATE, treated: RATE, overheadBytes: 0, clusters: 40, isReliable: true },
    },
  };
}
const BOUND: TrendPoint = { startMs: 0, saved: { kind: 'upper bound', savedBytes: 9, overheadBytes: 0 } };
const NOTHING: TrendPoint = { startMs: 0, saved: null };

const drawn = (points: readonly TrendPoint[]) =>
  trendSeries(points).map(({ label, values }) => [label, values]);

it('savings over time have their interval, and upper bounds are told apart from estimates', () => {
  expect(drawn([estimate(5), NOTHING, BOUND])).toEqual([
    ['Saved', [5, null, null]],
    ['95% interval', [4, null, null]],
    ['95% interval', [6, null, null]],
    ['Upper bound', [null, null, 9]],
  ]);
  expect(drawn([estimate(5)])).toHaveLength(3);
  expect(drawn([BOUND, NOTHING])).toEqual([['Upper bound', [9, null]]]);
});
