import type { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LiveWindow } from '../live/live-window.js';
import { Tally } from '../measures/measures.js';
import { checkAnswers } from '../openapi/check-answers.js';
import { openApi } from '../openapi/document.js';
import { readPrices } from '../prices/read-prices.js';
import type { ReaderEnv } from '../readers/reader.js';
import { shareRoutes } from '../readers/share-routes.js';
import { openDuckDbStore } from '../store/duckdb-store.js';
import type { FactRow, InsightStore } from '../store/insight-store.js';
import { edgeMinute, group, id, streamRow } from '../store/insight-store-contract.js';
import { Queries } from './queries.js';
import { queryRoutes } from './query-routes.js';
import { QUESTIONS } from './questions.js';

const NOW_MINUTE = 29_000_000;
const STREAMS = Array.from({ length: 7 }, (_, index) => `/${index}/main.m3u8`);

let store: InsightStore;
let api: Hono<ReaderEnv>;

beforeAll(async () => {
  store = await openDuckDbStore(':memory:');
  const wallClock = { now: () => (NOW_MINUTE + 0.5) * 60_000 };
  const queries = new Queries({
    ...{ store, wallClock, unreportedBytes: () => 3 },
    live: new LiveWindow({ maxSessions: 10 }),
  });
  api = queryRoutes({ queries, store, wallClock, prices: await readPrices() });
  const watched = { watchedMs: 600_000, rebufferMs: 1000, startups: 2, startupMs: 900, startup_3: 2 };
  for (let minute = NOW_MINUTE - 3; minute < NOW_MINUTE; minute++) {
    const rows: FactRow[] = STREAMS.flatMap((stream, index) => [
      streamRow({ stream }, { ...watched, edgeBytes: 1000 * index }),
      streamRow({ stream, pop: 'ams', arm: 'holdout' }, watched),
    ]);
    for (const [region, device] of [
      ['DE', 'tv'],
      ['DE', 'phone'],
      ['FR', 'tv'],
    ] as const) {
      const keys = { region, network: 'AS1', device, arm: 'treated' };
      rows.push({ cube: 'audience', keys, tally: Tally.of({ ...watched, peerBytes: 5 }) });
    }
    rows.push({
      cube: 'total',
      keys: { pop: 'fra', arm: 'treated' },
      tally: Tally.of({ ...watched, peerBytes: 15 }),
    });
    await store.commit(group({ minute, rows }));
    for (const [index, edge] of ['fra-1', 'fra-2', 'ams-1'].entries()) {
      const pop = edge.slice(0, 3);
      const sums = { sentBytes: 6e6 * (index + 1), reportedMs: 60_000, refused: 1, accusations: index };
      await store.addEdge(edgeMinute({ minute, edge, pop, id: id(minute * 10 + index) }, sums));
    }
  }
});
afterAll(() => store.close());

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into.
async function ask(path: string): Promise<any> {
  const answer = await api.request(`/${path}`);
  expect([path, answer.status]).toEqual([path, 200]);
  return answer.json();
}

async function refusal(path: string): Promise<unknown> {
  const answer = await api.request(`/${path}`);
  const body: unknown = await answer.json();
  return { status: answer.status, ...(body as object) };
}

