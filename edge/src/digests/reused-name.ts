import { freshnessOf, type StoredResponse } from '../cache/stored-response.js';

/** A segment that is given so short a life: its name may be used again, as in a rolling playlist. */
const REUSED_WITHIN_MS = 60_000;

/**
 * Whether the name of a cached segment may stand for other bytes by now. Segments without a lifetime, or with a long
 * one, are taken for what they were: many origins say nothing, and sharing must not end there.
 */
export function mayBeReplaced(
  object: Pick<StoredResponse, 'head' | 'lifetime' | 'receivedAtMs'>,
  nowMs: number,
): boolean {
  const { freshMs } = object.lifetime;
  return freshMs > 0 && freshMs <= REUSED_WITHIN_MS && !freshnessOf(object, nowMs).fresh;
}
