import { type Arm, BEACON_COUNTERS, type Beacon } from '@eddy/protocol';
import type { RollupRow } from '../store/insight-store.js';

/** A batch and when it arrived. */
export interface DatedBeacon {
  readonly beacon: Beacon;
  /** Minutes since the epoch. */
  readonly minute: number;
}

type Growing = { -readonly [Field in keyof RollupRow]: RollupRow[Field] };

/** Sums by minute, stream and arm. `isNewSession` is asked once for each batch, in order. */
export function rollUp(
  batches: readonly DatedBeacon[],
  isNewSession: (batch: DatedBeacon) => boolean,
  streamName: (batch: DatedBeacon) => string = ({ beacon }) => beacon.presentation,
): RollupRow[] {
  const rows = new Map<string, Growing>();
  for (const batch of batches) {
    const { beacon, minute } = batch;
    const presentation = streamName(batch);
    const key = `${minute} ${beacon.arm} ${presentation}`;
    const row = rows.get(key) ?? emptyRow(minute, presentation, beacon.arm);
    rows.set(key, row);
    for (const counter of BEACON_COUNTERS) row[counter] += beacon.counters[counter];
    row.beacons += 1;
    if (isNewSession(batch)) row.sessions += 1;
  }
  return [...rows.values()];
}

function emptyRow(minute: number, presentation: string, arm: Arm): Growing {
  return {
    minute,
    presentation,
    arm,
    edgeBytes: 0,
    peerBytes: 0,
    uploadedBytes: 0,
    wastedBytes: 0,
    watchedMs: 0,
    rebufferMs: 0,
    rebuffers: 0,
    beacons: 0,
    sessions: 0,
  };
}
