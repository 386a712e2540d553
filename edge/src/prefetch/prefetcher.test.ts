import { beforeEach, describe, expect, it } from 'vitest';
import type { PrefetchConfig } from './prefetch-config.js';
import { createPrefetcher, type Prefetcher } from './prefetcher.js';

const CONFIG: PrefetchConfig = {
  ...{ segments: 2, maxFills: 4, maxViewerFills: 3, bytesPerSecond: 10_000_000, minUsePercent: 50 },
};
const VOD = Buffer.from(
  ['#EXTM3U', '#EXT-X-MAP:URI="init.mp4"', ...Array.from({ length: 500 }, (_, at) => `${at}.m4s`)].join('\n'),
);

let nowMs: number;
let held: Set<string>;
let fills: { readonly name: string; readonly ended: (bytes: number | undefined) => void }[];
let viewerFills: number;
let originIsWell: boolean;
beforeEach(() => {
  nowMs = 0;
  held = new Set();
  fills = [];
  viewerFills = 0;
  originIsWell = true;
});

function open(changed: Partial<PrefetchConfig> = {}): Prefetcher {
  return createPrefetcher(
    {
      clock: { now: () => nowMs },
      isHeld: (path) => held.has(path),
      fill: (path, range, ended) => {
        held.add(path);
        fills.push({ name: range === undefined ? path : `${path} ${range.start}+${range.bytes}`, ended });
      },
      fillsInFlight: () => viewerFills + fills.length,
      originIsWell: () => originIsWell,
    },
    { ...CONFIG, ...changed },
  );
}

/** Ends what is under way and says what it was. */
function endFills(came: number | 'failed' = 1000): string[] {
  return fills.splice(0).map(({ name, ended }) => {
    ended(came === 'failed' ? undefined : came);
    return name;
  });
}

/** A request for a segment, four seconds after the one before. */
function ask(prefetcher: Prefetcher, number: number): string[] {
  nowMs += 4000;
  prefetcher.onRequest(`/v/${number}.m4s`);
  return endFills();
}

