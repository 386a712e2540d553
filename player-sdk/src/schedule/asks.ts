import { CHUNK_BYTES, chunkCount } from '@eddy/protocol';
import { arrivalOf, bytesOf, peerRate } from './estimate.js';
import type { ScheduleOptions } from './options.js';
import { runsOf } from './runs.js';
import type { Action, PeerView, Snapshot } from './snapshot.js';

/**
 * Spreads what nobody was asked for over the peers that hold it, the rarest chunk first: of those that ask one
 * holder at the same time each gets other chunks, and they have the rest of each other.
 */
export function asksOfPeers(snapshot: Snapshot, now: number, options: ScheduleOptions): Action[] {
  const free = new Set(unasked(snapshot, now, options));
  const able = holders(snapshot, now, options).filter((peer) => hasRoom(peer, snapshot, options));
  const idle = explored(able, snapshot, options);
  const precedence = precedenceOf(snapshot);
  const asks: Action[] = [];
  for (const [index, peer] of idle.entries()) {
    const [first] = [...free]
      .filter((chunk) => holds(peer, chunk))
      .sort((a, b) => precedence(a) - precedence(b));
    if (first === undefined) continue;
    const share = Math.ceil(free.size / (idle.length - index));
    const most = Math.min(share, requestChunks(peer, options));
    let count = 0;
    while (count < most && free.has(first + count) && holds(peer, first + count))
      free.delete(first + count++);
    asks.push({ type: 'ask-peer', peer: peer.id, first, count });
  }
  return asks;
}

/** Smaller: to be asked for sooner. Among chunks that are equally rare everyone begins at a place of its own. */
function precedenceOf({ peers, bytes, rank }: Snapshot): (chunk: number) => number {
  const chunks = chunkCount(bytes);
  const whole = peers.filter(({ has, uploads }) => has && uploads).length;
  const copies = new Map<number, number>();
  for (const { parts, uploads } of peers) {
    if (uploads) for (const chunk of parts) copies.set(chunk, (copies.get(chunk) ?? 0) + 1);
  }
  const helpers = peers.filter(({ uploads }) => uploads).length;
  const begin = Math.floor((Math.min(rank, helpers) * chunks) / (helpers + 1));
  return (chunk) => (whole + (copies.get(chunk) ?? 0)) * chunks + ((chunk - begin + chunks) % chunks);
}

function holds({ has, parts }: PeerView, chunk: number): boolean {
  return has || parts.includes(chunk);
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
    if (slowest === undefined || !(snapshot.startUp || slowest.at > snapshot.deadline - options.safetyMs))
      break;
    const alone = slowest.flight.chunks.filter((chunk) => owners.get(chunk) === 1 && holds(peer, chunk));
    const run = runsOf(alone).at(-1);
    if (run === undefined) continue;
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
    .filter(({ has, parts, uploads, notBefore }) => (has || parts.length > 0) && uploads && notBefore <= now)
    .sort((a, b) => peerRate(b, options) - peerRate(a, options) || (a.id < b.id ? -1 : 1));
}

/** Now and then another than the fastest comes first: with more holders than chunks the slow ones are never asked. */
function explored(
  peers: readonly PeerView[],
  { chance, startUp }: Snapshot,
  { exploration }: ScheduleOptions,
): readonly PeerView[] {
  if (startUp || chance >= exploration) return peers;
  const first = peers[Math.floor((chance / exploration) * peers.length)];
  return first === undefined ? peers : [first, ...peers.filter((peer) => peer !== first)];
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
