import { z } from 'zod';
import { MEASURES } from '../measures/measures.js';
import type { Fact } from '../rollup/fact.js';

/** What one edge tells another: judged batches, as JSON. */
export const FACTS_PATH = '/insight/facts';
export const MAX_FACTS = 2000;
/** A fact takes about 500 bytes, with a long name of its stream 1.5 KB. */
export const MAX_FACTS_BYTES: number = MAX_FACTS * 4096;

const mark = z.string().regex(/^[0-9a-f]{16}$/);
const key = z.string().max(1024);
const measures = new Set<string>(MEASURES);

const fact: z.ZodType<Fact, unknown> = z.object({
  batch: mark,
  session: mark,
  keys: z.strictObject({
    ...{ stream: key, pop: key, arm: z.enum(['treated', 'holdout']) },
    ...{ region: key, network: key, device: key },
  }),
  sums: z
    .record(z.string(), z.number().nonnegative())
    // A newer edge may count more.
    .transform((sums) => Object.fromEntries(Object.entries(sums).filter(([name]) => measures.has(name)))),
});

export const factsSchema: z.ZodType<{ readonly facts: readonly Fact[] }, unknown> = z.object({
  facts: z.array(fact).max(MAX_FACTS),
});
