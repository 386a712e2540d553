import { z } from 'zod';
import type { EdgeCounter } from './edge-counters.js';
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
export type Measure = Counter | Bucket | EdgeCounter;
/** What is absent is 0. */
export type Sums = { readonly [Name in Measure]?: number };

/** Of `names`; a newer edge may count more. */
export function sumsSchema(names: readonly string[]): z.ZodType<Sums, unknown> {
  const known = new Set(names);
  return z
    .record(z.string(), z.number().nonnegative())
    .transform((sums) => Object.fromEntries(Object.entries(sums).filter(([name]) => known.has(name))));
}

export function buckets({ name, count }: LogBuckets): Bucket[] {
  return Array.from({ length: count }, (_, index): Bucket => `${name}_${index}`);
}

export const BUCKETS: readonly Bucket[] = HISTOGRAMS.flatMap(buckets);
/** Of what players report. */
export const MEASURES: readonly Measure[] = [...COUNTERS, ...BUCKETS];

export function counts(sums: Sums, histogram: LogBuckets): number[] {
  return buckets(histogram).map((bucket) => sums[bucket] ?? 0);
}

/** Where each measure stands in a tally: an object of so many names would be a dictionary, ten times as slow. */
const PLACES: ReadonlyMap<string, number> = new Map(MEASURES.map((measure, place) => [measure, place]));
const NAMES: readonly string[] = MEASURES.map((measure) => `${JSON.stringify(measure)}:`);
/** Of doubles, so that adding never changes what kind of array it is. */
const NOTHING: readonly number[] = MEASURES.map(() => 0.5).fill(0);

/** Adds up what players report. */
export class Tally {
  /** In the order of `MEASURES`. */
  readonly amounts: number[] = NOTHING.slice();

  static of(sums: Sums): Tally {
    const tally = new Tally();
    tally.addSums(sums);
    return tally;
  }

  of(measure: Measure): number {
    return this.amounts[PLACES.get(measure) ?? -1] ?? 0;
  }

  add(measure: Measure, amount: number): void {
    if (amount === 0) return;
    const place = PLACES.get(measure);
    if (place === undefined) throw new RangeError(`${measure} is nothing that players report`);
    this.amounts[place] = (this.amounts[place] ?? 0) + amount;
  }

  addAll({ amounts }: Tally): void {
    const mine = this.amounts;
    for (let place = 0; place < mine.length; place++) {
      mine[place] = (mine[place] ?? 0) + (amounts[place] ?? 0);
    }
  }

  addSums(sums: Sums): void {
    for (const measure in sums) this.add(measure as Measure, sums[measure as Measure] ?? 0);
  }

  /** What is not 0. */
  get sums(): Sums {
    const sums: { -readonly [Name in Measure]?: number } = {};
    for (const [place, measure] of MEASURES.entries()) {
      const amount = this.amounts[place] ?? 0;
      if (amount !== 0) sums[measure] = amount;
    }
    return sums;
  }

  /** The same as JSON. */
  get json(): string {
    let text = '';
    for (let place = 0; place < NAMES.length; place++) {
      const amount = this.amounts[place] ?? 0;
      if (amount !== 0) text += `${text === '' ? '' : ','}${NAMES[place]}${amount}`;
    }
    return `{${text}}`;
  }
}
