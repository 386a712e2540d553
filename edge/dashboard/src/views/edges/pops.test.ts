import { expect, it } from 'vitest';
import { type EdgeRow, popRows } from './pops.js';

function edge(name: string, pop: string, sentBytes: number, nowBytesPerSecond: number | null): EdgeRow {
  return {
    ...{ edge: name, pop, requests: 10, hits: 9, collapsed: 0, revalidated: 0, stale: 0, passed: 0 },
    ...{ refused: 1, failed: 0, cuts: 0, sentBytes, hitBytes: sentBytes / 2, originBytes: 3, shieldBytes: 2 },
    ...{ siblingBytes: 1, accusations: 0, disputedViewers: 0, reportedMs: 60_000 },
    ...{ hitRatio: 0.9, byteHitRatio: 0.5, nowBytesPerSecond },
  };
}

it('PoPs are what their edges are together, the busiest first, silent where none tells anything', () => {
  const rows = popRows([edge('a', 'fra', 10, null), edge('b', 'par', 100, 7), edge('c', 'fra', 20, null)]);
  expect(rows).toEqual([
    {
      ...{ pop: 'par', edges: 1, requests: 10, sentBytes: 100, filledBytes: 6, hitRatio: 0.5, refused: 1 },
      nowBytesPerSecond: 7,
    },
    {
      ...{ pop: 'fra', edges: 2, requests: 20, sentBytes: 30, filledBytes: 12, hitRatio: 0.5, refused: 2 },
      nowBytesPerSecond: null,
    },
  ]);
  expect(popRows([edge('a', 'fra', 0, 0)])[0]).toMatchObject({ hitRatio: null, nowBytesPerSecond: 0 });
});
