import { afterEach, describe, expect, it } from 'vitest';
import { type Sums, Tally } from '../measures/measures.js';
import { momentsOf } from '../savings/moments.js';
import type { CommitGroup, CubeQuery, EdgeMinute, FactRow, InsightStore, QueryRow } from './insight-store.js';

/** A row of the cube of streams. */
export function streamRow(changes: Partial<FactRow['keys']> = {}, sums: Sums = {}): FactRow {
  return {
    cube: 'stream',
    keys: { stream: '/v/main.m3u8', pop: 'fra', arm: 'treated', ...changes },
    tally: Tally.of({ edgeBytes: 100, peerBytes: 300, beacons: 6, ...sums }),
  };
}

export function group(changes: Partial<CommitGroup>): CommitGroup {
  return { minute: 1000, rows: [], batches: [], sessions: [], ...changes };
}

export function edgeMinute(changes: Partial<EdgeMinute> = {}, sums: EdgeMinute['sums'] = {}): EdgeMinute {
  return {
    ...{ id: id(changes.minute ?? 1000), minute: 1000, edge: 'fra-1', pop: 'fra', ...changes },
    sums: { requests: 10, hits: 8, sentBytes: 5e9, ...sums },
  };
}

/** A mark's id: 16 hexadecimal digits. */
export const id = (number: number): string => number.toString(16).padStart(16, '0');

