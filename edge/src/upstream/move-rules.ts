import type { Outcome } from './outcome.js';
import type { UpstreamResponse } from './upstream.js';

const SERVER_TROUBLE: ReadonlySet<number> = new Set([500, 502, 503, 504]);

/** Whether the next origin is asked after this one. `onMissing`: also where it has no such object. */
export function originMovesOn({ onMissing }: { readonly onMissing: boolean }): (outcome: Outcome) => boolean {
  return (outcome) => {
    if (outcome.is === 'none') return true;
    return SERVER_TROUBLE.has(outcome.status) || (onMissing && outcome.status === 404);
  };
}

/**
 * Whether another edge's answer is not its last word. 500 and 503 it passes on from the origin, which would not fare
 * better if every edge asked it again; a 500 that it does not call the origin's is its own mistake, 502 and 504 may be
 * about its own way there, and one that is full says so.
 */
export function edgeMovesOn(outcome: Outcome, response: UpstreamResponse | undefined): boolean {
  if (outcome.is === 'none') return true;
  if (outcome.status === 502 || outcome.status === 504) return true;
  const told = response?.headers['cache-status'] ?? '';
  if (outcome.status === 500) return !/;\s*fwd-status=500\b/.test(told);
  return outcome.status === 503 && /;\s*detail=fill-(limit|memory)\b/.test(told);
}

/** For the last one. */
export function neverMovesOn(): boolean {
  return false;
}
