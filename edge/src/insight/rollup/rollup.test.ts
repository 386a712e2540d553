import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COUNTERS } from '../measures/measures.js';
import { sampleFact } from '../sample-beacon.js';
import { PLAYER_CUBES } from '../store/insight-store.js';
import { BoundedNames } from './bounded-names.js';
import { rollUp } from './rollup.js';

describe('rollUp', () => {
  it('sums by the keys of each cube', () => {
    const rows = rollUp(
      [
        sampleFact(),
        sampleFact({ session: 'other', region: 'DE' }, { edgeBytes: 7 }),
        sampleFact({ arm: 'holdout' }),
        sampleFact({ stream: '/w', device: 'tv' }),
      ],
      ({ keys }) => keys.region === 'DE',
    );
    const of = (cube: string): unknown[] =>
      rows
        .filter((row) => row.cube === cube)
        .map(({ keys, tally: { sums } }) => [Object.values(keys).join(' '), sums.edgeBytes, sums.beacons]);
    expect(of('total')).toEqual([
      ['main treated', 2007, 3],
      ['main holdout', 1000, 1],
    ]);
    expect(of('stream')).toEqual([
      ['/v/main.m3u8 main treated', 1007, 2],
      ['/v/main.m3u8 main holdout', 1000, 1],
      ['/w main treated', 1000, 1],
    ]);
    expect(of('audience')).toEqual([
      ['  desktop treated', 1000, 1],
      ['DE  desktop treated', 7, 1],
      ['  desktop holdout', 1000, 1],
      ['  tv treated', 1000, 1],
    ]);
    expect(rows[0]?.tally.sums.sessions).toBe(1);
  });

  it('loses and adds nothing in any cube, whatever comes', () => {
    const fact = fc.record({
      stream: fc.constantFrom('/a', '/b', 'treated', '1 /a'),
      arm: fc.constantFrom('treated', 'holdout'),
      region: fc.constantFrom('', 'DE', 'FR-75'),
      edgeBytes: fc.nat(),
      startup: fc.nat(11),
    });
    fc.assert(
      fc.property(fc.array(fact), (given) => {
        const facts = given.map(({ edgeBytes, startup, ...keys }) =>
          sampleFact(keys, { edgeBytes, [`startup_${startup}`]: 1 }),
        );
        const rows = rollUp(facts, () => true);
        for (const cube of PLAYER_CUBES) {
          const sums = rows.filter((row) => row.cube === cube).map((row) => row.tally.sums);
          for (const counter of COUNTERS) {
            if (counter === 'sessions') continue;
            const all = facts.reduce((sum, { tally }) => sum + tally.of(counter), 0);
            expect(sums.reduce((sum, part) => sum + (part[counter] ?? 0), 0)).toBe(all);
          }
          expect(sums.reduce((sum, part) => sum + (part.sessions ?? 0), 0)).toBe(facts.length);
        }
      }),
    );
  });
});

describe('bounded names', () => {
  it('tell a bounded number apart in each minute', () => {
    const names = new BoundedNames({ maxPerMinute: 2, others: '(others)' });
    expect(['/a', '/b', '/c', '/a'].map((name) => names.nameOf(name, 1))).toEqual([
      '/a',
      '/b',
      '(others)',
      '/a',
    ]);
    expect(names.nameOf('/c', 2)).toBe('/c');
  });
});
