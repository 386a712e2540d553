import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BITRATE, bucketOf, HISTOGRAMS, quantile, REBUFFER, STARTUP } from './log-buckets.js';

describe('log buckets', () => {
  it.each([
    [STARTUP, 0, 0],
    [STARTUP, 100, 0],
    [STARTUP, 101, 1],
    [STARTUP, 160, 1],
    [STARTUP, 1e9, 11],
    [REBUFFER, 0, 0],
    [REBUFFER, 0.005, 1],
    [REBUFFER, 1, 8],
    [BITRATE, 6000, 8],
    [BITRATE, Number.NaN, 0],
  ] as const)('put a value where its bounds are (%#)', (histogram, value, bucket) => {
    expect(bucketOf(histogram, value)).toBe(bucket);
  });

  it('give quantiles that are off by their factor at most', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...HISTOGRAMS),
        fc.array(fc.double({ min: 0.01, max: 0.99, noNaN: true }), { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (histogram, shares, q) => {
          const { first, factor, count } = histogram;
          // Within the bounded buckets.
          const values = shares.map((share) => first * factor ** (share * (count - 2)));
          const counts = Array.from({ length: count }, () => 0);
          for (const value of values) {
            const bucket = bucketOf(histogram, value);
            counts[bucket] = (counts[bucket] ?? 0) + 1;
          }
          const exact = values.sort((a, b) => a - b)[Math.max(0, Math.ceil(q * values.length) - 1)] ?? 0;
          const found = quantile(histogram, counts, q) ?? 0;
          expect(found / exact).toBeLessThanOrEqual(factor * 1.0001);
          expect(exact / found).toBeLessThanOrEqual(factor * 1.0001);
        },
      ),
    );
  });

  it('know nothing of nothing', () => {
    expect(quantile(STARTUP, [0, 0], 0.5)).toBeNull();
  });
});
