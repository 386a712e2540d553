import type { ScheduleOptions } from './options.js';
import type { Snapshot } from './snapshot.js';

/**
 * Until when it is worth waiting for somebody else to fetch or deliver a segment that no one can be asked for now.
 * Not later than `now`: it is not. The caller bounds it by what the buffer allows.
 */
export function patienceUntil(snapshot: Snapshot, now: number, options: ScheduleOptions): number {
  if (snapshot.startUp) return now;
  const { startedAt, peers, rank, known, expectingUntil } = snapshot;
  const turn = rank * options.rankStepMs;
  const helpers = peers.filter(({ uploads }) => uploads);
  const reasons = [expectingUntil];
  if (helpers.length > 0) reasons.push(startedAt + turn);
  for (const { has, claimedAt, notBefore } of helpers) {
    if (notBefore === Number.POSITIVE_INFINITY) continue;
    if (has && !known) reasons.push(startedAt + options.digestPatienceMs);
    // Were all to step in at once when a claim comes to nothing, all would fetch.
    if (claimedAt !== undefined && !has) reasons.push(claimedAt + claimPatience(snapshot, options) + turn);
  }
  return Math.max(now, ...reasons);
}

function claimPatience({ deadline, startedAt }: Snapshot, options: ScheduleOptions): number {
  const half = (deadline - startedAt) / 2;
  return Math.max(options.minClaimPatienceMs, Math.min(options.maxClaimPatienceMs, half));
}
