import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PING_PATH, STEERING_PATH } from '@eddy/protocol';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { mintToken } from './access/tokens/mint.js';
import { parseEdgeConfig } from './config/schema.js';
import type { RunningEdge } from './edge.js';
import { type Answer, ask, Cleanup, metric, startTestEdge, temporaryFolder } from './testing/edge-fixture.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const MASTER = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n720/index.m3u8\n';
const NYC = 'http://nyc.example';

async function steeringEdge(settings: Record<string, unknown> = {}): Promise<RunningEdge> {
  const folder = await temporaryFolder(cleanup);
  await mkdir(join(folder, 'film'));
  await writeFile(join(folder, 'film', 'm.m3u8'), MASTER);
  const pops = [
    { name: 'nyc', url: NYC, regions: ['us'] },
    { name: 'fra', url: 'http://fra.example', regions: ['DE'] },
  ];
  const { steering, ...more } = settings;
  return startTestEdge(cleanup, {
    origin: { url: pathToFileURL(folder).href },
    cluster: { pop: 'fra' },
    // Longer than a test: what the probes would say of hosts that are not there.
    steering: { enabled: true, pops, probeMs: '10m', ...(steering as object) },
    proxies: { trusted: ['127.0.0.1'] },
    ...more,
  });
}

async function steering(edge: RunningEdge, query = '', path = STEERING_PATH, headers = {}): Promise<Answer> {
  return ask(edge.public.url, `${path}?base=fra&_HLS_pathway=fra${query}`, { headers });
}
const listOf = ({ body }: Answer): Record<string, unknown> => JSON.parse(body.toString());

describe('a multivariant playlist', () => {
  it('is held once with steering, and whole, in parts, by HEAD and by tag the same', async () => {
    const edge = await steeringEdge();
    const path = '/film/m.m3u8';
    const first = await ask(edge.public.url, path);
    const text = first.body.toString();
    expect(text).toContain(
      '#EXT-X-CONTENT-STEERING:SERVER-URI="../_eddy/steering?base=fra",PATHWAY-ID="fra"\n',
    );
    expect(text).toContain('#EXT-X-STREAM-INF:BANDWIDTH=1,PATHWAY-ID="fra"\n720/index.m3u8\n');
    expect(first.headers['content-length']).toBe(String(text.length));
    const hit = await ask(edge.public.url, path);
    expect(hit.headers['cache-status']).toMatch(/hit/);
    expect(hit.body.equals(first.body)).toBe(true);
    const head = await ask(edge.public.url, path, { method: 'HEAD' });
    expect(head.headers['content-length']).toBe(String(text.length));
    const part = await ask(edge.public.url, path, { headers: { Range: 'bytes=8-30' } });
    expect([part.status, part.body.toString()]).toEqual([206, text.slice(8, 31)]);
    expect(part.headers['content-range']).toBe(`bytes 8-30/${text.length}`);
    const { etag = '' } = first.headers;
    expect((await ask(edge.public.url, path, { headers: { 'If-None-Match': etag } })).status).toBe(304);
    expect(await metric(edge, 'eddy_edge_upstream_requests_total{outcome="2xx"}')).toBe(1);
  });
});

