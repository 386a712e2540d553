import { describe, expect, it } from 'vitest';
import { estimateSavings, studentQuantile, upperBound } from './estimate.js';
import { runGroundTruth } from './ground-truth.js';
import { addMoments, momentsOf, NO_MOMENTS } from './moments.js';

const NOTHING = { signalingBytes: 0, turnBytes: 0, duplicateBytes: 0, hashFailedBytes: 0 };
/** Holdout draws 2 GB an hour, treated 0.5, in two clusters alike. */
const TWO = momentsOf([
  [2, 1, 4.5, 9],
  [2, 1, 4.5, 9],
]);

describe('savings', () => {
  it('are what treated viewers would have drawn at the rate of the holdout, less what they drew and the overhead', () => {
    const overhead = { signalingBytes: 1e9, turnBytes: 2e9, duplicateBytes: 3e9, hashFailedBytes: 4e9 };
    expect(estimateSavings(TWO, overhead)).toMatchObject({
      kind: 'estimate',
      // (2 - 0.5) GB x 18 h - 10 GB
      savedBytes: 17e9,
      lowBytes: 17e9,
      highBytes: 17e9,
      savedShare: 17 / 36,
      holdout: { edgeBytes: 4e9, watchedHours: 2, bytesPerHour: 2e9 },
      treated: { edgeBytes: 9e9, watchedHours: 18, bytesPerHour: 5e8 },
      overheadBytes: 10e9,
      clusters: 2,
      isReliable: false,
    });
  });

  it('may be negative, and say so', () => {
    const worse = momentsOf([
      [1, 1, 20, 9],
      [1, 1, 20, 9],
    ]);
    expect(estimateSavings(worse, NOTHING)?.savedBytes).toBe(-22e9);
  });

  it('have the error of the residuals of their clusters', () => {
    const clusters = [
      [3, 1, 4, 9],
      [1, 1, 5, 9],
      [2, 1, 4.5, 9],
    ];
    const { savedBytes = 0, highBytes = 0 } = estimateSavings(momentsOf(clusters), NOTHING) ?? {};
    // By the definition, cluster by cluster: 9 (E_h - 2 W_h) - (E_t - 0.5 W_t).
    const squares = clusters.reduce((sum, [eh = 0, wh = 0, et = 0, wt = 0]) => {
      const pull = 9 * (eh - 2 * wh) - (et - 0.5 * wt);
      return sum + pull * pull;
    }, 0);
    const error = Math.sqrt((squares * 3) / 2) * 1e9;
    expect((highBytes - savedBytes) / error).toBeCloseTo(studentQuantile(2), 6);
  });

  it('are not estimated where one of the arms watched nothing', () => {
    expect(estimateSavings(NO_MOMENTS, NOTHING)).toBeUndefined();
    expect(estimateSavings(momentsOf([[0, 0, 4, 9]]), NOTHING)).toBeUndefined();
  });

  it('without a holdout are an upper bound, of bytes that uploaders confirm', () => {
    const bound = upperBound({
      ...{ peerBytes: 100, unmatchedPeerBytes: 30 },
      overhead: { ...NOTHING, signalingBytes: 5 },
    });
    expect(bound).toEqual({ kind: 'upper bound', savedBytes: 65, overheadBytes: 5 });
  });

  it('come from moments that add up', () => {
    const one = momentsOf([[2, 1, 4.5, 9]]);
    expect(addMoments(one, one)).toEqual(TWO);
  });

  it.each([
    [4, 2.776],
    [10, 2.228],
    [30, 2.042],
    [1e6, 1.96],
  ])("have Student's quantile of %d degrees", (degrees, expected) => {
    expect(studentQuantile(degrees)).toBeCloseTo(expected, 1);
  });
});

describe('savings beside the truth', () => {
  const WORLD = { sessions: 7000, streams: 200, hours: 24 };

  // 1,000 seeds are the bench's (`npm run bench -- savings`): of 12, three or more misses come once in 50 such lists.
  it('are held by the interval, which is narrow, and hardly shifted by liars', () => {
    let covered = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const { estimate, trueBytes } = runGroundTruth({ ...WORLD, seed, liarShare: 0.05 });
      if (estimate.lowBytes <= trueBytes && trueBytes <= estimate.highBytes) covered++;
      expect((estimate.highBytes - estimate.lowBytes) / 2 / estimate.savedBytes).toBeLessThan(0.15);
      if (seed > 3) continue;
      const honest = runGroundTruth({ ...WORLD, seed }).estimate;
      expect(Math.abs(estimate.savedShare - honest.savedShare)).toBeLessThan(0.01);
    }
    expect(covered).toBeGreaterThanOrEqual(10);
  });
});
