import { type Beacon, type BeaconCounters, NO_COUNTERS, writeBeacon } from '@eddy/protocol';
import { type Sums, Tally } from './measures/measures.js';
import { type Fact, markOf } from './rollup/fact.js';

/** For tests: a beacon of ten seconds' watching, three quarters of it from peers. */
export function sampleBeacon(
  changes: Partial<Omit<Beacon, 'counters'>> = {},
  counters: Partial<BeaconCounters> = {},
): Beacon {
  return {
    batch: 'batch',
    session: 'session',
    presentation: '/v/main.m3u8',
    arm: 'treated',
    peers: 3,
    starvationsMs: [100],
    errors: [],
    from: [],
    ...changes,
    counters: {
      ...NO_COUNTERS,
      edgeBytes: 1000,
      peerBytes: 3000,
      uploadedBytes: 2000,
      wastedBytes: 10,
      watchedMs: 9900,
      ...counters,
    },
  };
}

/** The same as it is sent. */
export function sampleLine(...given: Parameters<typeof sampleBeacon>): string {
  return writeBeacon(sampleBeacon(...given), { timeMs: 1000, sequence: 1 });
}

/** For tests: what is made of a beacon. */
export function sampleFact(
  {
    batch = 'batch',
    session = 'session',
    ...keys
  }: Partial<Fact['keys']> & { batch?: string; session?: string } = {},
  sums: Sums = {},
): Fact {
  return {
    batch: markOf(`${session} ${batch}`),
    session: markOf(session),
    keys: {
      ...{ stream: '/v/main.m3u8', pop: 'main', arm: 'treated', region: '', network: '', device: 'desktop' },
      ...keys,
    },
    tally: Tally.of({
      ...{ edgeBytes: 1000, peerBytes: 3000, watchedMs: 9900, rebufferMs: 100, beacons: 1 },
      ...sums,
    }),
  };
}
