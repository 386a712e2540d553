import { describe, expect, it } from 'vitest';
import { edgeBytesByReason, type Load } from './provenance.js';

function load(changes: Partial<Load>): Load {
  return {
    viewer: 'a',
    sequence: 7,
    askedAt: 1_000,
    startUp: false,
    bufferSeconds: 4,
    peers: 3,
    edgeBytes: 100,
    peerBytes: 0,
    milliseconds: 50,
    ...changes,
  };
}

describe('edgeBytesByReason', () => {
  it('tells who had to fetch a segment from who did not', () => {
    const loads = [
      load({ viewer: 'later', askedAt: 5_000 }),
      load({ viewer: 'first' }),
      load({ viewer: 'meanwhile', askedAt: 1_040, milliseconds: 80 }),
      load({ viewer: 'newcomer', askedAt: 4_000, startUp: true }),
      load({ viewer: 'alone', askedAt: 4_000, peers: 0 }),
      load({ viewer: 'late', askedAt: 1_500, edgeBytes: 30, peerBytes: 70 }),
      load({ viewer: 'fed', edgeBytes: 0, peerBytes: 100 }),
    ];
    expect(edgeBytesByReason(loads)).toEqual({
      first: 100,
      'start-up': 100,
      'no peers': 100,
      together: 100,
      again: 100,
      rescue: 30,
    });
  });

  it('judges each segment by itself', () => {
    const loads = [load({}), load({ sequence: 8, askedAt: 3_000 })];
    expect(edgeBytesByReason(loads)).toMatchObject({ first: 200, again: 0 });
  });
});
