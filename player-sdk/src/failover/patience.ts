/** An edge that has said nothing for so long is doubted at the earliest: slow networks and cold caches take as long. */
const LEAST_MS = 1_000;
/** At the latest: longer than this nobody needs to wait to be sure. */
const MOST_MS = 5_000;
/** Share of the buffer that may go by in waiting: what is left has to do for asking around and for beginning anew. */
const SHARE = 0.25;
/** How long the edge in doubt has to answer, at least. */
const LEAST_GRACE_MS = 1_000;

/**
 * How long the edge may be silent while something is asked of it before it is doubted. The more is buffered, the longer.
 *
 * @param doubts how often it was doubted and proved to be there since its last byte: each doubles the time
 */
export function silencePatienceMs(bufferMs: number, doubts: number): number {
  return Math.min(MOST_MS, Math.max(LEAST_MS, bufferMs * SHARE)) * 2 ** doubts;
}

/** How long after it was asked the edge in doubt may answer, if another took `otherMs` for the same. */
export function graceMs(otherMs: number): number {
  return Math.max(LEAST_GRACE_MS, 2 * otherMs);
}
