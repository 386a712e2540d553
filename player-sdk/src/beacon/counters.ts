import { BEACON_COUNTERS, type BeaconCounters, NO_COUNTERS, type PeerBytes } from '@eddy/protocol';
import type { Ledger } from '../transfer/ledger.js';

/** Media bytes since playback began, by where they came from. */
export class ByteCounters implements Ledger {
  edgeBytes = 0;
  edgeMemoryBytes = 0;
  edgeDiskBytes = 0;
  edgeFillBytes = 0;
  peerBytes = 0;
  wastedBytes = 0;
  hashFailedBytes = 0;
  #byPeer = new Map<string, number>();

  edge(bytes: number): void {
    this.edgeBytes += bytes;
  }

  peers(bytes: number): void {
    this.peerBytes += bytes;
  }

  wasted(bytes: number): void {
    this.wastedBytes += bytes;
  }

  hashFailed(bytes: number): void {
    this.wastedBytes += bytes;
    this.hashFailedBytes += bytes;
  }

  get duplicateBytes(): number {
    return this.wastedBytes - this.hashFailedBytes;
  }

  from(peer: string, bytes: number): void {
    this.#byPeer.set(peer, (this.#byPeer.get(peer) ?? 0) + bytes);
  }

  /** By peer, since the time before. */
  takeFrom(): PeerBytes[] {
    const taken = [...this.#byPeer].map(([peer, bytes]) => ({ peer, bytes }));
    this.#byPeer = new Map();
    return taken;
  }

  /** What the edge said of a body in `Cache-Status` (RFC 9211); null: nothing, or it may not be read. */
  tier(cacheStatus: string | null, bytes: number): void {
    if (cacheStatus === null) return;
    if (!/;\s*hit\b/.test(cacheStatus)) this.edgeFillBytes += bytes;
    else if (/;\s*detail="?disk/.test(cacheStatus)) this.edgeDiskBytes += bytes;
    else this.edgeMemoryBytes += bytes;
  }
}

/** Turns totals into what happened since the time before. */
export class Increments {
  #before: BeaconCounters = NO_COUNTERS;

  take(totals: BeaconCounters): BeaconCounters {
    const since: Record<keyof BeaconCounters, number> = { ...NO_COUNTERS };
    for (const counter of BEACON_COUNTERS) {
      since[counter] = Math.max(0, Math.round(totals[counter]) - Math.round(this.#before[counter]));
    }
    this.#before = totals;
    return since;
  }
}

export function isZero(counters: BeaconCounters): boolean {
  return BEACON_COUNTERS.every((counter) => counters[counter] === 0);
}
