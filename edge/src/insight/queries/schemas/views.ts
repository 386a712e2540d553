import { z } from 'zod';
import type {
  Audience,
  Integrity,
  Mismatches,
  Quality,
  Quantiles,
  QueryProblem,
  Streams,
  Summary,
  Timeline,
} from '../figures.js';
import { arm, bytes, count, FIGURES, form, instant, milliseconds, range } from './common.js';

const perSecond = (of: string): z.ZodNumber =>
  bytes(of).describe(
    `${of} Bytes a second, mean of the last 30 s, or of the last whole minute where narrowed.`,
  );
const presentation = z.string().describe('The stream: path of its playlist.');
export const nextCursor: z.ZodNullable<z.ZodString> = z
  .string()
  .nullable()
  .describe('`cursor` of the next page; null: this is the last one.');

export const summary: z.ZodType<Summary> = form(
  'Summary',
  'Who watches now, and sums of the range.',
  z.strictObject({
    range,
    nowMs: instant('When this was answered.'),
    live: z.strictObject({
      viewers: count(
        'Sessions that reported in the last 30 s; where narrowed, mean of the last whole minute.',
      ),
      edgeBytesPerSecond: perSecond('Media from edges.'),
      peerBytesPerSecond: perSecond('Media from other viewers.'),
    }),
    total: z.strictObject(FIGURES),
    arms: z.array(z.strictObject({ arm, ...FIGURES })).describe('Those that anybody watched in.'),
  }),
);

export const timeline: z.ZodType<Timeline> = form(
  'Timeline',
  'Sums by step, empty steps too; the last one may still grow.',
  z.strictObject({
    range,
    stepSeconds: count('Length of a step. Seconds.'),
    points: z.array(z.strictObject({ startMs: instant('Beginning of the step.'), ...FIGURES })),
  }),
);

export const streams: z.ZodType<Streams> = form(
  'Streams',
  'Streams, the most bytes delivered first. What players made up beyond a bound is summed up as `(other streams)`.',
  z.strictObject({
    range,
    streams: z.array(
      z.strictObject({
        presentation,
        liveViewers: count('Sessions that reported in the last 30 s.'),
        meanViewers: count('Mean number of viewers at a time: the size of the swarm.'),
        ...FIGURES,
      }),
    ),
    nextCursor,
  }),
);

const quantiles = (of: string): z.ZodType<Quantiles> => {
  const value = z.number().nullable();
  return z
    .strictObject({ p50: value, p90: value, p99: value })
    .describe(`${of} By fixed buckets, off by at most their factor; null: nothing was counted.`);
};

export const quality: z.ZodType<Quality> = form(
  'Quality',
  'How it played, by arm.',
  z.strictObject({
    range,
    arms: z.array(
      z.strictObject({
        arm,
        ...FIGURES,
        startups: count('Starts that were measured.'),
        meanStartupMs: milliseconds('From play to the first picture.').nullable(),
        startupMs: quantiles('The same. Milliseconds.'),
        reportRebufferShare: quantiles('Share stalled of each report, of ten seconds mostly.'),
        meanBitrateKbps: z.number().nullable().describe('Encoded bitrate of what was watched. kbit/s.'),
        bitrateKbps: quantiles('The same, by time watched. kbit/s.'),
        errors: count('Errors that players reported.'),
        errorsPerHour: z.number().nullable().describe('The same by watched hour.'),
      }),
    ),
  }),
);

export const audience: z.ZodType<Audience> = form(
  'Audience',
  'Sums by where viewers are or what they watch on, the most watched first.',
  z.strictObject({
    range,
    by: z.enum(['region', 'network', 'device']),
    parts: z.array(
      z.strictObject({
        key: z.string().describe('Region, network or device; empty: not known.'),
        peerNetworkBytes: bytes('Of the peer bytes: from viewers of the same network.'),
        peerRegionBytes: bytes('From viewers of the same region.'),
        ...FIGURES,
      }),
    ),
  }),
);

const MISMATCHES: { readonly [Key in keyof Mismatches]: z.ZodType<number> } = {
  edgeBytes: bytes('Media from edges, by their own count where they can tell the session.'),
  claimedEdgeBytes: bytes('The same as players say.'),
  unsentBytes: bytes('Claimed from an edge that did not send them.'),
  unclaimedBytes: bytes('Sent by an edge, not claimed in time.'),
  unwitnessedBytes: bytes('Claimed by sessions that no edge can tell by their requests.'),
  unmatchedPeerBytes: bytes('Claimed from a viewer who does not say that it sent them.'),
  unmatchedUploadBytes: bytes('Said to be uploaded, but nobody says that they came.'),
  cappedMs: milliseconds('Claimed to be watched beyond the time that passed; not counted as watched.'),
  hashFailedBytes: bytes('From viewers, wrong by their digests; never played.'),
};

export const integrity: z.ZodType<Integrity> = form(
  'Integrity',
  'What players claim and others do not confirm.',
  z.strictObject({
    range,
    total: z.strictObject(MISMATCHES),
    streams: z
      .array(z.strictObject({ presentation, ...MISMATCHES }))
      .describe('The twenty with the most of it.'),
    swarm: z.strictObject({
      accusations: count(
        'Pairs of viewers parted because one accused the other of wrong bytes. Of all streams.',
      ),
      disputedViewers: count(
        'Viewers introduced to nobody any more, since too many pairs with them ended so.',
      ),
    }),
    unreportedBytes: bytes('Sent by this edge to sessions that never reported, since it started.'),
  }),
);

export const problem: z.ZodType<QueryProblem> = form(
  'Problem',
  'Why there is no answer.',
  z.strictObject({
    error: z.string().describe('A word that stays the same, such as `bad-query`.'),
    message: z.string().describe('What to do.'),
  }),
);