describe('the steering list', () => {
  it('has every PoP, the near one first, for pages of all origins', async () => {
    const edge = await steeringEdge({ steering: { regionHeader: 'X-Region', returnMs: 0 } });
    const german = await steering(edge, '', STEERING_PATH, {
      'X-Region': 'de',
      Origin: 'https://page.example',
    });
    expect(german.headers).toMatchObject({
      'content-type': 'application/vnd.apple.steering-list',
      'cache-control': 'no-store',
      'access-control-allow-origin': 'https://page.example',
      'content-length': String(german.body.length),
    });
    expect(listOf(german)).toMatchObject({ VERSION: 1, 'PATHWAY-PRIORITY': ['fra', 'nyc'] });
    const american = listOf(await steering(edge, '', STEERING_PATH, { 'X-Region': 'us' }));
    expect(american).toMatchObject({
      'PATHWAY-PRIORITY': ['nyc', 'fra'],
      'RELOAD-URI': `${NYC}${STEERING_PATH}?base=fra`,
      'PATHWAY-CLONES': [{ 'BASE-ID': 'fra', ID: 'nyc', 'URI-REPLACEMENT': { HOST: 'nyc.example' } }],
    });
    expect(listOf(await steering(edge, '&_eddy_rtt=fra~200!nyc~10'))['PATHWAY-PRIORITY']).toEqual([
      'nyc',
      'fra',
    ]);
    expect(await metric(edge, 'eddy_steering_answers_total{pathway="nyc"}')).toBe(2);
    expect(await metric(edge, 'eddy_steering_moves_total')).toBe(2);
    expect(await metric(edge, 'eddy_steering_pathway_well{pathway="nyc"}')).toBe(1);
    const post = await ask(edge.public.url, STEERING_PATH, { method: 'POST' });
    expect([post.status, post.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
    const head = await ask(edge.public.url, STEERING_PATH, { method: 'HEAD' });
    expect([head.status, Number(head.headers['content-length']) > 0, head.body.length]).toEqual([
      200,
      true,
      0,
    ]);
  });

  it('puts a PoP last that drains or does not answer, and has it back', async () => {
    const other = await steeringEdge({ name: 'other' });
    const pops = [
      { name: 'fra', url: 'http://fra.example' },
      { name: 'nyc', url: other.public.url },
    ];
    const port = other.public.url.slice(other.public.url.lastIndexOf(':'));
    const edge = await steeringEdge({
      steering: {
        pops: [{ ...pops[0], url: `http://fra.example${port}` }, pops[1]],
        probeMs: 100,
        returnMs: 0,
      },
    });
    const order = async (): Promise<unknown> => listOf(await steering(edge))['PATHWAY-PRIORITY'];
    const isWell = (well: number): Promise<void> =>
      vi.waitFor(
        async () => expect(await metric(edge, 'eddy_steering_pathway_well{pathway="nyc"}')).toBe(well),
        { timeout: 20_000 },
      );
    edge.drain({ deadlineMs: 60_000, to: [] });
    expect(await order()).toEqual(['nyc', 'fra']);
    edge.resume();
    expect(await order()).toEqual(['fra', 'nyc']);
    other.drain({ deadlineMs: 60_000, to: [] });
    await isWell(0);
    other.resume();
    await isWell(1);
    await other.close(0);
    await isWell(0);
    edge.drain({ deadlineMs: 60_000, to: [] });
    expect(await order()).toEqual(['fra', 'nyc']);
  });

  it('is asked for behind the token of the path, and sends on with it', async () => {
    const folder = await temporaryFolder(cleanup);
    const key = JSON.stringify({ kty: 'oct', k: randomBytes(32).toString('base64url'), kid: 'one' });
    await writeFile(join(folder, 'keys.json'), key);
    const edge = await steeringEdge({ access: { keysFile: join(folder, 'keys.json') } });
    const token = await mintToken(key, { prefixes: ['/film/'], expiresInMs: 60_000 }, Date.now());
    const playlist = await ask(edge.public.url, `/~${token}/film/m.m3u8`);
    const [, uri = ''] = /SERVER-URI="([^"]+)"/.exec(playlist.body.toString()) ?? [];
    const address = new URL(uri, `${edge.public.url}/~${token}/film/m.m3u8`);
    expect(address.pathname).toBe(`/~${token}${STEERING_PATH}`);
    const list = listOf(await steering(edge, '&_eddy_rtt=fra~200!nyc~10', address.pathname));
    expect(list['RELOAD-URI']).toBe(`${NYC}/~${token}${STEERING_PATH}?base=fra`);
    expect((await steering(edge)).status).toBe(401);
    expect((await ask(edge.public.url, PING_PATH)).status).toBe(200);
  });
});

describe('a ping', () => {
  it('is answered by every edge, steering or not', async () => {
    const edge = await startTestEdge(cleanup, { origin: { url: 'file:///' } });
    const { status, headers, body } = await ask(edge.public.url, PING_PATH);
    expect([status, JSON.parse(body.toString())]).toEqual([200, { health: 'well' }]);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'timing-allow-origin': '*' });
    edge.drain({ deadlineMs: 60_000, to: [] });
    expect(JSON.parse((await ask(edge.public.url, PING_PATH)).body.toString())).toEqual({
      health: 'draining',
    });
    expect((await ask(edge.public.url, STEERING_PATH)).status).toBe(404);
  });
});

describe('settings that cannot work', () => {
  const pop = (name: string, url?: string): object => ({ name, url });
  it.each([
    [{ steering: { enabled: true } }, 'needs to know where players reach this edge: set cluster.publicUrl'],
    [
      {
        cluster: { publicUrl: 'https://a.example' },
        steering: { enabled: true, pops: [pop('b', 'http://b.example')] },
      },
      'steering.pops: b: http://b.example differs from https://a.example in more than the host',
    ],
    [{ steering: { pops: [pop('b', 'https://b.example/cdn')] } }, 'steering.pops.0.url: has a path'],
    [{ steering: { pops: [pop('b'), pop('b')] } }, 'steering.pops: has a name twice'],
    [{ steering: { ttlMs: 10 } }, 'steering.ttlMs: is not from 1s to 1h'],
    [
      { cluster: { publicUrl: 'https://a.example' }, steering: { enabled: true, regionHeader: 'X-Region' } },
      'steering.regionHeader: is believed from trusted proxies alone: set proxies.trusted',
    ],
    [
      { cluster: { role: 'shield' }, steering: { enabled: true } },
      'steering.enabled: makes no sense for a shield',
    ],
    [
      {
        cluster: { publicUrl: 'https://a.example' },
        steering: { enabled: true },
        sites: [{ hosts: ['a.example'] }, { hosts: ['b.example'] }],
      },
      'steering.enabled: needs a single site',
    ],
  ])('are refused with what to do: %j', (settings, message) => {
    expect(() => parseEdgeConfig({ origin: { url: 'file:///' }, ...settings })).toThrow(message);
  });
});
