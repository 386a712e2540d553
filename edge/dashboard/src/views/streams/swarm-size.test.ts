import { describe, expect, it } from 'vitest';
import type { Streams } from '../../../../src/insight/queries/figures.js';
import { swarmSizes } from './swarm-size.js';

const HOUR_MS = 3_600_000;

function stream(presentation: string, viewers: number, edgeBytes: number, peerBytes: number) {
  const none = {
    uploadedBytes: 0,
    wastedBytes: 0,
    rebufferMs: 0,
    rebuffers: 0,
    sessions: 0,
    liveViewers: 0,
    meanViewers: viewers,
  };
  const all = edgeBytes + peerBytes;
  return {
    ...{ presentation, edgeBytes, peerBytes, watchedMs: viewers * HOUR_MS, ...none },
    ...{ offload: all > 0 ? peerBytes / all : null, rebufferShare: 0 },
  } satisfies Streams['streams'][number];
}

describe('swarm size against offload', () => {
  it('places streams by powers of ten, sized by what they deliver', () => {
    const rows = [stream('/small', 1, 10, 0), stream('/large', 100, 250, 750), stream('/none', 0, 0, 0)];
    expect(swarmSizes(rows)).toEqual({
      dots: [
        { presentation: '/large', viewers: 100, offload: 0.75, x: 1, y: 0.75, size: 1 },
        { presentation: '/small', viewers: 1, offload: 0, x: 0, y: 0, size: 0.1 },
      ],
      ticks: [
        { viewers: 1, x: 0 },
        { viewers: 10, x: 0.5 },
        { viewers: 100, x: 1 },
      ],
    });
  });

  it('has an axis also with nothing or only the least on it', () => {
    expect(swarmSizes([]).ticks).toHaveLength(2);
    const { dots, ticks } = swarmSizes([stream('/rare', 0.02, 1, 1)]);
    expect(ticks.map(({ viewers }) => viewers)).toEqual([0.01, 0.1]);
    expect(dots[0]?.x).toBeCloseTo(0.3, 2);
  });
});