/** What every insight store must do. `open` gives an empty one; `again` opens the same one for another edge. */
export function insightStoreContract(
  name: string,
  open: () => Promise<InsightStore>,
  again?: () => Promise<InsightStore>,
  { skip = false }: { readonly skip?: boolean } = {},
): void {
  describe.skipIf(skip)(`insight store: ${name}`, () => {
    const stores: InsightStore[] = [];
    const fresh = async (): Promise<InsightStore> => {
      const store = await open();
      stores.push(store);
      return store;
    };
    afterEach(async () => {
      for (const store of stores.splice(0)) await store.close();
    });
    const ask = (changes: Partial<CubeQuery> = {}): CubeQuery => ({
      cube: 'stream',
      grain: 'minute',
      from: 0,
      to: 14_400,
      by: [],
      measures: ['edgeBytes', 'peerBytes'],
      ...changes,
    });
    const edgeBytes = async (store: InsightStore, changes: Partial<CubeQuery> = {}): Promise<unknown[]> =>
      (await store.query(ask(changes))).map(({ minute, keys, sums }) => [
        ...(changes.stepMinutes === undefined ? [] : [minute]),
        ...Object.values(keys),
        sums.edgeBytes,
      ]);

    it('is empty at first', async () => {
      const store = await fresh();
      expect(await store.query(ask())).toEqual([]);
      expect(await store.query(ask({ by: ['stream'], stepMinutes: 10 }))).toEqual([]);
      expect(await store.batchesSince(0, 10)).toEqual([]);
      expect(await store.moments({ from: 0, to: 6000 })).toMatchObject({ clusters: 0, sums: [0, 0, 0, 0] });
    });

    it('adds up rows of the same keys across commits, and tells others apart', async () => {
      const store = await fresh();
      await store.commit(group({ rows: [streamRow()] }));
      await store.commit(
        group({
          rows: [streamRow({}, { edgeBytes: 11 }), streamRow({ arm: 'holdout' }), streamRow({ pop: 'ams' })],
        }),
      );
      expect(await edgeBytes(store, { by: ['pop', 'arm'] })).toEqual([
        ['ams', 'treated', 100],
        ['fra', 'holdout', 100],
        ['fra', 'treated', 111],
      ]);
      expect(await edgeBytes(store, { where: { arm: 'treated', pop: 'fra' } })).toEqual([[111]]);
      expect(await edgeBytes(store, { where: { stream: '/none' } })).toEqual([]);
    });

    it('keeps cubes apart', async () => {
      const store = await fresh();
      const keys = { region: 'DE', network: 'AS1', device: 'tv', arm: 'treated' };
      await store.commit(
        group({
          rows: [streamRow(), { cube: 'audience', keys, tally: Tally.of({ watchedMs: 7, startup_3: 2 }) }],
        }),
      );
      const audience = ask({
        cube: 'audience',
        by: ['region', 'device'],
        measures: ['watchedMs', 'startup_3'],
      });
      expect(await store.query(audience)).toEqual([
        { minute: 0, keys: { region: 'DE', device: 'tv' }, sums: { watchedMs: 7, startup_3: 2 } },
      ]);
      expect(await store.query(ask({ cube: 'total' }))).toEqual([]);
    });

    it('keeps to the range: the first minute in, the last one out', async () => {
      const store = await fresh();
      for (const minute of [9, 10, 19, 20]) await store.commit(group({ minute, rows: [streamRow()] }));
      expect(await edgeBytes(store, { from: 10, to: 20 })).toEqual([[200]]);
    });

    it('gives buckets aligned to the epoch, in order', async () => {
      const store = await fresh();
      for (const minute of [35, 12, 19, 20]) await store.commit(group({ minute, rows: [streamRow()] }));
      expect(await edgeBytes(store, { from: 10, to: 40, stepMinutes: 10 })).toEqual([
        [10, 200],
        [20, 100],
        [30, 100],
      ]);
    });

    it('gives the largest first, and no more than asked', async () => {
      const store = await fresh();
      const streams = ['/a', '/b', '/c', "/d'; DROP TABLE facts; -- \\"];
      const rows = streams.map((stream, index) => streamRow({ stream }, { peerBytes: index * 1000 }));
      await store.commit(group({ rows }));
      const largest = { by: ['edgeBytes', 'peerBytes'] as const, limit: 2 };
      const given = await store.query(ask({ by: ['stream'], largest }));
      expect(given.map(({ keys }) => keys.stream)).toEqual([streams[3], streams[2]]);
      expect(await edgeBytes(store, { where: { stream: streams[3] ?? '' } })).toEqual([[100]]);
    });

    it('gives page after page, each row once, by size and by time', async () => {
      const store = await fresh();
      const pops = ["'", 'ams', 'fra'];
      for (const minute of [1000, 1001]) {
        const rows = ['/a', '/b', '/c'].flatMap((stream) =>
          pops.map((pop, index) => streamRow({ stream, pop }, { peerBytes: index === 2 ? 1e15 : 0 })),
        );
        await store.commit(group({ minute, rows }));
      }
      const orders: Partial<CubeQuery>[] = [
        { by: ['stream', 'pop'], largest: { by: ['edgeBytes', 'peerBytes'], limit: 2 } },
        { by: ['stream', 'pop'], stepMinutes: 1, limit: 4 },
      ];
      for (const order of orders) {
        const { largest, limit, ...rest } = order;
        const all = await store.query(
          ask({ ...rest, ...(largest === undefined ? {} : { largest: { ...largest, limit: 100 } }) }),
        );
        const found: QueryRow[] = [];
        for (let page = await store.query(ask(order)); page.length > 0; ) {
          found.push(...page);
          const { minute, keys, sums } = page.at(-1) ?? { minute: 0, keys: {}, sums: {} };
          const sum = (sums.edgeBytes ?? 0) + (sums.peerBytes ?? 0);
          page = await store.query(ask({ ...order, after: { sum, minute, keys } }));
        }
        expect(found).toEqual(all);
        expect(found).toHaveLength(order.stepMinutes === undefined ? 9 : 18);
      }
    });

    it('holds sums beyond 32 bits', async () => {
      const store = await fresh();
      for (let count = 0; count < 3; count++) {
        await store.commit(group({ rows: [streamRow({}, { edgeBytes: 75e9 })] }));
      }
      expect(await edgeBytes(store)).toEqual([[225e9]]);
    });

    it.each([
      ['as it comes', []],
      ['when it is tended after each hour', [60, 120, 180, 1440, 2880]],
      ['when it is tended once, days later', [2890]],
    ])('gives the same figures at every grain, %s', async (_, tended) => {
      const store = await fresh();
      let minute = 0;
      for (const end of [...tended, 2900]) {
        for (; minute < Math.min(end, 2900); minute += 100) {
          await store.commit(group({ minute, rows: [streamRow({ stream: `/${minute % 3}` })] }));
        }
        await store.tend(end + 2);
      }
      await store.commit(group({ minute: 2901, rows: [streamRow()] }));
      for (const grain of ['minute', 'hour', 'day', 'week'] as const) {
        expect(await edgeBytes(store, { grain, to: 20_160 })).toEqual([[3000]]);
        if (grain === 'week') continue;
        expect(await edgeBytes(store, { grain, to: 1440 })).toEqual([[1500]]);
      }
      const byDay = await edgeBytes(store, { grain: 'day', stepMinutes: 1440 });
      expect(byDay).toEqual([
        [0, 1500],
        [1440, 1400],
        [2880, 100],
      ]);
      expect(await edgeBytes(store, { grain: 'hour', stepMinutes: 1440 })).toEqual(byDay);
    });

    it('gives moments over streams by hour, the same before and after it is tended', async () => {
      const store = await fresh();
      const hour = 3.6e6;
      const rows = [
        streamRow({ arm: 'holdout' }, { edgeBytes: 2e9, watchedMs: hour }),
        streamRow({}, { edgeBytes: 3e9, watchedMs: 2 * hour }),
        streamRow({ pop: 'ams' }, { edgeBytes: 1e9, watchedMs: hour }),
        streamRow({ stream: '/w' }, { edgeBytes: 5e9, watchedMs: 4 * hour }),
      ];
      await store.commit(group({ minute: 10, rows }));
      await store.commit(group({ minute: 70, rows: rows.slice(0, 1) }));
      const expected = momentsOf([
        [2, 1, 4, 3],
        [0, 0, 5, 4],
        [2, 1, 0, 0],
      ]);
      const range = { from: 0, to: 180 };
      expect(await store.moments(range)).toEqual(expected);
      await store.tend(130);
      expect(await store.moments(range)).toEqual(expected);
      await store.tend(500);
      expect(await store.moments(range)).toEqual(expected);
      expect(await store.moments({ from: 60, to: 120 })).toMatchObject({ clusters: 1, sums: [2, 1, 0, 0] });
      expect(await store.moments(range, { stream: '/w' })).toMatchObject({ clusters: 1, sums: [0, 0, 5, 4] });
      expect(await store.moments(range, { pop: 'ams' })).toMatchObject({ clusters: 1, sums: [0, 0, 1, 1] });
    });

    it('gives the newest marks, oldest first', async () => {
      const store = await fresh();
      const mark = (minute: number): { minute: number; id: string } => ({ minute, id: id(minute) });
      await store.commit(group({ minute: 3, batches: [id(3)], sessions: ['ffffffffffffffff'] }));
      await store.commit(group({ minute: 1, batches: [id(1)] }));
      await store.commit(group({ minute: 2, batches: [id(2)] }));
      expect(await store.batchesSince(2, 10)).toEqual([mark(2), mark(3)]);
      expect(await store.batchesSince(0, 2)).toEqual([mark(2), mark(3)]);
      expect(await store.sessionsSince(0, 10)).toEqual([{ minute: 3, id: 'ffffffffffffffff' }]);
    });

    it('forgets what is pruned, and only that', async () => {
      const store = await fresh();
      const week = 10_080;
      for (const minute of [5, week + 5]) {
        await store.commit(
          group({ minute, rows: [streamRow()], batches: [id(minute)], sessions: [id(minute)] }),
        );
      }
      await store.tend(3 * week + 10);
      await store.prune({ minute: week, hour: 0, day: 0, batches: week, sessions: week });
      const to = 3 * week + 1440;
      // What is deleted may take a moment to go.
      await expect.poll(() => edgeBytes(store, { to }), { timeout: 10_000 }).toEqual([[100]]);
      expect(await edgeBytes(store, { to, grain: 'hour' })).toEqual([[200]]);
      expect(await edgeBytes(store, { to, grain: 'day' })).toEqual([[200]]);
      expect(await edgeBytes(store, { to: 4 * week, grain: 'week' })).toEqual([[200]]);
      expect(await store.batchesSince(0, 10)).toEqual([{ minute: week + 5, id: id(week + 5) }]);
      await store.prune({ minute: week, hour: week, day: week, batches: week, sessions: week });
      await expect.poll(() => edgeBytes(store, { to, grain: 'day' }), { timeout: 10_000 }).toEqual([[100]]);
    });

    const ofEdges = { cube: 'edge', by: ['edge', 'pop'], measures: ['requests', 'sentBytes'] } as const;

    it('adds up what edges counted, and tells them apart from what players report', async () => {
      const store = await fresh();
      await store.commit(group({ rows: [streamRow()] }));
      for (const counted of [
        edgeMinute(),
        edgeMinute({ minute: 1001 }, { requests: 1, siblingBytes: 7 }),
        edgeMinute({ id: id(7), edge: 'ams-1', pop: "ams'" }),
      ]) {
        expect(await store.addEdge(counted)).toBe(true);
      }
      expect(await store.query(ask(ofEdges))).toEqual([
        { minute: 0, keys: { edge: 'ams-1', pop: "ams'" }, sums: { requests: 10, sentBytes: 5e9 } },
        { minute: 0, keys: { edge: 'fra-1', pop: 'fra' }, sums: { requests: 11, sentBytes: 10e9 } },
      ]);
      const narrow = ask({ ...ofEdges, by: [], where: { edge: 'fra-1' }, measures: ['siblingBytes'] });
      expect(await store.query({ ...narrow, stepMinutes: 1 })).toEqual([
        { minute: 1000, keys: {}, sums: { siblingBytes: 0 } },
        { minute: 1001, keys: {}, sums: { siblingBytes: 7 } },
      ]);
      expect(await edgeBytes(store)).toEqual([[100]]);
    });

    it('counts the same minute of an edge once, however often it comes', async () => {
      const store = await fresh();
      expect(await store.addEdge(edgeMinute())).toBe(true);
      expect(await store.addEdge(edgeMinute())).toBe(false);
      await store.tend(2000);
      expect(await store.addEdge(edgeMinute())).toBe(false);
      // Another run of the edge in that minute.
      expect(await store.addEdge(edgeMinute({ id: id(2) }))).toBe(true);
      expect(await store.query(ask({ ...ofEdges, grain: 'hour' }))).toMatchObject([
        { sums: { requests: 20 } },
      ]);
    });

    it('gives the same figures of edges at every grain, and forgets them by grain', async () => {
      const store = await fresh();
      const week = 10_080;
      for (const minute of [5, 65, week + 5]) await store.addEdge(edgeMinute({ minute }));
      const requests = async (changes: Partial<CubeQuery>): Promise<unknown> => {
        const rows = await store.query(ask({ ...ofEdges, by: [], to: 4 * week, ...changes }));
        return rows.map(({ sums }) => sums.requests);
      };
      await store.tend(3 * week + 10);
      for (const grain of ['minute', 'hour', 'day', 'week'] as const) {
        expect(await requests({ grain })).toEqual([30]);
      }
      await store.prune({ minute: week, hour: 0, day: 0, batches: 0, sessions: 0 });
      await expect.poll(() => requests({}), { timeout: 10_000 }).toEqual([10]);
      expect(await requests({ grain: 'hour' })).toEqual([30]);
      await store.prune({ minute: week, hour: week, day: week, batches: 0, sessions: 0 });
      await expect.poll(() => requests({ grain: 'day' }), { timeout: 10_000 }).toEqual([10]);
      expect(await store.addEdge(edgeMinute({ minute: week + 5 }))).toBe(false);
    });

    it('reads while it writes', async () => {
      const store = await fresh();
      const work: Promise<unknown>[] = [];
      for (let minute = 0; minute < 20; minute++) {
        work.push(store.commit(group({ minute, rows: [streamRow()] })), store.query(ask({ stepMinutes: 1 })));
      }
      await Promise.all(work);
      expect(await store.query(ask({ stepMinutes: 1 }))).toHaveLength(20);
    });

    // One that has a single writer cannot be opened twice.
    if (again !== undefined) {
      it('knows the batches that another edge committed', async () => {
        const store = await fresh();
        await store.commit(group({ minute: 5, batches: [id(1), id(2)] }));
        const other = await again();
        stores.push(other);
        expect(await other.seen([id(2), id(3)], 0)).toEqual(new Set([id(2)]));
        expect(await other.seen([id(2)], 6)).toEqual(new Set());
        expect(await other.seen([], 0)).toEqual(new Set());
      });

      it('knows the minutes of edges that another edge added', async () => {
        const store = await fresh();
        await store.addEdge(edgeMinute());
        const other = await again();
        stores.push(other);
        expect(await other.addEdge(edgeMinute())).toBe(false);
      });
    }
  });
}
