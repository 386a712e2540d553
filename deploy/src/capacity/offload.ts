import type { OffloadPoint } from './measured.js';

/** Who watches what at the peak. */
export interface Audience {
  readonly viewers: number;
  readonly streams: number;
  /** Zipf's exponent: 0 is even. */
  readonly popularity: number;
  /** Share of the viewers of a stream who are near others of it in time. */
  readonly together: number;
  /** Share of viewers who can and may share. */
  readonly able: number;
  /** Share of viewers who are kept from sharing, to be compared with. */
  readonly holdout: number;
}

/**
 * Share of bytes from peers where so many watch one stream together: between the measured points by the logarithm of
 * viewers, never beyond the largest; below two there is nobody to take from.
 */
export function offloadOf(viewers: number, points: readonly OffloadPoint[]): number {
  const known = [{ viewers: 1, offload: 0 }, ...points].sort((one, other) => one.viewers - other.viewers);
  let below = { viewers: 1, offload: 0 };
  for (const point of known) {
    if (point.viewers > viewers) {
      const share = Math.log(viewers / below.viewers) / Math.log(point.viewers / below.viewers);
      return viewers <= 1 ? 0 : below.offload + share * (point.offload - below.offload);
    }
    below = point;
  }
  return below.offload;
}

/** Viewers of each stream, the most watched first. */
export function viewersByStream({ viewers, streams, popularity }: Audience): number[] {
  const weights = Array.from({ length: streams }, (_, index) => (index + 1) ** -popularity);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => (viewers * weight) / total);
}

/** Share of all played bytes that peers give: only those who can and may share count as company. */
export function offloadOfAudience(audience: Audience, points: readonly OffloadPoint[]): number {
  const sharing = audience.able * (1 - audience.holdout);
  const fromPeers = viewersByStream(audience).reduce((sum, here) => {
    const company = here * sharing * audience.together;
    return sum + here * sharing * offloadOf(company, points);
  }, 0);
  return fromPeers / audience.viewers;
}
