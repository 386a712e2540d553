import { NO_COUNTERS } from '@eddy/protocol';
import { expect, it } from 'vitest';
import { ByteCounters, Increments } from './counters.js';

it('tells apart where the edge had its bytes, as far as it says', () => {
  const counters = new ByteCounters();
  counters.tier('eddy-1; hit; ttl=30', 1);
  counters.tier('eddy-1; hit; ttl=30; detail=disk', 10);
  counters.tier('eddy-1; fwd=uri-miss; stored', 100);
  counters.tier(null, 1000);
  expect(counters).toMatchObject({ edgeMemoryBytes: 1, edgeDiskBytes: 10, edgeFillBytes: 100 });
});

it('tells bytes that failed their hash from other waste, and peers apart, once', () => {
  const counters = new ByteCounters();
  counters.wasted(5);
  counters.hashFailed(7);
  counters.from('ann', 2);
  counters.from('ann', 3);
  expect(counters).toMatchObject({ wastedBytes: 12, hashFailedBytes: 7, duplicateBytes: 5 });
  expect([counters.takeFrom(), counters.takeFrom()]).toEqual([[{ peer: 'ann', bytes: 5 }], []]);
});

it('turns totals into increments that add up to them', () => {
  const increments = new Increments();
  const taken = [0.4, 0.9, 1.6].map((edgeBytes) => increments.take({ ...NO_COUNTERS, edgeBytes }).edgeBytes);
  expect(taken).toEqual([0, 1, 1]);
});
