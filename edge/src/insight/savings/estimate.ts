import { type ClusterMoments, PRODUCTS } from './moments.js';

/** Bytes that peer sharing cost the network without giving anyone media. */
export interface Overhead {
  readonly signalingBytes: number;
  readonly turnBytes: number;
  /** Came twice or too late. */
  readonly duplicateBytes: number;
  readonly hashFailedBytes: number;
}

export interface ArmRate {
  readonly edgeBytes: number;
  readonly watchedHours: number;
  readonly bytesPerHour: number;
}

/** What the holdout tells about the bytes that treated viewers did not draw from the edge. */
export interface SavingsEstimate {
  readonly kind: 'estimate';
  /** (holdout's edge bytes per watched hour - treated's) x treated hours - overhead. Negative: it cost more. */
  readonly savedBytes: number;
  /** 95% interval. */
  readonly lowBytes: number;
  readonly highBytes: number;
  /** Share of what the treated would have drawn. */
  readonly savedShare: number;
  readonly holdout: ArmRate;
  readonly treated: ArmRate;
  readonly overheadBytes: number;
  /** Streams by hour, of which errors are taken to be independent. */
  readonly clusters: number;
  /** Fewer clusters than `LEAST_CLUSTERS`: the interval is too narrow more often than it says. */
  readonly isReliable: boolean;
}

/** Where no holdout runs: nothing says what viewers would have drawn, so this is the most it can be. */
export interface SavingsUpperBound {
  readonly kind: 'upper bound';
  /** Peer bytes that are matched by uploaders' claims - overhead. */
  readonly savedBytes: number;
  readonly overheadBytes: number;
}

export const LEAST_CLUSTERS = 30;
const GB = 1e9;
const Z = 1.959964;

export function overheadBytes(overhead: Overhead): number {
  return overhead.signalingBytes + overhead.turnBytes + overhead.duplicateBytes + overhead.hashFailedBytes;
}

/**
 * Ratio estimator with cluster-robust (linearized) variance: sessions of one stream and hour share bitrate, audience
 * and trouble, so they are one observation. Both arms of a cluster enter together, so what they share cancels.
 * Undefined: one of the arms watched nothing.
 */
export function estimateSavings(moments: ClusterMoments, overhead: Overhead): SavingsEstimate | undefined {
  const { clusters, sums } = moments;
  const [holdoutGb = 0, holdoutHours = 0, treatedGb = 0, treatedHours = 0] = sums;
  if (holdoutHours <= 0 || treatedHours <= 0) return undefined;
  const holdoutRate = holdoutGb / holdoutHours;
  const treatedRate = treatedGb / treatedHours;
  const scale = treatedHours / holdoutHours;
  // What one cluster pulls the estimate by: scale (E_h - R_h W_h) - (E_t - R_t W_t).
  const weights = [scale, -scale * holdoutRate, -1, treatedRate];
  const squares = PRODUCTS.reduce((sum, [one, other], index) => {
    const times = one === other ? 1 : 2;
    return sum + times * (weights[one] ?? 0) * (weights[other] ?? 0) * (moments.products[index] ?? 0);
  }, 0);
  const correction = clusters > 1 ? clusters / (clusters - 1) : 1;
  const errorBytes = Math.sqrt(Math.max(0, squares * correction)) * GB;
  const lost = overheadBytes(overhead);
  const savedBytes = (holdoutRate - treatedRate) * treatedHours * GB - lost;
  const half = studentQuantile(clusters - 1) * errorBytes;
  return {
    kind: 'estimate',
    savedBytes,
    lowBytes: savedBytes - half,
    highBytes: savedBytes + half,
    savedShare: savedBytes / (holdoutRate * treatedHours * GB),
    holdout: rate(holdoutGb, holdoutHours),
    treated: rate(treatedGb, treatedHours),
    overheadBytes: lost,
    clusters,
    isReliable: clusters >= LEAST_CLUSTERS,
  };
}

export function upperBound(peer: {
  readonly peerBytes: number;
  readonly unmatchedPeerBytes: number;
  readonly overhead: Overhead;
}): SavingsUpperBound {
  const lost = overheadBytes(peer.overhead);
  const matched = Math.max(0, peer.peerBytes - peer.unmatchedPeerBytes);
  return { kind: 'upper bound', savedBytes: matched - lost, overheadBytes: lost };
}

function rate(gb: number, hours: number): ArmRate {
  return { edgeBytes: gb * GB, watchedHours: hours, bytesPerHour: (gb * GB) / hours };
}

/** 97.5% quantile of Student's distribution, by the first terms of its expansion; within 1% from 4 degrees on. */
export function studentQuantile(degrees: number): number {
  const n = Math.max(1, degrees);
  const cubic = (Z ** 3 + Z) / (4 * n);
  const fifth = (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * n ** 2);
  return Z + cubic + fifth;
}
