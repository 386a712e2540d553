import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEdgeConfig, type RunningEdge, startEdge } from '@eddy/edge';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Cleanup } from '../process/cleanup.js';
import { type NodeViewer, openNodeViewer } from './node/node-viewer.js';

let cleanup: Cleanup;
beforeEach(() => {
  cleanup = new Cleanup();
});
afterEach(() => cleanup.run());

/** A web server whose segments say which version of it they are of. */
async function startOrigin(name: string): Promise<{ readonly url: string; version: number }> {
  const server = createServer((request, response) => {
    if (!request.url?.endsWith('.m4s')) {
      response.writeHead(404).end();
      return;
    }
    const body = Buffer.alloc(300_000, `${name} ${origin.version} ${request.url} `);
    response.writeHead(200, { 'Cache-Control': 'max-age=600', 'Surrogate-Key': 'the-film' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.add(async () => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const origin = { url: '', version: 1 };
  if (address !== null && typeof address === 'object') origin.url = `http://127.0.0.1:${address.port}`;
  return origin;
}

async function start(settings: Readonly<Record<string, unknown>>): Promise<RunningEdge> {
  const dataDir = await mkdtemp(join(tmpdir(), 'eddy-edge-'));
  cleanup.add(() => rm(dataDir, { recursive: true, force: true }));
  const anywhere = '127.0.0.1:0';
  const edge = await startEdge(
    parseEdgeConfig({
      ...{ dataDir, insight: { enabled: false }, log: { level: 'silent' } },
      listeners: { public: anywhere, admin: anywhere, insight: anywhere },
      ...settings,
      swarm: { holdoutPercent: 0 },
    }),
  );
  cleanup.add(() => edge.close(0));
  return edge;
}

function open(base: string, options: Parameters<typeof openNodeViewer>[1] = {}): NodeViewer {
  const viewer = openNodeViewer(`${base}/film/index.m3u8`, options);
  cleanup.add(async () => viewer.session.destroy());
  return viewer;
}

async function tell(edge: RunningEdge, method: string, path: string, body: unknown): Promise<unknown> {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(`${edge.admin.url}${path}`, { method, headers, body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  return response.json();
}

/** The second has it from the first, and both keep it. */
async function share(edge: RunningEdge, base = edge.public.url): Promise<readonly [NodeViewer, NodeViewer]> {
  const first = open(base);
  const bytes = await first.load(1);
  await first.until(() => first.session.stats().heldBytes > 0);
  const second = open(base);
  await second.until(() => second.session.stats().peers === 1);
  expect(await second.load(1)).toEqual(bytes);
  expect(second.session.stats()).toMatchObject({ peerBytes: bytes.length, edgeBytes: 0 });
  await second.until(() => second.session.stats().heldBytes > 0);
  return [first, second];
}

describe('a hard purge', () => {
  it.each([
    ['path', { path: '/film/1.m4s' }],
    ['prefix', { prefix: '/film/' }],
    ['surrogate key', { tag: 'the-film' }],
  ])('by %s empties the swarm of the segment, and of nothing else', async (how, target) => {
    const origin = await startOrigin('origin');
    const edge = await start({ origin: { url: origin.url } });
    const viewers = await share(edge);
    origin.version = 2;
    const startedAt = performance.now();
    await tell(edge, 'POST', '/purge', target);
    for (const { session, until } of viewers) await until(() => session.stats().heldBytes === 0);
    console.info(`purged by ${how} from both players after ${Math.round(performance.now() - startedAt)} ms`);
    const late = open(edge.public.url);
    await late.until(() => late.session.stats().peers === 2);
    const fresh = await late.load(1);
    expect(fresh.toString('latin1', 0, 8)).toBe('origin 2');
    expect(late.session.stats()).toMatchObject({ peerBytes: 0, edgeBytes: 300_000 });
    // What came instead is shared again.
    const [first] = viewers;
    await late.until(() => late.session.stats().heldBytes > 0);
    expect(await first?.load(1)).toEqual(fresh);
    expect(first?.session.stats().peerBytes).toBe(300_000);
  });
});

describe('what the operator says', () => {
  it('reaches the players while they watch: off, leech, on', async () => {
    const origin = await startOrigin('origin');
    const edge = await start({ origin: { url: origin.url } });
    const [first, second] = await share(edge);
    await tell(edge, 'PUT', '/swarm', { mode: 'off' });
    for (const { session, until } of [first, second]) {
      await until(() => session.stats().peers === 0);
      expect(session.stats().state).toBe('off: turned off by the edge');
    }
    await second.load(2);
    expect(second.session.stats()).toMatchObject({ edgeBytes: 300_000 });
    await tell(edge, 'PUT', '/swarm', { mode: 'on', uploadBytesPerSecond: 1_000_000 });
    for (const { session, until } of [first, second]) await until(() => session.stats().peers === 1);
    await first.load(3);
    await first.until(() => first.session.stats().heldBytes >= 600_000);
    const uploaded = first.session.stats().uploadedBytes;
    await tell(edge, 'PUT', '/swarm', { mode: 'leech' });
    await second.load(3);
    expect(second.session.stats().edgeBytes).toBe(600_000);
    expect(first.session.stats().uploadedBytes).toBe(uploaded);
  });
});

describe('an edge with several sites', () => {
  it('lets the viewers of one share, and keeps the others out', async () => {
    const [one, two] = [await startOrigin('one'), await startOrigin('two')];
    const edge = await start({
      sites: [
        { name: 'one', hosts: ['127.0.0.1'], origin: { url: one.url } },
        { name: 'two', hosts: ['localhost'], origin: { url: two.url } },
      ],
    });
    const viewers = await share(edge);
    const other = open(edge.public.url.replace('127.0.0.1', 'localhost'));
    const bytes = await other.load(1);
    expect(bytes.toString('latin1', 0, 3)).toBe('two');
    await other.until(() => other.session.stats().heldBytes > 0);
    expect(other.session.stats().peers).toBe(0);
    one.version = 2;
    await tell(edge, 'POST', '/purge', { prefix: '/', site: 'one' });
    for (const { session, until } of viewers) await until(() => session.stats().heldBytes === 0);
    expect(other.session.stats().heldBytes).toBe(300_000);
  });
});
