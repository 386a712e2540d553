import { z } from 'zod';
import type { Purge, PurgeReport, PurgeTarget } from './purge.js';

/** What one edge asks all others to purge. */
export interface PurgeOrder {
  readonly target: PurgeTarget;
  /** Makes stale instead. */
  readonly soft: boolean;
}

const text = z.string().max(16_384);
const orderSchema = z.object({
  target: z.discriminatedUnion('by', [
    z.object({ by: z.literal('path'), path: text }),
    z.object({ by: z.literal('prefix'), prefix: text }),
    z.object({ by: z.literal('tag'), tag: text.min(1) }),
    z.object({ by: z.literal('all') }),
  ]),
  soft: z.boolean(),
});

export function encodeOrder(order: PurgeOrder): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(order));
}

/** Undefined: it is none. A newer edge may say more; that is left out. */
export function orderOf(value: unknown): PurgeOrder | undefined {
  const parsed = orderSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

export function carryOut(purge: Purge, { target, soft }: PurgeOrder): Promise<PurgeReport> {
  return soft ? purge.soft(target) : purge.hard(target);
}
