import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProtocolErrorCode } from '../errors.js';
import { MAX_BEACON_BYTES } from '../limits.js';
import { itIsASafeReader } from '../testing/json-properties.js';
import { BEACON_COUNTERS, type Beacon, parseBeacon } from './beacon.js';

const name = fc.string({ minLength: 1, maxLength: 64 });
const counters = fc.record({
  edgeBytes: fc.nat(1e9),
  peerBytes: fc.nat(1e9),
  uploadedBytes: fc.nat(1e9),
  wastedBytes: fc.nat(1e9),
  watchedMs: fc.nat(600_000),
  rebufferMs: fc.nat(600_000),
  rebuffers: fc.nat(10_000),
});
const beacon: fc.Arbitrary<Beacon> = fc.record({
  version: fc.constant(1),
  batch: name,
  session: name,
  presentation: name,
  arm: fc.constantFrom('treated' as const, 'holdout' as const),
  peers: fc.nat(1000),
  counters,
});

describe('beacons', () => {
  itIsASafeReader(parseBeacon, beacon);

  it('name each counter', () => {
    const [one] = fc.sample(counters, 1);
    expect([...BEACON_COUNTERS].sort()).toEqual(Object.keys(one ?? {}).sort());
  });

  const [valid] = fc.sample(beacon, 1);
  it.each<[string, ProtocolErrorCode, object]>([
    ['another version', 'bad-version', { version: 2 }],
    ['an unknown arm', 'bad-value', { arm: 'both' }],
    ['a batch without end', 'too-large', { batch: 'x'.repeat(65) }],
    ['more watched time than passed', 'bad-value', { counters: { ...valid?.counters, watchedMs: 600_001 } }],
    ['more bytes than a link carries', 'bad-value', { counters: { ...valid?.counters, peerBytes: 76e9 } }],
    ['negative bytes', 'bad-value', { counters: { ...valid?.counters, edgeBytes: -1 } }],
    ['half a rebuffer', 'bad-value', { counters: { ...valid?.counters, rebuffers: 0.5 } }],
    ['no counters', 'bad-value', { counters: null }],
  ])('are refused with %s', (_what, code, change) => {
    expect(() => parseBeacon(JSON.stringify({ ...valid, ...change }))).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('are refused over the limit', () => {
    const text = JSON.stringify({ ...valid, more: 'x'.repeat(MAX_BEACON_BYTES) });
    expect(() => parseBeacon(text)).toThrow(expect.objectContaining({ code: 'too-large' }));
  });
});
