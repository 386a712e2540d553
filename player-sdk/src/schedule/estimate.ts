import { chunkRange } from '@eddy/protocol';
import type { ScheduleOptions } from './options.js';
import type { Flight, PeerView, Snapshot } from './snapshot.js';

export function bytesOf(chunks: readonly number[], segmentBytes: number): number {
  let bytes = 0;
  for (const chunk of chunks) {
    const { start, end } = chunkRange(chunk, segmentBytes);
    bytes += Math.max(0, end - start);
  }
  return bytes;
}

/** What a peer may be expected to deliver; one that failed lately less. */
export function peerRate(peer: PeerView | undefined, options: ScheduleOptions): number {
  const measured = peer?.bytesPerSecond ?? options.assumedPeerBytesPerSecond;
  return Math.max(1, measured) / (1 + (peer?.failures ?? 0));
}

/** How long the edge takes for `bytes`, as measured. */
export function edgeMs(bytes: number, { edge }: Snapshot, options: ScheduleOptions): number {
  const rate = Math.max(1, edge.bytesPerSecond ?? options.assumedEdgeBytesPerSecond);
  return edge.roundTripMs + (bytes * 1000) / rate;
}

/** Whether the edge brings this player not much more than it plays, as measured, or as assumed before. */
export function isEdgeTight(snapshot: Snapshot, options: ScheduleOptions): boolean {
  return edgeMs(snapshot.bytes, snapshot, options) > snapshot.durationMs * options.tightEdge;
}

/** Until when it can be left to others: asked later than this, the edge could not deliver `bytes` in time. */
export function edgeLatest(bytes: number, snapshot: Snapshot, options: ScheduleOptions): number {
  return snapshot.deadline - options.safetyMs - edgeMs(bytes, snapshot, options) * options.edgeCaution;
}

/** When the last chunk of a flight may be expected. A silent one is that much later. */
export function arrivalOf(flight: Flight, snapshot: Snapshot, now: number, options: ScheduleOptions): number {
  const bytes = bytesOf(flight.chunks, snapshot.bytes);
  const silentMs = now - flight.progressAt;
  if (flight.peer === undefined) return now + silentMs + edgeMs(bytes, snapshot, options);
  const peer = snapshot.peers.find(({ id }) => id === flight.peer);
  return now + silentMs + (bytes * 1000) / peerRate(peer, options);
}
