import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BEACON_PATH, withSession } from '@eddy/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunningEdge } from './edge.js';
import { checkAnswers } from './insight/openapi/check-answers.js';
import { sampleLine } from './insight/sample-beacon.js';
import { type Answer, ask, Cleanup, startTestEdge, temporaryFolder } from './testing/edge-fixture.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const SEGMENT = 'x'.repeat(50_000);
const SECRET = 'sixteen characters';

async function insightEdge(insight: Readonly<Record<string, unknown>> = {}): Promise<RunningEdge> {
  const root = await temporaryFolder(cleanup);
  await mkdir(join(root, 'v'));
  await writeFile(join(root, 'v/1.m4s'), SEGMENT);
  const dataDir = await temporaryFolder(cleanup);
  return startTestEdge(cleanup, { origin: { url: pathToFileURL(root).href }, dataDir, insight });
}

function post(
  edge: RunningEdge,
  line: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return ask(edge.public.url, BEACON_PATH, { method: 'POST', body: line, headers });
}

async function total(edge: RunningEdge, question = 'integrity'): Promise<unknown> {
  const { total: sums } = JSON.parse((await ask(edge.insight.url, `/api/${question}`)).body.toString());
  return sums;
}

describe('an edge', () => {
  it('lays what it sent to a session beside what the session claims', async () => {
    const edge = await insightEdge();
    const target = withSession('/v/1.m4s', 'session');
    // From the origin, from memory, and a part of it: each its own way through the edge.
    for (const headers of [{}, {}, { Range: 'bytes=0-999' }]) {
      expect((await ask(edge.public.url, target, { headers })).status).toBeLessThan(300);
    }
    await ask(edge.public.url, '/v/1.m4s');
    expect((await post(edge, sampleLine({}, { edgeBytes: 70_000 }))).status).toBe(204);
    expect(await total(edge)).toMatchObject({
      edgeBytes: 101_000,
      claimedEdgeBytes: 70_000,
      unwitnessedBytes: 0,
    });
  });

  it('takes beacons from pages of other sites, and says why it does not', async () => {
    const edge = await insightEdge();
    const origin = 'https://site.example';
    const taken = await post(edge, sampleLine(), { Origin: origin });
    expect(taken.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
    });
    const bad = await post(edge, 'sid="x"', { Origin: origin });
    expect([bad.status, bad.body.toString(), bad.headers['access-control-allow-origin']]).toEqual([
      400,
      expect.stringContaining('bad-value'),
      origin,
    ]);
    expect((await post(edge, 'x'.repeat(20_000))).status).toBe(413);
    expect((await ask(edge.public.url, BEACON_PATH)).status).toBe(405);
    expect((await ask(edge.public.url, BEACON_PATH, { method: 'OPTIONS' })).status).toBe(204);
    expect(await total(edge, 'summary')).toMatchObject({ edgeBytes: 1000 });
  });

  it('passes beacons on to the edge that collects, which counts each once', async () => {
    const collector = await insightEdge({ collect: { secret: SECRET } });
    const forward = { to: collector.admin.url, secret: SECRET };
    const [near, far] = [
      await insightEdge({ forward, pop: 'near' }),
      await insightEdge({ forward, pop: 'far' }),
    ];
    expect((await post(near, sampleLine({ batch: '1' }))).status).toBe(204);
    // Its answer was lost; the player has another edge now.
    expect((await post(far, sampleLine({ batch: '1' }))).status).toBe(204);
    expect((await post(far, sampleLine({ batch: '2' }))).status).toBe(204);
    expect(await total(collector, 'summary')).toMatchObject({ edgeBytes: 2000, sessions: 1 });
    expect(await total(collector, 'summary?pop=near')).toMatchObject({ edgeBytes: 1000 });
    const page = await ask(near.insight.url, '/');
    expect([page.status, page.body.toString()]).toEqual([404, expect.stringContaining('collects')]);
    const config = (await ask(near.admin.url, '/config')).body.toString();
    expect(config).not.toContain(SECRET);
  });

  it('answers as its openapi.json says', async () => {
    const edge = await insightEdge();
    expect((await post(edge, sampleLine())).status).toBe(204);
    const { problems, checked } = await checkAnswers(
      async (path) => {
        const { status, body } = await ask(edge.insight.url, `/api${path}`);
        expect([path, status]).toEqual([path, 200]);
        return JSON.parse(body.toString());
      },
      ['', 'range=7d', 'stream=/v/main.m3u8', 'pop=main'],
    );
    expect([problems, checked > 20]).toEqual([[], true]);
  });

  it('tells the edge that collects what it counted itself', async () => {
    const collector = await insightEdge({ collect: { secret: SECRET }, pop: 'hub' });
    const forward = { to: collector.admin.url, secret: SECRET };
    const near = await insightEdge({ forward, pop: 'near' });
    for (const path of ['/v/1.m4s', '/v/1.m4s', '/v/none.m4s']) await ask(near.public.url, path);
    // The minute that is under way is told when it stops.
    await near.close();
    const answer = await ask(collector.insight.url, '/api/edges?pop=near');
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      total: { requests: 3, hits: 1, refused: 1, failed: 0, hitRatio: 0.5, sentBytes: 100_000 },
      edges: [
        { pop: 'near', originBytes: 50_000, siblingBytes: 0, byteHitRatio: 0.5, nowBytesPerSecond: null },
      ],
    });
    expect(JSON.parse(answer.body.toString()).points).toHaveLength(60);
  });
});
