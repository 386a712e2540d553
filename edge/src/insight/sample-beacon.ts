import { type Beacon, type BeaconCounters, PROTOCOL_VERSION } from '@eddy/protocol';

/** For tests: a beacon of ten seconds' watching, three quarters of it from peers. */
export function sampleBeacon(
  changes: Partial<Omit<Beacon, 'counters'>> = {},
  counters: Partial<BeaconCounters> = {},
): Beacon {
  return {
    version: PROTOCOL_VERSION,
    batch: 'batch',
    session: 'session',
    presentation: '/v/main.m3u8',
    arm: 'treated',
    peers: 3,
    ...changes,
    counters: {
      edgeBytes: 1000,
      peerBytes: 3000,
      uploadedBytes: 2000,
      wastedBytes: 10,
      watchedMs: 9900,
      rebufferMs: 100,
      rebuffers: 1,
      ...counters,
    },
  };
}
