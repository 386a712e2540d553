import type { Random } from '../components.js';

export interface BackOffOptions {
  readonly firstMs: number;
  readonly mostMs: number;
}

/**
 * How long to wait before try `attempt` (0 for the first repeat): doubling, with full spread over its upper half,
 * so that players that lost an edge together do not come back together.
 */
export function backOffMs(attempt: number, random: Random, { firstMs, mostMs }: BackOffOptions): number {
  const ceiling = Math.min(mostMs, firstMs * 2 ** Math.min(attempt, 30));
  return ceiling / 2 + (random() * ceiling) / 2;
}
