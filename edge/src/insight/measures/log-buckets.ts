/** Fixed buckets whose bounds grow by one factor: counts of any minutes and edges add up, and quantiles come from sums. */
export interface LogBuckets {
  readonly name: 'startup' | 'rebuffer' | 'bitrate';
  /** Upper bound of the first bucket. */
  readonly first: number;
  readonly factor: number;
  /** The last one has no upper bound. */
  readonly count: number;
}

/** Milliseconds: 100 ms to 11 s. Weighted by sessions. */
export const STARTUP: LogBuckets = { name: 'startup', first: 100, factor: 1.6, count: 12 };
/** Share of a batch's time stalled: 0.25% to 32%. Weighted by batches, of ten seconds mostly. */
export const REBUFFER: LogBuckets = { name: 'rebuffer', first: 0.0025, factor: 2, count: 9 };
/** kbit/s: 200 to 22,000. Weighted by milliseconds watched. */
export const BITRATE: LogBuckets = { name: 'bitrate', first: 200, factor: 1.6, count: 12 };

export const HISTOGRAMS: readonly LogBuckets[] = [STARTUP, REBUFFER, BITRATE];

export function bucketOf({ first, factor, count }: LogBuckets, value: number): number {
  if (!(value > first)) return 0;
  // Bounds themselves belong to the bucket below; logarithms miss them by a hair.
  const bucket = Math.ceil(Math.log(value / first) / Math.log(factor) - 1e-9);
  return Math.min(bucket, count - 1);
}

/**
 * The value that a share `q` (0 to 1) of all is at most, interpolated by logarithm within its bucket; off by at most
 * the factor. Null: nothing was counted.
 */
export function quantile({ first, factor }: LogBuckets, counts: readonly number[], q: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total <= 0) return null;
  let below = 0;
  for (const [bucket, count] of counts.entries()) {
    if (count > 0 && below + count >= q * total) {
      const within = Math.max(0, q * total - below) / count;
      const upper = first * factor ** bucket;
      // Nothing is known of where the first one begins; 0 is as true as any.
      return bucket === 0 ? upper * within : (upper / factor) * factor ** within;
    }
    below += count;
  }
  return first * factor ** (counts.length - 1);
}
