import { quantileOf } from '../../statistics/statistics.js';

/** How a set of durations is spread. */
export interface Latencies {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Throws RangeError on an empty list. */
export function describeLatencies(milliseconds: ArrayLike<number>): Latencies {
  const sorted = Float64Array.from(milliseconds).sort();
  return { p50Ms: quantileOf(sorted, 0.5), p99Ms: quantileOf(sorted, 0.99), maxMs: quantileOf(sorted, 1) };
}
