import { describe, expect, it } from 'vitest';
import type { Timeline } from '../../../src/insight/queries/figures.js';
import { changeOf, differenceOf, laidOver, passedOf, previousSpan, untilNow } from './comparison.js';

function timeline(fromMs: number, toMs: number, stepSeconds: number, edgeBytes: readonly number[]): Timeline {
  const none = { peerBytes: 0, uploadedBytes: 0, wastedBytes: 0, watchedMs: 0, rebufferMs: 0, rebuffers: 0 };
  return {
    range: { name: null, fromMs, toMs },
    stepSeconds,
    points: edgeBytes.map((bytes, index) => ({
      ...{ startMs: fromMs + index * stepSeconds * 1000, edgeBytes: bytes, ...none },
      ...{ sessions: 0, offload: null, rebufferShare: null },
    })),
  };
}

describe('the time before', () => {
  it('is just as long, and ends where this one begins', () => {
    expect(previousSpan({ name: '1h', fromMs: 7_200_000, toMs: 10_800_000 })).toEqual({
      fromMs: 3_600_000,
      toMs: 7_200_000,
    });
  });

  it('tells how much more there is, unless there was nothing', () => {
    expect(changeOf(15, 10)).toBe(0.5);
    expect(changeOf(-5, -10)).toBe(0.5);
    expect([changeOf(5, 0), changeOf(null, 1), changeOf(1, undefined)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('tells shares apart by points, none where there was no share', () => {
    expect(differenceOf(0.5, 0)).toBe(0.5);
    expect([differenceOf(null, 1), differenceOf(1, null)]).toEqual([undefined, undefined]);
  });

  it('counts as far as this time has gone', () => {
    const range = { name: null, fromMs: 1000, toMs: 2000 };
    expect([500, 1000, 1250, 3000].map((nowMs) => passedOf(range, nowMs))).toEqual([0, 0, 0.25, 1]);
    expect(untilNow(range, 1250)).toEqual({ fromMs: 1000, toMs: 1250 });
    expect([untilNow(range, 3000).toMs, untilNow(range, 0).toMs]).toEqual([2000, 2000]);
  });

  it('lies over this one as rates, also where its steps are finer', () => {
    const now = timeline(40_000, 80_000, 20, [1, 1]);
    const rates = laidOver(now, timeline(0, 40_000, 10, [10, 30, 100, 100]));
    expect(rates(({ edgeBytes }) => edgeBytes)).toEqual([2, 10]);
    const short = laidOver(now, timeline(20_000, 40_000, 20, [40]));
    expect(short(({ edgeBytes }) => edgeBytes)).toEqual([null, 2]);
  });
});
