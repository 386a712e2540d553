import { z } from 'zod';
import type { MoneySaved } from '../../prices/money.js';
import type { SavingsEstimate, SavingsUpperBound } from '../../savings/estimate.js';
import type { Savings, SavingsTrend } from '../figures.js';
import { bytes, count, form, instant, range } from './common.js';

const signedBytes = (of: string): z.ZodNumber => z.number().describe(`${of} Bytes.`);
const money = (of: string): z.ZodNumber => z.number().describe(`${of} In \`currency\`.`);
const overheadBytes = bytes('What sharing cost without giving anyone media: signaling, relays, duplicates.');

const rate = z.strictObject({
  edgeBytes: bytes('Media from edges.'),
  watchedHours: count('Hours watched.'),
  bytesPerHour: bytes('The one by the other.'),
});

const estimate: z.ZodType<SavingsEstimate> = form(
  'SavingsEstimate',
  'Measured against viewers who may have no peers.',
  z.strictObject({
    kind: z.literal('estimate'),
    savedBytes: signedBytes('Not drawn from edges, overhead taken off. Negative: sharing cost more.'),
    lowBytes: signedBytes('Lower end of the 95% interval.'),
    highBytes: signedBytes('Upper end.'),
    savedShare: z.number().describe('Of what treated viewers would have drawn.'),
    holdout: rate,
    treated: rate,
    overheadBytes,
    clusters: count('Streams by hour, of which errors are taken to be independent.'),
    isReliable: z.boolean().describe('False: so few clusters that the interval is too narrow.'),
  }),
);

const upperBound: z.ZodType<SavingsUpperBound> = form(
  'SavingsUpperBound',
  'Where no holdout runs, nothing says what viewers would have drawn: the most it can be.',
  z.strictObject({
    kind: z.literal('upper bound'),
    savedBytes: signedBytes('Peer bytes that uploaders confirm, overhead taken off.'),
    overheadBytes,
  }),
);

const saved: z.ZodType<MoneySaved> = form(
  'MoneySaved',
  'The bill as it would have been, less the bill as it is.',
  z.strictObject({
    plan: z.string(),
    provider: z.string(),
    region: z.string(),
    date: z.string().describe('When the price was read.'),
    source: z.string().describe('Where.'),
    currency: z.string().describe('ISO 4217.'),
    saved: money('Difference of the bills.'),
    low: money('By the lower end of the interval.').nullable(),
    high: money('By the upper end.').nullable(),
    isUpperBound: z.boolean(),
    worthNothing: z.boolean().describe('Bytes were saved, and the plan bills the same.'),
    edgeBill: money('For what edges sent.'),
    originBill: money('For what edges fetched; null: no plan is in use.').nullable(),
    turnBill: money('For relays; null: no plan is in use.').nullable(),
  }),
);

export const savings: z.ZodType<Savings> = form(
  'Savings',
  'What sharing saved, and what it was worth.',
  z.strictObject({
    range,
    saved: z.union([estimate, upperBound]).nullable().describe('Null: nobody watched.'),
    egress: z.strictObject({
      edgeBytes: bytes('Sent by edges.'),
      originBytes: bytes('Of these, what edges had to fetch first.'),
      turnBytes: bytes('Through relays.'),
    }),
    money: saved.nullable().describe('Null: no plan for egress of edges is in use.'),
  }),
);

export const savingsTrend: z.ZodType<SavingsTrend> = form(
  'SavingsTrend',
  'The same by step: at most 32, of whole hours.',
  z.strictObject({
    range,
    stepSeconds: count('Length of a step. Seconds.'),
    points: z.array(
      z.strictObject({
        startMs: instant('Beginning of the step.'),
        saved: z.union([estimate, upperBound]).nullable().describe('Null: nobody watched.'),
      }),
    ),
  }),
);
