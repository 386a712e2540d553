import { chunkCount } from '@eddy/protocol';
import { asksOfPeers, duplicates } from './asks.js';
import { arrivalOf, bytesOf, edgeLatest, edgeMs, isEdgeTight, peerRate } from './estimate.js';
import { SCHEDULE_DEFAULTS, type ScheduleOptions } from './options.js';
import { claimedUntil, patienceUntil } from './patience.js';
import { runsOf } from './runs.js';
import type { Action, Flight, Snapshot } from './snapshot.js';

/**
 * What to do about one segment now. Pure: the same snapshot at the same time gives the same actions.
 * The last one is `wait` or `give-up`, unless nothing is missing.
 *
 * The order of thought: a flight that brings nothing is cancelled; what would come too late goes to the edge; peers
 * that hold the segment get the rest; if none does, it is worth a while to let one of the others fetch it.
 */
export function decide(
  snapshot: Snapshot,
  now: number,
  options: ScheduleOptions = SCHEDULE_DEFAULTS,
): readonly Action[] {
  if (!snapshot.known) return [decideUnknown(snapshot, now, options)];
  if (snapshot.missing.length === 0) return [];
  const dead = snapshot.flights.filter((flight) => isDead(flight, now, options.stallMs));
  const cancels = dead.map(({ id }): Action => ({ type: 'cancel', flight: id }));
  return [...cancels, ...decideChunks(afterCancelling(snapshot, dead), now, options)];
}

/** Without a digest nothing of a peer could be verified: there is the edge, or a wait for the digest. */
function decideUnknown(snapshot: Snapshot, now: number, options: ScheduleOptions): Action {
  if (snapshot.flights.length > 0) return wait(now, Number.POSITIVE_INFINITY, options);
  if (snapshot.edge.failed) return { type: 'give-up' };
  const latest = Math.max(edgeLatest(snapshot.bytes, snapshot, options), claimedUntil(snapshot, options));
  const until = Math.min(patienceUntil(snapshot, now, options), latest);
  return until > now ? wait(now, until, options) : { type: 'ask-edge-whole' };
}

function decideChunks(snapshot: Snapshot, now: number, options: ScheduleOptions): readonly Action[] {
  const { missing, flights, edge } = snapshot;
  const atEdge = new Set(flights.filter(({ peer }) => peer === undefined).flatMap(({ chunks }) => chunks));
  const elsewhere = missing.filter((chunk) => !atEdge.has(chunk));
  const rescueAt = edge.failed ? Number.POSITIVE_INFINITY : rescueTime(snapshot, elsewhere, now, options);

  if (now >= rescueAt && elsewhere.length > 0) {
    const late = lateChunks(snapshot, elsewhere, now, options);
    return [...asksOfEdge(snapshot, late), wait(now, Number.POSITIVE_INFINITY, options)];
  }

  const asks = asksOfPeers(snapshot, now, options);
  if (asks.length > 0) return [...asks, wait(now, rescueAt, options)];

  const asked = new Set(flights.flatMap(({ chunks }) => chunks));
  const free = elsewhere.filter((chunk) => !asked.has(chunk));
  if (free.length === 0 && flights.length > 0) {
    return [...duplicates(snapshot, now, options), wait(now, rescueAt, options)];
  }
  const until = Math.min(othersUntil(snapshot, now, options), rescueAt);
  if (edge.failed) {
    const hope = flights.length > 0 || (until > now && now < snapshot.deadline);
    return [hope ? wait(now, Math.min(until, snapshot.deadline), options) : { type: 'give-up' }];
  }
  if (until > now) return [wait(now, until, options)];
  return [...asksOfEdge(snapshot, free), wait(now, Number.POSITIVE_INFINITY, options)];
}

/** How long to leave to others what nobody can be asked for now. Holders that are busy are worth what the buffer allows. */
function othersUntil(snapshot: Snapshot, now: number, options: ScheduleOptions): number {
  const holders = snapshot.peers.filter(
    ({ has, parts, uploads, notBefore }) =>
      (has || parts.length > 0) && uploads && Number.isFinite(notBefore),
  );
  if (holders.length === 0) return patienceUntil(snapshot, now, options);
  const again = Math.min(...holders.map(({ notBefore }) => notBefore));
  return again > now ? again : Number.POSITIVE_INFINITY;
}

/** When the edge must be asked for all that it was not asked for yet. */
function rescueTime(
  snapshot: Snapshot,
  elsewhere: readonly number[],
  now: number,
  options: ScheduleOptions,
): number {
  const bytes = bytesOf(elsewhere, snapshot.bytes);
  const claimed = claimedUntil(snapshot, options);
  if (!snapshot.startUp) return Math.max(claimed, edgeLatest(bytes, snapshot, options));
  const tight = snapshot.edge.bytesPerSecond !== undefined && isEdgeTight(snapshot, options);
  const able = snapshot.peers.filter(
    (peer) =>
      peer.has && peer.uploads && peer.notBefore <= now && (tight || peer.bytesPerSecond !== undefined),
  );
  const rate = able.reduce((sum, peer) => sum + peerRate(peer, options), 0);
  const limitMs = Math.max(options.fastMs, tight ? edgeMs(bytes, snapshot, options) : 0);
  const fast = rate > 0 && (bytes * 1000) / rate <= limitMs;
  return Math.max(claimed, fast ? snapshot.startedAt + limitMs : Number.NEGATIVE_INFINITY);
}

/** In a hurry: everything but what a peer is just delivering, in time, and the edge could still make good. */
function lateChunks(
  snapshot: Snapshot,
  elsewhere: readonly number[],
  now: number,
  options: ScheduleOptions,
): number[] {
  const bytes = bytesOf(elsewhere, snapshot.bytes);
  const lastCall = snapshot.deadline - edgeMs(bytes, snapshot, options);
  if (now >= lastCall) return [...elsewhere];
  const promised = new Set(
    snapshot.flights
      .filter(
        (flight) =>
          !isDead(flight, now, options.hurriedStallMs) &&
          arrivalOf(flight, snapshot, now, options) <= snapshot.deadline - options.safetyMs,
      )
      .flatMap(({ chunks }) => chunks),
  );
  return elsewhere.filter((chunk) => !promised.has(chunk));
}

function asksOfEdge(snapshot: Snapshot, chunks: readonly number[]): Action[] {
  if (snapshot.flights.length === 0 && chunks.length === chunkCount(snapshot.bytes)) {
    return [{ type: 'ask-edge-whole' }];
  }
  return runsOf(chunks).map((run) => ({ type: 'ask-edge', ...run }));
}

/** The edge's own requests are timed by hls.js's load policy. */
function isDead({ peer, progressAt }: Flight, now: number, afterMs: number): boolean {
  return peer !== undefined && now - progressAt >= afterMs;
}

function afterCancelling(snapshot: Snapshot, dead: readonly Flight[]): Snapshot {
  if (dead.length === 0) return snapshot;
  const flights = snapshot.flights.filter((flight) => !dead.includes(flight));
  const silent = new Set(dead.map(({ peer }) => peer));
  const peers = snapshot.peers.map((peer) =>
    silent.has(peer.id) ? { ...peer, notBefore: Number.POSITIVE_INFINITY } : peer,
  );
  return { ...snapshot, flights, peers };
}

function wait(now: number, until: number, { heartbeatMs }: ScheduleOptions): Action {
  return { type: 'wait', until: Math.max(now + 1, Math.min(until, now + heartbeatMs)) };
}
