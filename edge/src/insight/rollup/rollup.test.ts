import { BEACON_COUNTERS } from '@eddy/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleBeacon } from '../sample-beacon.js';
import { rollUp } from './rollup.js';
import { OTHER_STREAMS, StreamNames } from './stream-names.js';

describe('rollUp', () => {
  it('sums by minute, stream and arm', () => {
    const rows = rollUp(
      [
        { beacon: sampleBeacon(), minute: 5 },
        { beacon: sampleBeacon({ session: 'other' }, { edgeBytes: 7 }), minute: 5 },
        { beacon: sampleBeacon({ arm: 'holdout' }), minute: 5 },
        { beacon: sampleBeacon(), minute: 6 },
        { beacon: sampleBeacon({ presentation: '/w' }), minute: 6 },
      ],
      ({ minute }) => minute === 5,
    );
    expect(
      rows.map(({ minute, presentation, arm, beacons }) => [minute, presentation, arm, beacons]),
    ).toEqual([
      [5, '/v/main.m3u8', 'treated', 2],
      [5, '/v/main.m3u8', 'holdout', 1],
      [6, '/v/main.m3u8', 'treated', 1],
      [6, '/w', 'treated', 1],
    ]);
    expect(rows[0]).toMatchObject({ edgeBytes: 1007, peerBytes: 6000, sessions: 2 });
    expect(rows[2]).toMatchObject({ sessions: 0 });
  });

  it('loses and adds nothing, whatever comes', () => {
    const batch = fc.record({
      minute: fc.nat(3),
      stream: fc.constantFrom('/a', '/b', 'treated', '1 /a'),
      arm: fc.constantFrom('treated', 'holdout'),
      edgeBytes: fc.nat(),
      peerBytes: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(batch), (batches) => {
        const dated = batches.map(({ minute, stream, arm, edgeBytes, peerBytes }) => ({
          minute,
          beacon: sampleBeacon({ presentation: stream, arm }, { edgeBytes, peerBytes }),
        }));
        const rows = rollUp(dated, () => true);
        for (const counter of BEACON_COUNTERS) {
          const given = dated.reduce((sum, { beacon }) => sum + beacon.counters[counter], 0);
          expect(rows.reduce((sum, row) => sum + row[counter], 0)).toBe(given);
        }
        expect(rows.reduce((sum, row) => sum + row.sessions, 0)).toBe(dated.length);
      }),
    );
  });
});

describe('StreamNames', () => {
  it('tells a bounded number apart in each minute', () => {
    const names = new StreamNames({ maxPerMinute: 2 });
    expect(['/a', '/b', '/c', '/a'].map((name) => names.nameOf(name, 1))).toEqual([
      '/a',
      '/b',
      OTHER_STREAMS,
      '/a',
    ]);
    expect(names.nameOf('/c', 2)).toBe('/c');
  });
});