describe('prefetcher', () => {
  it('runs ahead of a viewer who starts at the beginning, each segment once', () => {
    const prefetcher = open();
    prefetcher.onStored('/v/index.m3u8', VOD);
    expect([ask(prefetcher, 0), ask(prefetcher, 1), ask(prefetcher, 2), ask(prefetcher, 499)]).toEqual([
      ['/v/1.m4s', '/v/2.m4s'],
      ['/v/3.m4s'],
      ['/v/4.m4s'],
      [],
    ]);
    expect(prefetcher.stats).toMatchObject({ started: 4, used: 2, bytes: 4000, inFlight: 0 });
    expect(prefetcher.stats.reasons['no-next']).toBe(1);
  });

  it('waits for the second segment after a seek', () => {
    const prefetcher = open();
    prefetcher.onStored('/v/index.m3u8', VOD);
    expect([ask(prefetcher, 100), ask(prefetcher, 200), ask(prefetcher, 201)]).toEqual([
      [],
      [],
      ['/v/202.m4s', '/v/203.m4s'],
    ]);
    nowMs += 60_000;
    expect(ask(prefetcher, 202)).toEqual([]);
  });

  it('does nothing without the playlist, or switched off', () => {
    expect(ask(open(), 0)).toEqual([]);
    const off = open({ segments: 0 });
    off.onStored('/v/index.m3u8', VOD);
    expect([ask(off, 0), off.stats.segmentsKnown]).toEqual([[], 0]);
  });

  it('fetches a new initialization before its segment, by range where it is one', () => {
    const lines = ['#EXT-X-MAP:URI="a.mp4"', '0.m4s', '#EXT-X-MAP:URI="b.mp4"', '1.m4s', '2.m4s'];
    const prefetcher = open();
    prefetcher.onStored('/v/index.m3u8', Buffer.from(['#EXTM3U', ...lines].join('\n')));
    expect(ask(prefetcher, 0)).toEqual(['/v/b.mp4', '/v/1.m4s', '/v/2.m4s']);
    const ranges = ['#EXT-X-BYTERANGE:10@50', 'all.mp4', '#EXT-X-BYTERANGE:30', 'all.mp4'];
    prefetcher.onStored('/w/index.m3u8', Buffer.from(['#EXTM3U', ...ranges].join('\n')));
    prefetcher.onRequest('/w/all.mp4', 50);
    expect(endFills()).toEqual(['/w/all.mp4 60+30']);
  });

  it('leaves gaps and other sites out', () => {
    const lines = ['0.m4s', '#EXT-X-GAP', '1.m4s', 'https://elsewhere.example/2.m4s', '3.m4s'];
    const prefetcher = open({ segments: 3 });
    prefetcher.onStored('/v/index.m3u8', Buffer.from(['#EXTM3U', ...lines].join('\n')));
    expect(ask(prefetcher, 0)).toEqual(['/v/3.m4s']);
  });

  it('stands back while viewers wait or the origin fails', () => {
    const prefetcher = open();
    prefetcher.onStored('/v/index.m3u8', VOD);
    viewerFills = 3;
    expect(ask(prefetcher, 0)).toEqual([]);
    viewerFills = 0;
    originIsWell = false;
    expect(ask(prefetcher, 1)).toEqual([]);
    originIsWell = true;
    expect(ask(prefetcher, 2)).toEqual(['/v/3.m4s', '/v/4.m4s']);
    expect(prefetcher.stats.reasons).toMatchObject({ 'viewers-first': 1, 'origin-failing': 1 });
  });

  it('counts its own fills until they end, not as those of viewers', () => {
    const prefetcher = open();
    for (const site of ['/v', '/w', '/x', '/y']) prefetcher.onStored(`${site}/index.m3u8`, VOD);
    for (const site of ['/v', '/w', '/x']) prefetcher.onRequest(`${site}/0.m4s`);
    expect([fills.length, prefetcher.stats.reasons['max-fills']]).toEqual([4, 1]);
    endFills();
    prefetcher.onRequest('/y/0.m4s');
    expect([fills.length, prefetcher.stats.inFlight]).toEqual([2, 2]);
  });

  it('keeps to its rate by what segments weigh, not by what it guessed', () => {
    const prefetcher = open({ bytesPerSecond: 2_500_000 });
    prefetcher.onStored('/v/index.m3u8', VOD);
    prefetcher.onRequest('/v/0.m4s');
    expect(endFills(9_000_000)).toHaveLength(2);
    prefetcher.onStored('/v/1.m4s', Buffer.alloc(1));
    nowMs += 6000;
    prefetcher.onRequest('/v/1.m4s');
    expect([fills.length, prefetcher.stats.reasons['no-bytes']]).toEqual([0, 1]);
    nowMs += 1000;
    prefetcher.onRequest('/v/1.m4s');
    expect(fills.length).toBe(1);
  });

  it('thinks about a segment once a second, however many ask for it', () => {
    const prefetcher = open();
    prefetcher.onStored('/v/index.m3u8', VOD);
    for (let viewer = 0; viewer < 100; viewer++) prefetcher.onRequest('/v/0.m4s');
    prefetcher.onRequest('/v/0.m4s', 65_536);
    expect([endFills().length, prefetcher.stats.reasons.held]).toEqual([2, 0]);
  });

  it('pauses when nobody uses what it fetches, and tries again after a minute', () => {
    const prefetcher = open();
    for (let site = 0; site < 40; site++) {
      prefetcher.onStored(`/${site}/index.m3u8`, VOD);
      nowMs += 1000;
      prefetcher.onRequest(`/${site}/0.m4s`);
      endFills();
    }
    expect(prefetcher.stats.started).toBe(80);
    nowMs += 60_000;
    prefetcher.onStored('/v/index.m3u8', VOD);
    expect([ask(prefetcher, 0), prefetcher.stats.unused, prefetcher.stats.reasons.wasteful]).toEqual([
      [],
      80,
      1,
    ]);
    nowMs += 60_000;
    expect([ask(prefetcher, 1), ask(prefetcher, 2)]).toEqual([[], ['/v/3.m4s', '/v/4.m4s']]);
  });

  it('does not hold a failed fill for unused', () => {
    const prefetcher = open();
    prefetcher.onStored('/v/index.m3u8', VOD);
    prefetcher.onRequest('/v/0.m4s');
    endFills('failed');
    nowMs += 120_000;
    ask(prefetcher, 300);
    expect(prefetcher.stats).toMatchObject({ failed: 2, used: 0, unused: 0, bytes: 0, inFlight: 0 });
  });
});
