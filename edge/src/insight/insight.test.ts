import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BEACON_PATH, type Beacon, MAX_BEACON_BYTES, withSession, writeBeacon } from '@eddy/protocol';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../components.js';
import { HeldTimers } from '../held-timers.js';
import { DEFAULT_INSIGHT_LIMITS, type InsightLimits } from './config.js';
import { createInsight, type Insight } from './insight.js';
import type { Answer } from './intake/receive.js';
import { sampleBeacon, sampleLine } from './sample-beacon.js';

const MINUTE_MS = 60_000;
const START_MS = 29_000_000 * MINUTE_MS;

let folder: string;
let nowMs: number;
let timers: HeldTimers;
let registry: Registry;
const insights: Insight[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eddy-insight-'));
  nowMs = START_MS;
});
afterEach(async () => {
  for (const insight of insights.splice(0)) await insight.close();
  await rm(folder, { recursive: true });
});

async function open(limits: Partial<InsightLimits> = {}): Promise<Insight> {
  timers = new HeldTimers();
  registry = new Registry();
  const insight = await createInsight(
    { clock: systemClock, wallClock: { now: () => nowMs }, timers, registry },
    {
      databaseFile: join(folder, 'insight.duckdb'),
      ...{ edge: 'fra-1', pop: 'fra' },
      dashboardDir: join(folder, 'dashboard'),
      limits: { ...DEFAULT_INSIGHT_LIMITS, ...limits },
    },
  );
  insights.push(insight);
  return insight;
}

const SENDER = {
  ...{ address: '192.0.2.1', userAgent: 'Mozilla/5.0 (X11; Linux x86_64)' },
  door: { site: 'main', host: undefined },
};

function send(insight: Insight, body: string): Promise<Answer> {
  const answer = insight.receive(body, SENDER);
  timers.fire(DEFAULT_INSIGHT_LIMITS.gatherMs);
  return answer;
}

/** Takes part in the next commit, which is run once all are queued. */
async function post(insight: Insight, beacons: readonly Beacon[]): Promise<number[]> {
  const answers = beacons.map((beacon) => send(insight, writeBeacon(beacon, { timeMs: 1, sequence: 1 })));
  const all = Promise.all(answers);
  let settled = false;
  const done = all.finally(() => {
    settled = true;
  });
  while (!settled) {
    await new Promise((resolve) => setImmediate(resolve));
    timers.fire(DEFAULT_INSIGHT_LIMITS.journalEveryMs);
  }
  return (await done).map(({ status }) => status);
}

async function ask(insight: Insight, path: string): Promise<unknown> {
  const answer = await insight.app.request(path);
  expect(answer.status).toBe(200);
  return answer.json();
}

