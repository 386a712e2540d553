import { describe, expect, it } from 'vitest';
import type { Mismatches } from '../../../../src/insight/queries/figures.js';
import { claimRows, doubtfulBytes } from './claims.js';

const NONE: Mismatches = {
  ...{ edgeBytes: 0, claimedEdgeBytes: 0, unsentBytes: 0, unclaimedBytes: 0, unwitnessedBytes: 0 },
  ...{ unmatchedPeerBytes: 0, unmatchedUploadBytes: 0, cappedMs: 0, hashFailedBytes: 0 },
};

describe('claims that others do not confirm', () => {
  it('are worth a look from a share on, each by its own', () => {
    const rows = claimRows({
      ...{ ...NONE, edgeBytes: 1000, claimedEdgeBytes: 1000 },
      ...{ unsentBytes: 11, unclaimedBytes: 11, hashFailedBytes: 5 },
    });
    const of = (name: string) => rows.find(({ claim }) => claim.csv === name);
    expect(of('unsentBytes')).toMatchObject({ share: 0.011, isSuspicious: true });
    expect(of('unclaimedBytes')).toMatchObject({ share: 0.011, isSuspicious: false });
    expect(of('hashFailedBytes')).toMatchObject({ value: 5, share: null, isSuspicious: false });
  });

  it('are nothing where nothing was watched', () => {
    expect(claimRows(NONE).every(({ share, isSuspicious }) => share === null && !isSuspicious)).toBe(true);
    expect(doubtfulBytes({ ...NONE, unsentBytes: 1, unmatchedUploadBytes: 2 })).toBe(3);
  });
});
