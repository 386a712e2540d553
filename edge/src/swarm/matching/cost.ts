import { distance } from './place.js';
import type { Viewer } from './viewer.js';

/** Playheads this close want the same segments. */
const NEAR_MS = 30_000;
/** This far apart neither holds what the other wants next. */
const FAR_MS = 300_000;
/** An uplink of 10 Mbit/s is taken for half as good as one without end. */
const GOOD_UPLINK = 1_250_000;
/** Failures to be reached that count as much as being reached. */
const FAILURES_HALF = 4;

const WEIGHTS = { distance: 1, gap: 1.5, uplink: 0.5, unreachable: 0.5 } as const;

/** What it costs `one` to have `other` for a peer, beside others it could have: lower is better. */
export function cost(one: Viewer, other: Viewer): number {
  return (
    WEIGHTS.distance * distance(one.place, other.place) +
    WEIGHTS.gap * gap(one.positionMs, other.positionMs) +
    WEIGHTS.uplink * uplinkCost(other) +
    WEIGHTS.unreachable * (other.failed.size / (other.failed.size + FAILURES_HALF))
  );
}

/** From 0 to 1. A viewer that has not said where it plays is neither near nor far. */
export function gap(one: number | undefined, other: number | undefined): number {
  if (one === undefined || other === undefined) return 0.3;
  return Math.min(1, Math.max(0, Math.abs(one - other) - NEAR_MS) / (FAR_MS - NEAR_MS));
}

function uplinkCost({ uploads, uploadBytesPerSecond }: Viewer): number {
  if (!uploads) return 1;
  return uploadBytesPerSecond === undefined ? 0.5 : 1 / (1 + uploadBytesPerSecond / GOOD_UPLINK);
}
