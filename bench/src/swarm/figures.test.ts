import { describe, expect, it } from 'vitest';
import { figuresOf } from './figures.js';
import type { EdgeRequest } from './link/far-edge.js';
import type { Observed } from './page/observe.js';
import type { TurnTrace, ViewerTrace } from './trace.js';

function asked(path: string, bytes: number): EdgeRequest {
  return { path, range: undefined, at: 0, status: 200, bytes, endedAt: 1, cut: false };
}

const OBSERVED: Observed = {
  watchedMs: 10_000,
  startMs: 500,
  stalledMs: 0,
  stalls: [],
  skippedSeconds: 0,
  position: 9,
  ended: false,
  appendedBytes: 1000,
  appendedAt: [],
  peerReceivedBytes: 0,
  peerSentBytes: 0,
  peerMessages: { count: 0, wordCount: 0, wordBytes: 0 },
  samples: [],
  switches: 0,
  problems: [],
  session: undefined,
  segments: undefined,
  sessionEvents: undefined,
};

function viewer(observed: Partial<Observed>, requests: readonly EdgeRequest[] = []): ViewerTrace {
  return {
    ...{ viewer: 0, joinedAt: 0, leftAt: 10_000, socketBytes: 0, scriptErrors: [], requests },
    observed: { ...OBSERVED, ...observed },
    witnessed: { media: ['aa'], mediaErrors: [], stands: false },
    manner: undefined,
  };
}

function turn(...viewers: ViewerTrace[]): TurnTrace {
  return {
    ...{ scenario: 's', contender: 'c', round: 1, durationMs: 10_000, viewers, originMedia: ['aa'] },
    ...{ browserSeconds: 8, busySeconds: 15, stolenSeconds: 0, cores: 2 },
  };
}

describe('the figures of a turn', () => {
  it('sets media bytes from the edge against bytes handed to source buffers, over all viewers', () => {
    const first = viewer({}, [asked('/live/1.m4s', 900), asked('/live/init-1.mp4?x=1', 100)]);
    const second = viewer({ peerReceivedBytes: 1000 }, [asked('/live/index.m3u8', 5000)]);
    const figures = figuresOf(turn(first, second));
    expect(figures).toMatchObject({ edgePerPlayed: 0.5, offload: 0.5, wasted: 0, controlBytes: 5000 });
  });

  it('counts as wasted what came from wherever and was not played', () => {
    const one = viewer({ peerReceivedBytes: 800 }, [asked('/live/1.m4s', 1200)]);
    expect(figuresOf(turn(one)).wasted).toBe(0.5);
  });

  it('does not count the page itself', () => {
    const one = viewer({}, [asked('/viewer/hls.js', 600_000), asked('/live/1.m4s', 1000)]);
    expect(figuresOf(turn(one))).toMatchObject({ edgeBytes: 1000, controlBytes: 0 });
  });

  it('has who never saw a picture stall all the time, and counts that as the start', () => {
    const good = viewer({ watchedMs: 10_500 });
    const never = viewer({ startMs: undefined });
    expect(figuresOf(turn(good, never))).toMatchObject({ stalled: 0.5, startP95Ms: 10_000 });
  });

  it('counts segments that the origin never published, and whom they killed', () => {
    const fine = viewer({});
    const mediaErrors = [{ at: 1, what: '3: decode' }];
    const wronged = { ...fine, witnessed: { media: ['aa', 'bb', 'cc'], mediaErrors, stands: true } };
    expect(figuresOf(turn(fine, wronged))).toMatchObject({ wrongSegments: 2, died: 1, standing: 1 });
  });

  it('tells of those apart who treat others well', () => {
    const good = viewer({}, [asked('/live/1.m4s', 250)]);
    const bad = { ...viewer({}, [asked('/live/1.m4s', 750)]), manner: 'spoils' as const };
    expect(figuresOf(turn(good, bad))).toMatchObject({ offload: 0.5, honestOffload: 0.75 });
  });

  it('takes idle and browser cores from the machine', () => {
    expect(figuresOf(turn(viewer({})))).toMatchObject({ idle: 0.25, pageCores: 0.8 });
  });
});
