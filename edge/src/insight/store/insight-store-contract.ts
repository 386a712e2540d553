import { afterEach, describe, expect, it } from 'vitest';
import type { CommitGroup, InsightStore, RollupRow } from './insight-store.js';

/** A row with figures that are all different. */
export function row(changes: Partial<RollupRow> = {}): RollupRow {
  return {
    minute: 1000,
    presentation: '/v/main.m3u8',
    arm: 'treated',
    edgeBytes: 100,
    peerBytes: 300,
    uploadedBytes: 200,
    wastedBytes: 5,
    watchedMs: 60_000,
    rebufferMs: 40,
    rebuffers: 1,
    beacons: 6,
    sessions: 2,
    ...changes,
  };
}

const group = (changes: Partial<CommitGroup>): CommitGroup => ({
  rows: [],
  batches: [],
  sessions: [],
  ...changes,
});

/** What every insight store must do. `open` gives an empty one. */
export function insightStoreContract(name: string, open: () => Promise<InsightStore>): void {
  describe(`insight store: ${name}`, () => {
    const stores: InsightStore[] = [];
    const fresh = async (): Promise<InsightStore> => {
      const store = await open();
      stores.push(store);
      return store;
    };
    afterEach(async () => {
      for (const store of stores.splice(0)) await store.close();
    });
    const all = { from: 0, to: 100_000 };

    it('is empty at first', async () => {
      const store = await fresh();
      expect(await store.totals(all)).toEqual([]);
      expect(await store.series(all, 10)).toEqual([]);
      expect(await store.streams(all, 10)).toEqual([]);
      expect(await store.batchesSince(0, 10)).toEqual([]);
    });

    it('adds rows of the same minute, stream and arm, across commits', async () => {
      const store = await fresh();
      await store.commit(group({ rows: [row()] }));
      await store.commit(group({ rows: [row({ edgeBytes: 11 }), row({ arm: 'holdout', peerBytes: 0 })] }));
      const { minute: _, presentation: __, ...sums } = row();
      expect(await store.totals(all)).toEqual([
        { ...sums, arm: 'holdout', peerBytes: 0 },
        {
          arm: 'treated',
          edgeBytes: 111,
          peerBytes: 600,
          uploadedBytes: 400,
          wastedBytes: 10,
          watchedMs: 120_000,
          rebufferMs: 80,
          rebuffers: 2,
          beacons: 12,
          sessions: 4,
        },
      ]);
    });

    it('keeps to the range: the first minute in, the last one out', async () => {
      const store = await fresh();
      await store.commit(group({ rows: [9, 10, 19, 20].map((minute) => row({ minute })) }));
      const [sums] = await store.totals({ from: 10, to: 20 });
      expect(sums?.edgeBytes).toBe(200);
    });

    it('gives buckets aligned to the epoch, in order', async () => {
      const store = await fresh();
      await store.commit(group({ rows: [35, 12, 19, 20].map((minute) => row({ minute })) }));
      const buckets = await store.series({ from: 10, to: 40 }, 10);
      expect(buckets.map(({ minute, edgeBytes }) => [minute, edgeBytes])).toEqual([
        [10, 200],
        [20, 100],
        [30, 100],
      ]);
    });

    it('gives the largest streams first, and no more than asked', async () => {
      const store = await fresh();
      const streams = ['/a', '/b', '/c', "/d'; DROP TABLE rollup_minutes; --"];
      await store.commit(
        group({
          rows: streams.map((presentation, index) => row({ presentation, peerBytes: index * 1000 })),
        }),
      );
      const given = await store.streams(all, 2);
      expect(given.map(({ presentation }) => presentation)).toEqual([streams[3], streams[2]]);
    });

    it('holds sums beyond 32 bits', async () => {
      const store = await fresh();
      for (let count = 0; count < 3; count++) await store.commit(group({ rows: [row({ edgeBytes: 75e9 })] }));
      expect((await store.totals(all))[0]?.edgeBytes).toBe(225e9);
    });

    it('gives the newest marks, oldest first', async () => {
      const store = await fresh();
      const mark = (minute: number): { minute: number; id: string } => ({ minute, id: `id-${minute}` });
      await store.commit(group({ batches: [mark(3), mark(1)], sessions: [mark(7)] }));
      await store.commit(group({ batches: [mark(2)] }));
      expect(await store.batchesSince(2, 10)).toEqual([mark(2), mark(3)]);
      expect(await store.batchesSince(0, 2)).toEqual([mark(2), mark(3)]);
      expect(await store.sessionsSince(0, 10)).toEqual([mark(7)]);
    });

    it('forgets what is pruned, and only that', async () => {
      const store = await fresh();
      const marks = [5, 15].map((minute) => ({ minute, id: String(minute) }));
      await store.commit(
        group({ rows: [5, 15].map((minute) => row({ minute })), batches: marks, sessions: marks }),
      );
      await store.prune({ rows: 10, batches: 10, sessions: 5 });
      expect((await store.totals(all))[0]?.edgeBytes).toBe(100);
      expect(await store.batchesSince(0, 10)).toEqual(marks.slice(1));
      expect(await store.sessionsSince(0, 10)).toEqual(marks);
    });

    it('reads while it writes', async () => {
      const store = await fresh();
      const work: Promise<unknown>[] = [];
      for (let count = 0; count < 20; count++) {
        work.push(store.commit(group({ rows: [row({ minute: count })] })), store.series(all, 1));
      }
      await Promise.all(work);
      expect(await store.series(all, 1)).toHaveLength(20);
    });
  });
}