describe('the query API', () => {
  it('answers as it says in openapi.json, whatever is asked', async () => {
    const document = await ask('openapi.json');
    expect(document).toEqual(JSON.parse(JSON.stringify(openApi(QUESTIONS))));
    const queries = [
      '',
      'range=24h',
      'pop=ams',
      'stream=/1/main.m3u8',
      'region=DE',
      'range=3y',
      'stream=/none',
    ];
    const ofStore = async (path: string): Promise<unknown> => {
      if (!path.startsWith('/session')) return ask(path.slice(1));
      return (await shareRoutes(undefined, undefined).request(path)).json();
    };
    const { checked, problems } = await checkAnswers(ofStore, queries);
    expect(problems).toEqual([]);
    expect(checked).toBeGreaterThan(25);
  });

  it.each([
    ['summary?strem=/v', 'strem is no parameter of this question: there are range, from, to, stream'],
    ['prices?range=1h', 'there are none here'],
    ['summary?range=2h', 'range is one of 15m, 1h'],
    ['summary?pop=a&pop=b', 'pop is given 2 times'],
    ['summary?from=5', 'from and to come together'],
    ['summary?pop=', 'pop has 1 to 1024 characters'],
    ['summary?pop=fra&region=DE', 'cannot be combined'],
    ['streams?limit=0', 'limit is a whole number from 1 to 100'],
    ['savings?plan=none', 'plan is one of '],
    ['streams?cursor=x', 'take nextCursor'],
    ['export?cube=audience&pop=fra', 'cannot be narrowed by pop: it has region, network, device, arm'],
  ])('says what is wrong with %s', async (path, message) => {
    expect(await refusal(path)).toEqual({
      ...{ status: 400, error: 'bad-query' },
      message: expect.stringContaining(message),
    });
  });

  it('says where to look when there is nothing', async () => {
    expect(await refusal('sumary')).toMatchObject({
      status: 404,
      message: expect.stringContaining('openapi'),
    });
  });

  it('gives streams page by page, each once, about the same time', async () => {
    const names: string[] = [];
    let path = 'streams?limit=3';
    for (let pages = 1; ; pages++) {
      const { streams, nextCursor, range } = await ask(path);
      names.push(...streams.map(({ presentation }: { presentation: string }) => presentation));
      expect(range.name).toBe('1h');
      if (nextCursor === null) {
        expect(pages).toBe(3);
        break;
      }
      path = `streams?limit=3&cursor=${nextCursor}`;
      const elsewhere = `streams?limit=3&pop=fra&cursor=${nextCursor}`;
      expect(await refusal(elsewhere)).toMatchObject({ status: 400, error: 'bad-query' });
    }
    expect(names).toEqual([...STREAMS].reverse());
  });

  it('tells how many watch a stream at a time', async () => {
    const { streams } = await ask('streams?range=15m&limit=1');
    // Two rows of ten minutes' watching in each of three minutes, over the 14.5 minutes of the range that passed.
    expect(streams[0].meanViewers).toBeCloseTo((6 * 601) / (14.5 * 60), 5);
  });

  it('tells what edges counted: in all, by step and by edge', async () => {
    const { total, points, edges, nextCursor } = await ask('edges?range=15m');
    expect(total).toMatchObject({ requests: 90, hits: 72, refused: 9, sentBytes: 108e6, hitRatio: 72 / 81 });
    expect(points.filter(({ requests }: { requests: number }) => requests > 0)).toHaveLength(3);
    expect(edges.map(({ edge }: { edge: string }) => edge)).toEqual(['ams-1', 'fra-2', 'fra-1']);
    expect(edges[0]).toMatchObject({ pop: 'ams', sentBytes: 54e6, nowBytesPerSecond: 300_000 });
    expect(nextCursor).toBeNull();
    expect(await ask('edges?pop=fra&edge=fra-2')).toMatchObject({
      total: { requests: 30 },
      edges: [{ edge: 'fra-2' }],
    });
    const first = await ask('edges?limit=2');
    const second = await ask(`edges?limit=2&cursor=${first.nextCursor}`);
    expect([first, second].map((page) => page.edges.length)).toEqual([2, 1]);
    expect(second.edges).toMatchObject([{ edge: 'fra-1' }]);
  });

  it('narrows figures by who watches', async () => {
    expect(await ask('summary?region=DE')).toMatchObject({ total: { peerBytes: 30 } });
    expect(await ask('summary?region=DE&device=tv')).toMatchObject({ total: { peerBytes: 15 } });
    expect(await ask('timeline?device=tv')).toMatchObject({ stepSeconds: 60 });
    expect(await ask('quality?network=AS1')).toMatchObject({ arms: [{ arm: 'treated', startups: 18 }] });
    const { parts } = await ask('audience?by=device&region=DE');
    expect(parts.map(({ key }: { key: string }) => key).sort()).toEqual(['phone', 'tv']);
  });

  it('tells the arms apart by step', async () => {
    const watched = async (query: string): Promise<number> => {
      const { points } = await ask(`timeline?range=15m&stream=/1/main.m3u8${query}`);
      return points.reduce((sum: number, point: { watchedMs: number }) => sum + point.watchedMs, 0);
    };
    expect(await watched('&arm=holdout')).toBe(1_800_000);
    expect(await watched('&arm=treated')).toBe(1_800_000);
    expect(await watched('')).toBe(3_600_000);
  });

  it('counts accusations between viewers beside the claims that are not confirmed', async () => {
    expect(await ask('integrity')).toMatchObject({ swarm: { accusations: 9, disputedViewers: 0 } });
    expect(await ask('integrity?pop=ams')).toMatchObject({ swarm: { accusations: 6 } });
  });

  it('gives the time before a range in the same steps', async () => {
    for (const name of ['1h', '24h', '7d', '30d', '90d', '1y']) {
      const { range, stepSeconds } = await ask(`timeline?range=${name}`);
      const { fromMs, toMs } = range;
      const before = await ask(`timeline?from=${2 * fromMs - toMs}&to=${fromMs}`);
      expect(before).toMatchObject({ stepSeconds, range: { fromMs: 2 * fromMs - toMs, toMs: fromMs } });
    }
  });

  it('exports page by page, naming the next one', async () => {
    const whole = await (await api.request('/export?cube=stream&grain=minute')).text();
    const lines: string[] = [];
    let next: string | undefined = '/api/export?cube=stream&grain=minute&limit=20';
    while (next !== undefined) {
      const page = await api.request(next.replace('/api', ''));
      lines.push(...(await page.text()).trimEnd().split('\r\n').slice(1));
      next = /^<([^>]+)>; rel="next"$/.exec(page.headers.get('Link') ?? '')?.[1];
    }
    expect(lines).toEqual(whole.trimEnd().split('\r\n').slice(1));
    expect(lines).toHaveLength(42);
    const edges = await (await api.request('/export?cube=edge&edge=fra-1&grain=hour')).text();
    expect(edges.split('\r\n')[1]).toMatch(/^[^,]+,fra-1,fra,30,24,/);
  });
});
