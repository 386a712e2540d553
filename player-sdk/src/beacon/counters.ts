import { BEACON_COUNTERS, type BeaconCounters } from '@eddy/protocol';
import type { Ledger } from '../transfer/ledger.js';

/** Media bytes since playback began, by where they came from. */
export class ByteCounters implements Ledger {
  edgeBytes = 0;
  peerBytes = 0;
  wastedBytes = 0;

  edge(bytes: number): void {
    this.edgeBytes += bytes;
  }

  peers(bytes: number): void {
    this.peerBytes += bytes;
  }

  wasted(bytes: number): void {
    this.wastedBytes += bytes;
  }
}

const ZERO: BeaconCounters = {
  edgeBytes: 0,
  peerBytes: 0,
  uploadedBytes: 0,
  wastedBytes: 0,
  watchedMs: 0,
  rebufferMs: 0,
  rebuffers: 0,
};

/** Turns totals into what happened since the time before. */
export class Increments {
  #before: BeaconCounters = ZERO;

  take(totals: BeaconCounters): BeaconCounters {
    const since = { ...ZERO };
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
