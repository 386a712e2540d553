import { expect, it } from 'vitest';
import { MemoryTier, sizeInMemory } from '../cache/memory-tier.js';
import type { StoredResponse } from '../cache/stored-response.js';
import { createSegmentDigests } from '../digests/segment-digests.js';
import { NO_BACKING_STORE } from '../fill/backing-store.js';
import { FillTable } from '../fill/fill-table.js';
import { PassMarks } from '../fill/pass-marks.js';
import { createPurge } from './purge.js';

const OBJECT: StoredResponse = {
  ...{ key: '/a', path: '/a', tags: [], vary: [], receivedAtMs: 0, body: Buffer.from('old') },
  ...{ slices: undefined, refusal: undefined, rendered: undefined },
  lifetime: { freshMs: 60_000, staleIfErrorMs: 0, staleWhileRevalidateMs: 0 },
  head: {
    ...{ status: 200, fields: [], etag: undefined, lastModified: undefined, contentEncoding: undefined },
    ...{ dateMs: 0, initialAgeMs: 0, totalBytes: 3 },
  },
};

it('a purge ends with nothing in memory, though a request brings the object back while the disk lets go', async () => {
  const clock = { now: () => 0 };
  const tier = new MemoryTier({ limitBytes: 1_000_000, sizeOf: sizeInMemory });
  const purge = createPurge({
    ...{ tier, table: new FillTable({ maxFills: 1 }), marks: new PassMarks({ clock }), wallClock: clock },
    digests: createSegmentDigests({ readCached: () => undefined }, { maxSegments: 1 }),
    backing: {
      ...NO_BACKING_STORE,
      purge: async () => {
        tier.set(OBJECT);
        return ['/a'];
      },
    },
  });
  expect(await purge.hard({ by: 'path', path: '/a' })).toEqual({ objects: 1, fills: 0, keys: ['/a'] });
  expect(tier.peek('/a')).toBeUndefined();
});
