import { describe, expect, it } from 'vitest';
import type { ProtocolErrorCode } from '../errors.js';
import { MAX_BEACON_BYTES, PROTOCOL_VERSION } from '../limits.js';
import { BEACON_COUNTERS, type Beacon, parseBeacon } from './beacon.js';

const valid: Beacon = {
  version: PROTOCOL_VERSION,
  batch: 'b1',
  session: 's1',
  presentation: '/v/master.m3u8',
  arm: 'treated',
  peers: 3,
  counters: {
    edgeBytes: 1,
    peerBytes: 2,
    uploadedBytes: 3,
    wastedBytes: 4,
    watchedMs: 5,
    rebufferMs: 6,
    rebuffers: 7,
  },
};

describe('beacons', () => {
  it('are read whole, each counter by its name', () => {
    expect(parseBeacon(JSON.stringify(valid))).toEqual(valid);
    expect([...BEACON_COUNTERS].sort()).toEqual(Object.keys(valid.counters).sort());
  });

  it.each<[string, ProtocolErrorCode, object]>([
    ['another version', 'bad-version', { version: PROTOCOL_VERSION + 1 }],
    ['an unknown arm', 'bad-value', { arm: 'both' }],
    ['a batch without end', 'too-large', { batch: 'x'.repeat(65) }],
    ['more watched time than passed', 'bad-value', { counters: { ...valid.counters, watchedMs: 600_001 } }],
    ['more bytes than a link carries', 'bad-value', { counters: { ...valid.counters, peerBytes: 76e9 } }],
    ['negative bytes', 'bad-value', { counters: { ...valid.counters, edgeBytes: -1 } }],
    ['half a rebuffer', 'bad-value', { counters: { ...valid.counters, rebuffers: 0.5 } }],
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
