import { HISTOGRAMS, type LogBuckets } from './log-buckets.js';

/** Additive figures of a cube. Bytes are media bytes unless said otherwise. */
export const COUNTERS = [
  /** From the edge: by the edge's own count where it can tell the session, else as the player says. */
  'edgeBytes',
  /** From the edge, as players say. */
  'claimedEdgeBytes',
  /** Of the claimed ones, by where the edge said that it had them. */
  'edgeMemoryBytes',
  'edgeDiskBytes',
  'edgeFillBytes',
  /** From other viewers, as downloaders say. */
  'peerBytes',
  /** Of these, from viewers of the same network, of the same region; the rest is far, or not known. */
  'peerNetworkBytes',
  'peerRegionBytes',
  /** As uploaders say. */
  'uploadedBytes',
  'wastedBytes',
  'duplicateBytes',
  'hashFailedBytes',
  /** Not media: words of the room's sockets. */
  'signalingBytes',
  'turnBytes',
  'watchedMs',
  'rebufferMs',
  'rebuffers',
  'startups',
  'startupMs',
  'errors',
  /** What was watched at the encoded bitrate that players named. */
  'playedKbits',
  /** Of `watchedMs`, with a bitrate named. */
  'ratedMs',
  'beacons',
  'sessions',
  /** Integrity. Claimed from the edge, but not sent by it. */
  'unsentBytes',
  /** Sent by the edge, but not claimed in time. */
  'unclaimedBytes',
  /** Claimed from the edge by sessions that it cannot tell by their requests. */
  'unwitnessedBytes',
  /** Claimed from a viewer who does not say that it sent them. */
  'unmatchedPeerBytes',
  /** Said to be uploaded, but nobody says that they came. */
  'unmatchedUploadBytes',
  /** Claimed to be watched beyond the time that passed; not counted as watched. */
  'cappedMs',
] as const;
export type Counter = (typeof COUNTERS)[number];

/** `startup_0`, … : how many were in that bucket. */
export type Bucket = `${LogBuckets['name']}_${number}`;
export type Measure = Counter | Bucket;
/** What is absent is 0. */
export type Sums = { readonly [Name in Measure]?: number };

export function buckets({ name, count }: LogBuckets): Bucket[] {
  return Array.from({ length: count }, (_, index): Bucket => `${name}_${index}`);
}

export const BUCKETS: readonly Bucket[] = HISTOGRAMS.flatMap(buckets);
export const MEASURES: readonly Measure[] = [...COUNTERS, ...BUCKETS];

export function counts(sums: Sums, histogram: LogBuckets): number[] {
  return buckets(histogram).map((bucket) => sums[bucket] ?? 0);
}

type Growing = { -readonly [Name in Measure]?: number };

/** Adds up what is given. */
export class Tally {
  readonly #sums: Growing = {};

  get sums(): Sums {
    return this.#sums;
  }

  add(measure: Measure, amount: number): void {
    if (amount !== 0) this.#sums[measure] = (this.#sums[measure] ?? 0) + amount;
  }

  addAll(sums: Sums): void {
    for (const measure of keysOf(sums)) this.add(measure, sums[measure] ?? 0);
  }
}

/** Only those that are there: most sums are sparse. */
function keysOf(sums: Sums): Measure[] {
  return Object.keys(sums) as Measure[];
}
