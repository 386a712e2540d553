import { z } from 'zod';
import { EDGE_COUNTERS } from '../measures/edge-counters.js';
import { MEASURES, sumsSchema, Tally } from '../measures/measures.js';
import type { Fact } from '../rollup/fact.js';
import type { EdgeMinute } from '../store/insight-store.js';

/** What one edge tells another: judged batches, as JSON. */
export const FACTS_PATH = '/insight/facts';
/** What it counted in a minute. */
export const EDGE_PATH = '/insight/edge';
export const MAX_FACTS = 2000;
/** A fact takes about 500 bytes, with a long name of its stream 1.5 KB. */
export const MAX_FACTS_BYTES: number = MAX_FACTS * 4096;

const mark = z.string().regex(/^[0-9a-f]{16}$/);
const key = z.string().max(1024);

const fact: z.ZodType<Fact, unknown> = z
  .object({
    batch: mark,
    session: mark,
    keys: z.strictObject({
      ...{ stream: key, pop: key, arm: z.enum(['treated', 'holdout']) },
      ...{ region: key, network: key, device: key },
    }),
    sums: sumsSchema(MEASURES),
  })
  .transform(({ sums, ...told }) => ({ ...told, tally: Tally.of(sums) }));

export const factsSchema: z.ZodType<{ readonly facts: readonly Fact[] }, unknown> = z.object({
  facts: z.array(fact).max(MAX_FACTS),
});

/** What `factsSchema` reads. */
export function factsMessage(facts: readonly Fact[]): unknown {
  return { facts: facts.map(({ tally, ...told }) => ({ ...told, sums: tally.sums })) };
}

/** Minutes since the epoch: its columns have 32 bits. */
const MOST_MINUTES = 2 ** 31 - 1;

export const edgeMinuteSchema: z.ZodType<EdgeMinute, unknown> = z.object({
  ...{ id: mark, minute: z.int().min(0).max(MOST_MINUTES), edge: key.min(1), pop: key },
  sums: sumsSchema(EDGE_COUNTERS),
});
