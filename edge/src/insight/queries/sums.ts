import type { EdgeCounter } from '../measures/edge-counters.js';
import { BITRATE, quantile, REBUFFER, STARTUP } from '../measures/log-buckets.js';
import { buckets, type Counter, counts, type Measure, type Sums } from '../measures/measures.js';
import type { QueryRow } from '../store/insight-store.js';
import type { ArmQuality, Figures, Mismatches, Quantiles } from './figures.js';

type FigureCounter = Exclude<keyof Figures, 'offload' | 'rebufferShare'>;

export const FIGURE_COUNTERS: readonly FigureCounter[] = [
  'edgeBytes',
  'peerBytes',
  'uploadedBytes',
  'wastedBytes',
  'watchedMs',
  'rebufferMs',
  'rebuffers',
  'sessions',
];

export const MISMATCHES: readonly (keyof Mismatches)[] = [
  'edgeBytes',
  'claimedEdgeBytes',
  'unsentBytes',
  'unclaimedBytes',
  'unwitnessedBytes',
  'unmatchedPeerBytes',
  'unmatchedUploadBytes',
  'cappedMs',
  'hashFailedBytes',
];

export const QUALITY_MEASURES: readonly Measure[] = [
  ...FIGURE_COUNTERS,
  ...(['startups', 'startupMs', 'errors', 'playedKbits', 'ratedMs'] as const),
  ...buckets(STARTUP),
  ...buckets(REBUFFER),
  ...buckets(BITRATE),
];

export function addUp(rows: readonly Pick<QueryRow, 'sums'>[]): Sums {
  const all: { -readonly [Name in keyof Sums]: Sums[Name] } = {};
  for (const { sums } of rows) {
    for (const name in sums) {
      const measure = name as Measure;
      all[measure] = (all[measure] ?? 0) + (sums[measure] ?? 0);
    }
  }
  return all;
}

export function pick<Name extends Counter | EdgeCounter>(
  sums: Sums,
  names: readonly Name[],
): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, sums[name] ?? 0])) as Record<Name, number>;
}

/** Adds the shares. */
export function figures(sums: Sums): Figures {
  const counters = pick(sums, FIGURE_COUNTERS);
  return {
    ...counters,
    offload: share(counters.peerBytes, counters.edgeBytes),
    rebufferShare: share(counters.rebufferMs, counters.watchedMs),
  };
}

export function mismatches(sums: Sums): Mismatches {
  return pick(sums, MISMATCHES);
}

export function quality(sums: Sums): Omit<ArmQuality, 'arm'> {
  const { startups, startupMs, errors, playedKbits, ratedMs, watchedMs } = pick(sums, [
    ...(['startups', 'startupMs', 'errors', 'playedKbits', 'ratedMs', 'watchedMs'] as const),
  ]);
  return {
    ...figures(sums),
    startups,
    meanStartupMs: ratio(startupMs, startups),
    startupMs: quantiles(STARTUP, sums),
    reportRebufferShare: quantiles(REBUFFER, sums),
    meanBitrateKbps: ratio(playedKbits * 1000, ratedMs),
    bitrateKbps: quantiles(BITRATE, sums),
    errors,
    errorsPerHour: ratio(errors, watchedMs / 3.6e6),
  };
}

function quantiles(histogram: typeof STARTUP, sums: Sums): Quantiles {
  const inBuckets = counts(sums, histogram);
  return {
    p50: quantile(histogram, inBuckets, 0.5),
    p90: quantile(histogram, inBuckets, 0.9),
    p99: quantile(histogram, inBuckets, 0.99),
  };
}

function ratio(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}

export function share(part: number, rest: number): number | null {
  return part + rest > 0 ? part / (part + rest) : null;
}
