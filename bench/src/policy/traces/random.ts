/** From 0 (inclusive) to 1 (exclusive). */
export type Random = () => number;

/** The same seed gives the same numbers (mulberry32); good enough to draw viewers, not secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Normal with mean 0 and deviation 1 (Box-Muller). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Waiting times between independent arrivals. */
export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random());
}

/** Below shape 1 most give up early and those who stay, stay long: how viewers leave. */
export function weibull(random: Random, shape: number, scale: number): number {
  return scale * (-Math.log(1 - random())) ** (1 / shape);
}

/** Draws ranks from 0 to `count` - 1; rank r is as likely as 1 / (r + 1)^exponent. */
export function zipf(count: number, exponent: number): (random: Random) => number {
  return weighted(Array.from({ length: count }, (_, rank) => (rank + 1) ** -exponent));
}

/** Draws an index as likely as its weight. */
export function weighted(weights: readonly number[]): (random: Random) => number {
  const sums = new Float64Array(weights.length);
  let sum = 0;
  for (const [index, weight] of weights.entries()) {
    sum += weight;
    sums[index] = sum;
  }
  return (random) => {
    const wanted = random() * sum;
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
