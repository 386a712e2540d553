import { BITRATE, bucketOf, type Fact, REBUFFER, STARTUP, type Sums, Tally } from '@eddy/edge/insight';
import {
  chance,
  DEMO_DEVICES,
  DEMO_REGIONS,
  DEMO_STREAMS,
  type DemoRegion,
  type DemoStream,
  drawn,
} from './demo-catalogue.js';

/** A part of time, in minutes since the epoch. */
export interface Part {
  readonly minute: number;
  readonly minutes: number;
}

const HOLDOUT = 0.1;
const DAY = 1440;
/** So many viewers at a time take half of what they could from each other. */
const HALF_SHARED = 7;
const MOST_SHARED = 0.86;
/** Streams whose claims do not add up. */
const LIARS = new Set(['/sport/handball/semi-final/master.m3u8', '/kids/paper-boats/07/master.m3u8']);

/** What all viewers of all streams did in that part of time. */
export function demoFacts(part: Part): Fact[] {
  return DEMO_STREAMS.flatMap((stream, at) =>
    DEMO_REGIONS.flatMap((region, place) => factsOf(part, stream, at, region, place)),
  );
}

function factsOf(part: Part, stream: DemoStream, at: number, region: DemoRegion, place: number): Fact[] {
  const viewers = viewersAt(part, stream, at, region);
  return (['treated', 'holdout'] as const).map((arm, armAt) => {
    const dice = (kind: number): number => chance(part.minute, at, place, armAt, kind);
    const isTreated = arm === 'treated';
    const watching = viewers * (isTreated ? 1 - HOLDOUT : HOLDOUT) * (0.92 + 0.16 * dice(1));
    const seconds = watching * part.minutes * 60;
    const kbps = stream.kbps * (0.93 + 0.1 * dice(2)) * (isTreated ? 1.012 : 1);
    const allBytes = (seconds * kbps * 1000) / 8;
    const device = drawn(DEMO_DEVICES, dice(3)).name;
    const shared = isTreated ? sharedOf(viewers * (1 - HOLDOUT), device) * (0.94 + 0.12 * dice(4)) : 0;
    const network = dice(5) < 0.5 ? region.networks[0] : region.networks[1 + Math.floor(dice(6) * 2)];
    const keys = {
      ...{ stream: stream.name, pop: region.pop, arm, region: region.name },
      ...{ network: network ?? '', device },
    };
    return {
      batch: '',
      session: '',
      keys,
      tally: Tally.of(sumsOf({ stream, seconds, kbps, allBytes, shared, dice, isTreated })),
    };
  });
}

/** Evenings are busy, weekends more so, and the audience grows by a third in two months. */
function viewersAt({ minute, minutes }: Part, stream: DemoStream, at: number, region: DemoRegion): number {
  const hour = ((minute + minutes / 2) / 60 + region.hoursAhead) % 24;
  const evening = Math.exp(-(((hour - 20.5) / 3.4) ** 2)) + 0.3 * Math.exp(-(((hour - 13) / 3) ** 2));
  const day = Math.floor(minute / DAY);
  const weekend = [2, 3].includes(day % 7) ? 1.35 : 1;
  const growth = 1 + 0.33 * (((day % 60) - 30) / 60);
  const mood = 0.75 + 0.5 * chance(day, at, 77);
  return stream.peakViewers * region.share * (0.07 + evening) * weekend * growth * mood;
}

function sharedOf(viewers: number, device: string): number {
  const willing = { desktop: 1, mobile: 0.62, tablet: 0.8, tv: 0.9 }[device] ?? 1;
  return (MOST_SHARED * willing * viewers) / (viewers + HALF_SHARED);
}

interface Watching {
  readonly stream: DemoStream;
  readonly seconds: number;
  readonly kbps: number;
  readonly allBytes: number;
  readonly shared: number;
  readonly isTreated: boolean;
  readonly dice: (kind: number) => number;
}

function sumsOf({ stream, seconds, kbps, allBytes, shared, isTreated, dice }: Watching): Sums {
  const whole = Math.round;
  const peerBytes = allBytes * shared;
  const edgeBytes = allBytes - peerBytes;
  const watchedMs = seconds * 1000;
  const stalled = stream.stalled * (isTreated ? 0.93 : 1) * (0.5 + dice(7));
  const sessions = whole(seconds / 1500 + dice(8));
  const startupMs = (isTreated ? 690 : 720) * (0.7 + 0.7 * dice(9));
  const slow = whole(sessions * 0.08);
  const reports = whole(seconds / 10);
  const isLying = LIARS.has(stream.name) && isTreated;
  return {
    ...{ edgeBytes: whole(edgeBytes), claimedEdgeBytes: whole(edgeBytes * (isLying ? 1.06 : 1.0004)) },
    ...{ edgeMemoryBytes: whole(edgeBytes * 0.78), edgeDiskBytes: whole(edgeBytes * 0.17) },
    edgeFillBytes: whole(edgeBytes * 0.05),
    ...{ peerBytes: whole(peerBytes), uploadedBytes: whole(peerBytes * 1.004) },
    ...{ peerNetworkBytes: whole(peerBytes * 0.46), peerRegionBytes: whole(peerBytes * 0.31) },
    ...{ wastedBytes: whole(peerBytes * 0.011), duplicateBytes: whole(peerBytes * 0.009) },
    hashFailedBytes: isLying && dice(10) < 0.02 ? 65_536 * whole(1 + 5 * dice(11)) : 0,
    ...{ signalingBytes: isTreated ? whole(seconds * 22) : 0, turnBytes: whole(peerBytes * 0.004) },
    ...{
      watchedMs: whole(watchedMs),
      rebufferMs: whole(watchedMs * stalled),
      rebuffers: whole((watchedMs * stalled) / 900),
    },
    ...{ startups: sessions, startupMs: whole(sessions * startupMs), sessions },
    errors: Math.floor((seconds / 3600) * 0.05 + dice(12)),
    ...{ playedKbits: whole(seconds * kbps), ratedMs: whole(watchedMs), beacons: reports },
    unsentBytes: whole(edgeBytes * (isLying ? 0.06 : 0.0004)),
    unclaimedBytes: whole(edgeBytes * 0.012),
    ...{
      unmatchedPeerBytes: whole(peerBytes * (isLying ? 0.04 : 0.002)),
      unmatchedUploadBytes: whole(peerBytes * 0.006),
    },
    cappedMs: isLying ? whole(watchedMs * 0.002) : 0,
    [`startup_${bucketOf(STARTUP, startupMs)}`]: sessions - slow,
    [`startup_${bucketOf(STARTUP, startupMs * 3.2)}`]: slow,
    [`rebuffer_${bucketOf(REBUFFER, 0)}`]: whole(reports * 0.97),
    [`rebuffer_${bucketOf(REBUFFER, stalled * 30)}`]: whole(reports * 0.03),
    [`bitrate_${bucketOf(BITRATE, kbps)}`]: whole(watchedMs),
  };
}
