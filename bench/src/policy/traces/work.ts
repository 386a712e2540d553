import { liveTrace } from './live.js';
import { mixTraces, type Trace } from './trace.js';
import { vodTrace } from './vod.js';

const HOUR_MS = 3_600_000;
const TITLES = 200;
const WINDOW_SEGMENTS = 150;

export interface Work {
  readonly name: string;
  readonly description: string;
  readonly make: (seed: number) => Trace;
}

const library = (exponent: number): Work => ({
  name: `VOD, Zipf ${exponent}`,
  description: `${TITLES} titles of 1 to 60 minutes, four renditions, a tenth of them new; most viewers leave early`,
  make: (seed) =>
    vodTrace(`vod-${exponent}`, {
      ...{ titles: TITLES, exponent, requests: 300_000, durationMs: 6 * HOUR_MS, seed },
    }),
});

const channels = (count: number, durationMs: number, seed: number): Trace =>
  liveTrace('live', {
    ...{ channels: count, exponent: 1, windowSegments: WINDOW_SEGMENTS, dvrShare: 0.1 },
    ...{ requests: 150_000, durationMs, seed: seed + 1000 },
  });

/** What edges live on, smaller than life: what counts is the cache as a share of it. */
export const WORK: readonly Work[] = [
  library(0.7),
  library(0.9),
  library(1.1),
  {
    name: 'live',
    description:
      '60 channels by Zipf 1, ten-minute windows, four renditions, a tenth of the viewers back in time',
    make: (seed) => channels(60, HOUR_MS, seed),
  },
  {
    name: 'VOD and live',
    description: 'half of the requests for 200 titles by Zipf 0.9, half for 30 channels',
    make: (seed) =>
      mixTraces(
        'mix',
        vodTrace('vod', {
          ...{ titles: TITLES, exponent: 0.9, requests: 150_000, durationMs: 3 * HOUR_MS, seed },
        }),
        channels(30, 3 * HOUR_MS, seed),
      ),
  },
];

/** Sizes of the cache, as shares of all that can be asked for at one time. */
export const CACHE_SHARES: readonly number[] = [0.01, 0.05, 0.2];
