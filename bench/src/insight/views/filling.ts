import {
  BITRATE,
  buckets,
  type Cube,
  GRAIN_MINUTES,
  type Grain,
  type Measure,
  REBUFFER,
  STARTUP,
} from '@eddy/edge/insight';

/** How much a store is filled with. */
export interface FillSize {
  readonly streams: number;
  readonly pops: number;
  readonly regions: number;
  readonly networks: number;
  readonly minuteDays: number;
  readonly hourDays: number;
  readonly dayDays: number;
}

export const FULL: FillSize = {
  ...{ streams: 2000, pops: 4, regions: 12, networks: 20 },
  ...{ minuteDays: 7, hourDays: 90, dayDays: 3 * 365 },
};
export const QUICK: FillSize = {
  ...{ streams: 100, pops: 2, regions: 4, networks: 5 },
  ...{ minuteDays: 1, hourDays: 8, dayDays: 40 },
};

/** All ends at this minute, a midnight, and the end of a week of the epoch. */
export const END_MINUTE: number = 20_699 * 1440;

export const ARMS = ['treated', 'holdout'] as const;
export const DEVICES = ['desktop', 'mobile', 'tablet', 'tv'] as const;

export function streamName(index: number): string {
  return `/catalogue/${index}/master.m3u8`;
}

/** First and last of the times that are filled at a grain, and their step, in minutes. */
export function times(size: FillSize, grain: Grain): { from: number; count: number; step: number } {
  const { minuteDays: minute, hourDays: hour, dayDays: day } = size;
  const days = { minute, hour, day, week: day - (day % 7) }[grain];
  const step = GRAIN_MINUTES[grain];
  return { from: END_MINUTE - days * 1440, count: (days * 1440) / step, step };
}

/** Rows of a cube at one time. */
export function rowsAtOnce(size: FillSize, cube: Cube): number {
  const arms = ARMS.length;
  if (cube === 'total') return size.pops * arms;
  if (cube === 'stream') return size.streams * size.pops * arms;
  return size.regions * size.networks * DEVICES.length * arms;
}

const SPREAD: Partial<Record<Measure, number>> = {
  ...{ edgeBytes: 30, claimedEdgeBytes: 30, edgeMemoryBytes: 30, edgeDiskBytes: 28, edgeFillBytes: 26 },
  ...{ peerBytes: 31, peerNetworkBytes: 29, peerRegionBytes: 29, uploadedBytes: 31 },
  ...{ wastedBytes: 24, duplicateBytes: 24, signalingBytes: 16 },
  ...{ watchedMs: 22, rebufferMs: 12, rebuffers: 4, startups: 3, startupMs: 12, playedKbits: 24 },
  ...{ ratedMs: 22, beacons: 6, sessions: 3 },
};
/** Buckets that honest figures lie in. */
const USED = new Set<Measure>([
  ...buckets(STARTUP).slice(1, 6),
  ...buckets(REBUFFER).slice(0, 4),
  ...buckets(BITRATE).slice(3, 8),
]);

/** A made-up value of each measure, of `h` (a hash of the row of 64 bits, as both databases have it) and `n`. */
export function madeUp(measure: Measure, index: number, shift: (bits: number) => string): string {
  const bits = SPREAD[measure] ?? (USED.has(measure) ? 4 : undefined);
  if (bits === undefined) return '0';
  return `(${shift(index % 30)}) % ${2 ** bits}`;
}
