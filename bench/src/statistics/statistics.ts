/** The middle of a set of figures and how far they lay apart. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** (max - min) / median; 0 where the median is 0. */
  readonly spread: number;
}

/** The middle value; the mean of the two middle ones for an even count. Throws RangeError on an empty list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  if (upper === undefined) throw new RangeError('the median of nothing is not defined');
  if (sorted.length % 2 === 1) return upper;
  const lower = sorted[(sorted.length >> 1) - 1] ?? upper;
  return lower + (upper - lower) / 2;
}

/** Throws RangeError on an empty list. */
export function summarize(values: readonly number[]): Summary {
  const middle = median(values);
  const min = Math.min(...values);
  const max = Math.max(...values);
  return { median: middle, min, max, spread: middle === 0 ? 0 : (max - min) / middle };
}

/** One figure of one contender in one round. */
export interface RoundValue {
  readonly round: number;
  readonly value: number;
}

/**
 * Ratios of two contenders within each round that both have, in order of rounds.
 * Pairing cancels what slowed a whole round. Rounds where the divisor is 0 are left out.
 */
export function ratiosWithinRounds(
  subject: readonly RoundValue[],
  other: readonly RoundValue[],
): RoundValue[] {
  const divisors = new Map(other.map(({ round, value }) => [round, value]));
  return subject
    .flatMap(({ round, value }) => {
      const divisor = divisors.get(round);
      return divisor === undefined || divisor === 0 ? [] : [{ round, value: value / divisor }];
    })
    .sort((a, b) => a.round - b.round);
}

/**
 * The smallest value that at least the share `quantile` of all values do not exceed (nearest rank). `sorted` is in
 * rising order. Throws RangeError on an empty list or a quantile outside 0 to 1.
 */
export function quantileOf(sorted: ArrayLike<number>, quantile: number): number {
  if (!(quantile >= 0 && quantile <= 1)) throw new RangeError(`no quantile: ${quantile}`);
  const value = sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('the quantile of nothing is not defined');
  return value;
}
