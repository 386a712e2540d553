import { describe, expect, it } from 'vitest';
import type { Timeline } from '../../../../src/insight/queries/figures.js';
import { offloadSeries, throughputSeries, trafficOf, viewersSeries } from './traffic.js';

function timeline(fromMs: number, points: readonly (readonly [number, number, number])[]): Timeline {
  const none = { uploadedBytes: 0, wastedBytes: 0, rebufferMs: 0, rebuffers: 0, sessions: 0 };
  return {
    range: { name: '1h', fromMs, toMs: fromMs + points.length * 60_000 },
    stepSeconds: 60,
    points: points.map(([edgeBytes, peerBytes, watchedMs], index) => ({
      ...{ startMs: fromMs + index * 60_000, edgeBytes, peerBytes, watchedMs, ...none },
      ...{ offload: edgeBytes + peerBytes > 0 ? peerBytes / (edgeBytes + peerBytes) : null },
      rebufferShare: null,
    })),
  };
}

describe('traffic over time', () => {
  const now = timeline(120_000, [
    [600, 1800, 120_000],
    [100, 300, 20_000],
  ]);
  const steps = trafficOf(now, 190_000);

  it('is means over steps, and over the part of the last one that has passed', () => {
    expect(steps).toEqual([
      { startMs: 120_000, edgeBytesPerSecond: 10, peerBytesPerSecond: 30, viewers: 2, offload: 0.75 },
      { startMs: 180_000, edgeBytesPerSecond: 10, peerBytesPerSecond: 30, viewers: 2, offload: 0.75 },
    ]);
  });

  it('is laid over the time before', () => {
    const before = timeline(0, [
      [60, 60, 60_000],
      [0, 0, 0],
    ]);
    expect(throughputSeries(steps, now, before).map(({ label, values }) => [label, values])).toEqual([
      ['Edge', [10, 10]],
      ['Peers', [30, 30]],
      ['All, the time before', [2, 0]],
    ]);
    expect(viewersSeries(steps, now, before)[1]?.values).toEqual([1, 0]);
    expect(offloadSeries(steps, now, before)[1]?.values).toEqual([0.5, null]);
    expect(throughputSeries(steps, now)).toHaveLength(2);
  });
});