describe('beacons', () => {
  it('are answered 204 when stored, and show in every answer', async () => {
    const insight = await open();
    expect(
      await post(insight, [
        sampleBeacon(),
        sampleBeacon({ session: 'two', arm: 'holdout' }, { peerBytes: 0 }),
      ]),
    ).toEqual([204, 204]);
    expect(await ask(insight, '/api/summary?range=15m')).toMatchObject({
      range: { name: '15m', toMs: START_MS + MINUTE_MS, fromMs: START_MS - 14 * MINUTE_MS },
      live: { viewers: 2, edgeBytesPerSecond: 2000 / 30, peerBytesPerSecond: 100 },
      total: { edgeBytes: 2000, peerBytes: 3000, sessions: 2, offload: 0.6, rebufferShare: 0.01 },
      arms: [
        { arm: 'holdout', offload: 0 },
        { arm: 'treated', offload: 0.75 },
      ],
    });
    const timeline = await ask(insight, '/api/timeline?range=1h');
    expect(timeline).toMatchObject({ stepSeconds: 60 });
    expect(timeline).toHaveProperty('points.length', 60);
    expect(timeline).toMatchObject({
      points: expect.arrayContaining([
        expect.objectContaining({ startMs: START_MS, edgeBytes: 2000 }),
        expect.objectContaining({ startMs: START_MS - MINUTE_MS, edgeBytes: 0, offload: null }),
      ]),
    });
    expect(await ask(insight, '/api/streams')).toMatchObject({
      streams: [{ presentation: '/v/main.m3u8', liveViewers: 2, edgeBytes: 2000 }],
    });
  });

  it('in a storm of duplicates count once, also across a restart', async () => {
    const first = await open();
    const storm = Array.from({ length: 300 }, (_, index) =>
      sampleBeacon({ batch: `b${index % 20}`, session: `s${index % 5}` }),
    );
    expect(new Set(await post(first, storm))).toEqual(new Set([204]));
    const metrics = await registry.metrics();
    expect(metrics).toContain('eddy_insight_beacons_total{result="stored"} 20');
    expect(metrics).toContain('eddy_insight_beacons_total{result="duplicate"} 280');
    await first.close();
    nowMs += 2 * MINUTE_MS;
    const second = await open();
    await post(second, storm.slice(0, 100));
    expect(await ask(second, '/api/summary')).toMatchObject({ total: { edgeBytes: 20_000, sessions: 5 } });
  });

  it('give the same figures after a restart', async () => {
    const first = await open();
    await post(
      first,
      ['/a', '/b', '/c'].map((presentation) => sampleBeacon({ presentation, batch: presentation })),
    );
    nowMs += 45 * MINUTE_MS;
    await post(first, [sampleBeacon({ batch: 'later' })]);
    nowMs += MINUTE_MS;
    const paths = ['summary', 'timeline', 'streams'].flatMap((name) =>
      ['15m', '1h', '24h', '7d'].map((range) => `/api/${name}?range=${range}`),
    );
    const before = await Promise.all(paths.map((path) => ask(first, path)));
    await first.close();
    const second = await open();
    expect(await Promise.all(paths.map((path) => ask(second, path)))).toEqual(before);
  });

  it('that wait when the edge closes are stored', async () => {
    const first = await open();
    const answer = send(first, sampleLine());
    while (!(await registry.metrics()).includes('eddy_insight_queue_batches 1')) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await first.close();
    expect((await answer).status).toBe(204);
    expect(await ask(await open(), '/api/summary')).toMatchObject({ total: { edgeBytes: 1000 } });
  });

  it.each([
    ['no CMCD', 'hello="', 400, 'bad-value'],
    ['nothing', '', 400, 'bad-value'],
    ['an impossible claim', sampleLine({}, { peerBytes: 75e9 + 1 }), 400, 'peerBytes'],
    ['no path', sampleLine({ presentation: 'v' }), 400, 'cid'],
    ['too many at once', Array(17).fill(sampleLine()).join('\n'), 400, 'too-large'],
    ['too much', 'x'.repeat(MAX_BEACON_BYTES + 1), 413, 'too-large'],
  ])('with %s are refused with the reason', async (_, body, status, reason) => {
    const answer = await send(await open(), body);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(reason);
  });

  it('may come several at once, and count each once', async () => {
    const insight = await open();
    const lines = ['1', '2', '1'].map((batch) => sampleLine({ batch }));
    const answer = send(insight, lines.join('\n'));
    while (!(await registry.metrics()).includes('eddy_insight_queue_batches 2')) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    timers.fire(DEFAULT_INSIGHT_LIMITS.journalEveryMs);
    expect((await answer).status).toBe(204);
    expect(await ask(insight, '/api/summary')).toMatchObject({ total: { edgeBytes: 2000 } });
  });

  it('beyond the queue are answered 503', async () => {
    const insight = await open({ queuedBatches: 0 });
    expect(await send(insight, sampleLine())).toMatchObject({ status: 503 });
    expect(await registry.metrics()).toContain('eddy_insight_beacons_total{result="queue-full"} 1');
  });

  it('may come from any site, as sendBeacon sends them', async () => {
    const insight = await open();
    const preflight = await insight.publicRoutes.request(BEACON_PATH, {
      method: 'OPTIONS',
      headers: { Origin: 'https://site.example', 'Access-Control-Request-Method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('Access-Control-Allow-Origin')).toBe('https://site.example');
    expect(preflight.headers.get('Access-Control-Allow-Credentials')).toBe('true');
    expect((await insight.publicRoutes.request(BEACON_PATH)).status).toBe(405);
    expect((await insight.publicRoutes.request('/api/summary')).status).toBe(404);
  });
});

describe('the insight listener', () => {
  it('bounds what may be asked', async () => {
    const insight = await open();
    for (const path of [
      'summary?range=5y',
      'summary?from=2&to=1',
      'savings?plan=none',
      'audience?by=age',
      'export?format=xls',
      "timeline?range='",
      'streams?limit=0',
      'streams?limit=101',
    ]) {
      const answer = await insight.app.request(`/api/${path}`);
      expect(answer.status, path).toBe(400);
      expect(await answer.json()).toMatchObject({ error: 'bad-query', message: expect.any(String) });
    }
    expect((await insight.app.request('/api/summary', { method: 'POST' })).status).toBe(405);
    expect((await insight.app.request('/metrics')).status).toBe(404);
    expect((await insight.app.request(BEACON_PATH, { method: 'POST' })).status).toBe(405);
    expect((await insight.app.request('/healthz')).status).toBe(200);
  });

  it('answers for savings, quality, audience and integrity, and exports', async () => {
    const insight = await open();
    insight.sent(withSession('/v/1.m4s', 'held'), 4_000_000);
    insight.sent(withSession('/v/1.m4s', 'treated'), 1_000_000);
    const watched = { watchedMs: 10_000, edgeBytes: 4_000_000, peerBytes: 0, uploadedBytes: 0 };
    await post(insight, [
      sampleBeacon({ session: 'held', arm: 'holdout', startupMs: 900, bitrateKbps: 3000 }, watched),
      sampleBeacon(
        { session: 'treated', startupMs: 500 },
        { ...watched, edgeBytes: 3_000_000, peerBytes: 3_000_000, signalingBytes: 1000 },
      ),
    ]);
    expect(await ask(insight, '/api/savings')).toMatchObject({
      saved: { kind: 'estimate', savedBytes: expect.closeTo(2_999_000, 3), clusters: 1, isReliable: false },
      egress: { edgeBytes: 5_000_000 },
      money: { plan: 'cloudfront-us-eu', currency: 'USD', worthNothing: true },
    });
    expect(await ask(insight, '/api/savings?stream=/none')).toMatchObject({ saved: null });
    expect(await ask(insight, '/api/quality?stream=/v/main.m3u8&pop=fra')).toMatchObject({
      arms: [
        { arm: 'holdout', startups: 1, meanStartupMs: 900, meanBitrateKbps: 3000 },
        { arm: 'treated', startups: 1, meanStartupMs: 500, meanBitrateKbps: null },
      ],
    });
    expect(await ask(insight, '/api/audience?by=device')).toMatchObject({
      parts: [{ key: 'desktop', watchedMs: 20_000 }],
    });
    expect(await ask(insight, '/api/integrity')).toMatchObject({
      total: { unsentBytes: 2_000_000, unmatchedPeerBytes: 3_000_000 },
      streams: [{ presentation: '/v/main.m3u8', unsentBytes: 2_000_000 }],
    });
    expect(await ask(insight, '/api/prices')).toMatchObject({ use: { edge: 'cloudfront-us-eu' } });
    const csv = await insight.app.request('/api/export?cube=stream&grain=minute');
    expect(csv.headers.get('Content-Disposition')).toContain('eddy-stream-minute.csv');
    expect((await csv.text()).split('\r\n')).toHaveLength(4);
    const parquet = await insight.app.request('/api/export?cube=audience&format=parquet');
    expect(Buffer.from(await parquet.arrayBuffer()).toString('latin1', 0, 4)).toBe('PAR1');
  });

  it('serves the page with a strict policy, and says so when it was not built', async () => {
    const bare = await open();
    expect((await bare.app.request('/')).status).toBe(503);
    await bare.close();
    await mkdir(join(folder, 'dashboard'));
    await writeFile(join(folder, 'dashboard/index.html'), '<!doctype html>');
    const insight = await open();
    const page = await insight.app.request('/');
    expect(await page.text()).toBe('<!doctype html>');
    expect(page.headers.get('Content-Security-Policy')).toContain("default-src 'none'; script-src 'self'");
    const etag = page.headers.get('ETag') ?? '';
    expect((await insight.app.request('/', { headers: { 'If-None-Match': etag } })).status).toBe(304);
    expect((await insight.app.request('/assets/%2e%2e/insight.duckdb')).status).toBe(404);
  });
});
