import { expect, it } from 'vitest';
import type { Timeline } from '../../../../src/insight/queries/figures.js';
import { stalledSeries, stalledSteps } from './stalled.js';

function timeline(fromMs: number, stalled: readonly (number | null)[]): Timeline {
  const none = { edgeBytes: 0, peerBytes: 0, uploadedBytes: 0, wastedBytes: 0, sessions: 0, offload: null };
  return {
    range: { name: '1h', fromMs, toMs: fromMs + stalled.length * 60_000 },
    stepSeconds: 60,
    points: stalled.map((rebufferShare, index) => ({
      ...{ startMs: fromMs + index * 60_000, rebufferShare, rebuffers: 0, ...none },
      ...{ rebufferMs: rebufferShare ?? 0, watchedMs: rebufferShare === null ? 0 : 1 - rebufferShare },
    })),
  };
}

it('time stalled is told by arm, step by step, and only of arms that anybody watched in', () => {
  const treated = timeline(120_000, [0.25, null, 0.5]);
  const steps = stalledSteps({ treated, holdout: timeline(120_000, [0.75, 0.5]) });
  expect(steps.map(({ treated, holdout }) => [treated, holdout])).toEqual([
    [0.25, 0.75],
    [null, 0.5],
    [0.5, null],
  ]);
  const earlier = timeline(-60_000, [0.125, null, 1]);
  expect(stalledSeries(steps, treated, earlier).map(({ label, values }) => [label, values])).toEqual([
    ['Holdout', [0.75, 0.5, null]],
    ['With peers', [0.25, null, 0.5]],
    ['With peers, the time before', [0.125, null, 1]],
  ]);
  const alone = stalledSteps({ treated, holdout: timeline(120_000, [null, null, null]) });
  expect(stalledSeries(alone, treated, undefined).map(({ label }) => label)).toEqual(['With peers']);
});
