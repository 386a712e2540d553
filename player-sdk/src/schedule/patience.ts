import { edgeMs, isEdgeTight, peerRate } from './estimate.js';
import type { ScheduleOptions } from './options.js';
import type { Snapshot } from './snapshot.js';

/**
 * Until when it is worth waiting for somebody else to fetch or deliver a segment that no one can be asked for now.
 * Not later than `now`: it is not. The caller bounds it by what the buffer allows.
 */
export function patienceUntil(snapshot: Snapshot, now: number, options: ScheduleOptions): number {
  if (snapshot.startUp) return Math.max(now, claimedUntil(snapshot, options));
  const { startedAt, peers, rank, known, knownAt, live, edge, expectingUntil } = snapshot;
  const helpers = peers.filter(({ uploads, notBefore }) => uploads && Number.isFinite(notBefore));
  // One who gives nothing on leaves a fresh live segment to those who do: had it the segment first, its digest would
  // pass for news of a copy that nobody can ask for. Of a video it fills its buffer like everybody.
  const never = live && rank === Number.POSITIVE_INFINITY;
  const turn = never ? rank : Math.min(rank, helpers.length) * options.rankStepMs;
  const reasons = [expectingUntil, claimedUntil(snapshot, options)];
  if (helpers.length > 0) {
    // The digest of a live segment comes when somebody's fetch has ended: it is on its way from viewer to viewer.
    if (known && live) reasons.push(Math.max(startedAt, knownAt) + options.spreadMs + turn);
    // It was asked for with the playlist: the answer may be about to come.
    else reasons.push(startedAt + (known ? 0 : edge.roundTripMs + options.answerMs) + turn);
  }
  for (const { has, claimedAt } of helpers) {
    if (has && !known) reasons.push(startedAt + options.digestPatienceMs);
    // Were all to step in at once when a claim comes to nothing, all would fetch.
    if (claimedAt !== undefined && !has) reasons.push(claimedAt + claimPatience(snapshot, options) + turn);
  }
  return Math.max(now, ...reasons);
}

/**
 * Until when another player's claim is worth more than a request of one's own, however urgent. Where the edge is
 * tight the claim's answer comes first, and asking too would make it later for both. 0: not at all.
 */
export function claimedUntil(snapshot: Snapshot, options: ScheduleOptions): number {
  if (!isEdgeTight(snapshot, options)) return 0;
  const answerMs = edgeMs(snapshot.bytes, snapshot, options) * options.edgeCaution;
  let until = 0;
  for (const peer of snapshot.peers) {
    const { uploads, has, claimedAt, notBefore } = peer;
    if (!uploads || has || claimedAt === undefined || notBefore === Number.POSITIVE_INFINITY) continue;
    const handOverMs = (snapshot.bytes * 1000) / peerRate(peer, options);
    until = Math.max(until, claimedAt + Math.min(options.maxClaimPatienceMs, answerMs + handOverMs));
  }
  return until;
}

function claimPatience({ deadline, startedAt }: Snapshot, options: ScheduleOptions): number {
  const half = (deadline - startedAt) / 2;
  return Math.max(options.minClaimPatienceMs, Math.min(options.maxClaimPatienceMs, half));
}
