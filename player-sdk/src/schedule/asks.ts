import { CHUNK_BYTES } from '@eddy/protocol';
import { arrivalOf, bytesOf, peerRate } from './estimate.js';
import type { ScheduleOptions } from './options.js';
import { runsOf } from './runs.js';
import type { Action, PeerView, Snapshot } from './snapshot.js';

/** Spreads what nobody was asked for over the peers that hold the segment, the fastest first. */
export function asksOfPeers(snapshot: Snapshot, now: number, options: ScheduleOptions): Action[] {
  let free = unasked(snapshot, now, options);
  const idle = holders(snapshot, now, options).filter((peer) => hasRoom(peer, snapshot, options));
  const asks: Action[] = [];
  for (const [index, peer] of idle.entries()) {
    const [run] = runsOf(free);
    if (run === undefined) break;
    const share = Math.ceil(free.length / (idle.length - index));
    const count = Math.min(run.count, share, requestChunks(peer, options));
    asks.push({ type: 'ask-peer', peer: peer.id, first: run.first, count });
    free = free.filter((chunk) => chunk < run.first || chunk >= run.first + count);
  }
  return asks;
}

/** The tail of a segment waits for one slow peer while others are idle: it is asked for once more. */
export function duplicates(snapshot: Snapshot, now: number, options: ScheduleOptions): Action[] {
  if (snapshot.missing.length > options.endgameChunks) return [];
  const owners = new Map<number, number>();
  for (const { chunks } of snapshot.flights) {
    for (const chunk of chunks) owners.set(chunk, (owners.get(chunk) ?? 0) + 1);
  }
  const latestFirst = snapshot.flights
    .map((flight) => ({ flight, at: arrivalOf(flight, snapshot, now, options) }))
    .sort((a, b) => b.at - a.at);
  const busy = new Set(snapshot.flights.map(({ peer }) => peer));
  const asks: Action[] = [];
  for (const peer of holders(snapshot, now, options)) {
    if (busy.has(peer.id)) continue;
    const slowest = latestFirst.find(({ flight }) => flight.chunks.some((chunk) => owners.get(chunk) === 1));
    if (slowest === undefined || !(snapshot.startUp || slowest.at > snapshot.deadline - options.safetyMs)) break;
    const alone = slowest.flight.chunks.filter((chunk) => owners.get(chunk) === 1);
    const run = runsOf(alone).at(-1);
    if (run === undefined) break;
    const chunks = Array.from({ length: run.count }, (_, index) => run.first + index);
    const again = now + (bytesOf(chunks, snapshot.bytes) * 1000) / peerRate(peer, options);
    if (again + options.endgameGainMs > slowest.at) break;
    for (const chunk of chunks) owners.set(chunk, 2);
    asks.push({ type: 'ask-peer', peer: peer.id, ...run });
  }
  return asks;
}

/** Chunks without a flight, and those of which the edge alone is asked and has gone silent. */
function unasked({ missing, flights }: Snapshot, now: number, options: ScheduleOptions): number[] {
  const asked = new Set(
    flights
      .filter(({ peer, progressAt }) => peer !== undefined || now - progressAt < options.stallMs)
      .flatMap(({ chunks }) => chunks),
  );
  return missing.filter((chunk) => !asked.has(chunk));
}

function holders(snapshot: Snapshot, now: number, options: ScheduleOptions): PeerView[] {
  return snapshot.peers
    .filter(({ has, uploads, notBefore }) => has && uploads && notBefore <= now)
    .sort((a, b) => peerRate(b, options) - peerRate(a, options) || (a.id < b.id ? -1 : 1));
}

/** One request a pair, and the next when it is nearly answered, so that the channel does not fall idle. */
function hasRoom(peer: PeerView, { flights }: Snapshot, options: ScheduleOptions): boolean {
  const owed = flights.filter((flight) => flight.peer === peer.id).flatMap(({ chunks }) => chunks);
  return owed.length <= 1 && peer.pendingBytes * 1000 <= peerRate(peer, options) * options.requestMs;
}

function requestChunks(
  peer: PeerView,
  { requestMs, probeChunks, maxRequestChunks }: ScheduleOptions,
): number {
  if (peer.bytesPerSecond === undefined) return probeChunks;
  const chunks = Math.ceil((peer.bytesPerSecond * requestMs) / 1000 / CHUNK_BYTES);
  return Math.max(1, Math.min(maxRequestChunks, chunks));
}
