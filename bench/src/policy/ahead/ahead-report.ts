import type { BenchComponents, BenchOptions } from '../../bench.js';
import { BenchError } from '../../errors.js';
import type { Contender, Metric, Turn, WorkloadReport } from '../../report/report.js';
import { summarizeTurns } from '../../report/summary.js';
import { vodTrace } from '../traces/vod.js';
import { type AheadResult, simulateAhead } from './simulate-ahead.js';

const WAIT: Metric = { key: 'meanWaitMs', label: 'mean wait', unit: 'ms', better: 'lower' };
const METRICS: readonly Metric[] = [
  WAIT,
  { key: 'p95WaitMs', label: 'p95', unit: 'ms', better: 'lower' },
  { key: 'p99WaitMs', label: 'p99', unit: 'ms', better: 'lower' },
  { key: 'waited', label: 'waited', unit: 'share', better: 'lower' },
  { key: 'originBytes', label: 'origin bytes', unit: 'ratio', better: 'lower' },
  { key: 'used', label: 'used', unit: 'share', better: 'higher' },
];

export const AHEAD_METHOD: readonly string[] = [
  "Fetching ahead: the edge's own prefetcher and LRU under the clock of a VOD trace (Zipf 0.9, 100,000 requests), " +
    'before a simulated origin whose bodies share a gigabit link. Waits are for the first byte of segments.',
];

const AHEAD: readonly number[] = [0, 1, 2, 4];
const CONTENDERS: readonly Contender[] = AHEAD.map((segments) => ({
  name: segments === 0 ? 'off' : `${segments} ahead`,
  family: String(segments),
  version: 'edge/src/prefetch',
  setting: `prefetch.segments ${segments}`,
}));
/** More rounds than this tell nothing more. */
const MAX_ROUNDS = 3;

const CASES = [
  { cacheShare: 0.05, firstByteMs: 60 },
  { cacheShare: 0.01, firstByteMs: 60 },
  { cacheShare: 0.05, firstByteMs: 1000 },
] as const;

/** First-byte times of viewers against bytes from the origin, by how far the edge runs ahead. */
export async function aheadReports(
  { progress, signal }: BenchComponents,
  { rounds }: Pick<BenchOptions, 'rounds'>,
): Promise<WorkloadReport[]> {
  const turns: Turn[][] = CASES.map(() => []);
  for (let round = 1; round <= Math.min(MAX_ROUNDS, rounds); round++) {
    const trace = vodTrace('ahead', {
      ...{ titles: 200, exponent: 0.9, requests: 100_000, durationMs: 7_200_000, seed: round },
    });
    for (const [index, { cacheShare, firstByteMs }] of CASES.entries()) {
      progress(`round ${round}: fetching ahead, origin ${firstByteMs} ms, cache ${cacheShare * 100}%`);
      let offBytes = 0;
      for (const [place, segments] of AHEAD.entries()) {
        await new Promise((resolve) => setImmediate(resolve));
        if (signal.aborted) throw new BenchError('interrupted', 'stopped before the end');
        const limitBytes = Math.floor(trace.catalogueBytes * cacheShare);
        const result = simulateAhead(trace, {
          policy: 'lru',
          limitBytes,
          segments,
          firstByteMs,
          seed: round,
        });
        if (segments === 0) offBytes = result.originBytes;
        const contender = CONTENDERS[place]?.name ?? '';
        turns[index]?.push({ round, contender, values: valuesOf(result, offBytes) });
      }
    }
  }
  return CASES.map(({ cacheShare, firstByteMs }, index) => ({
    name: `fetching ahead, origin ${firstByteMs} ms, cache ${Math.round(cacheShare * 100)}%`,
    description: 'waiting for the first byte of a segment, against bytes from the origin',
    headline: WAIT.key,
    metrics: METRICS,
    rows: summarizeTurns(turns[index] ?? [], CONTENDERS, METRICS),
    comparisons: [],
    turns: turns[index] ?? [],
  }));
}

/** A wait shorter than this is none. */
const FELT_MS = 5;

function valuesOf({ waitsMs, originBytes, stats }: AheadResult, offBytes: number): Record<string, number> {
  const at = (share: number): number => waitsMs[Math.floor(share * (waitsMs.length - 1))] ?? 0;
  const judged = stats.used + stats.unused;
  return {
    meanWaitMs: waitsMs.reduce((sum, wait) => sum + wait, 0) / Math.max(1, waitsMs.length),
    p95WaitMs: at(0.95),
    p99WaitMs: at(0.99),
    waited: waitsMs.filter((wait) => wait > FELT_MS).length / Math.max(1, waitsMs.length),
    originBytes: originBytes / offBytes,
    ...(judged === 0 ? {} : { used: stats.used / judged }),
  };
}
