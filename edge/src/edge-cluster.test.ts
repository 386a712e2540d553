import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Bus } from './bus/bus.js';
import { LocalHub } from './bus/local-bus.js';
import { systemClock } from './components.js';
import type { RunningEdge } from './edge.js';
import { closeAll, Viewer } from './swarm/testing/swarm-fixture.js';
import {
  type Answer,
  ask,
  Cleanup,
  metric,
  startHttpOrigin,
  startTestEdge,
  temporaryFolder,
} from './testing/edge-fixture.js';
import { freePort } from './testing/free-port.js';
import { createNatsOperator } from './testing/nats-operator.js';
import { startNatsServer } from './testing/nats-server.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** An origin whose objects say which version they are. */
async function startVersions(): Promise<{ url: string; asked: string[]; version: number }> {
  const origin = { url: '', asked: [] as string[], version: 1 };
  origin.url = await startHttpOrigin(cleanup, ({ url = '' }, response) => {
    origin.asked.push(url);
    response.writeHead(200, { 'Cache-Control': 'max-age=3600', 'Surrogate-Key': 'film' });
    response.end(`version ${origin.version}`);
  });
  return origin;
}

interface TestEdge extends RunningEdge {
  readonly purge: (body: unknown) => Promise<{ status: number; said: Record<string, unknown> }>;
  readonly get: (path: string) => Promise<string>;
}

async function enter(
  name: string,
  { bus, origin, ...cluster }: { bus?: Bus; origin: string } & Record<string, unknown>,
  more: Record<string, unknown> = {},
): Promise<TestEdge> {
  const port = await freePort();
  const edge = await startTestEdge(
    cleanup,
    {
      ...{ name, origin: { url: origin }, dataDir: join(await temporaryFolder(cleanup), 'data') },
      ...{ drainMs: 0, prefetch: { segments: 0 } },
      cluster: { pop: 'fra', siblingUrl: `http://127.0.0.1:${port}`, ...cluster },
      listeners: { public: `127.0.0.1:${port}`, admin: '127.0.0.1:0', insight: '127.0.0.1:0' },
      ...more,
    },
    bus === undefined ? {} : { bus },
  );
  return Object.assign(edge, {
    async purge(body: unknown) {
      const headers = { 'Content-Type': 'application/json' };
      const options = { method: 'POST', headers, body: JSON.stringify(body) };
      const answer: Answer = await ask(edge.admin.url, '/purge', options);
      return { status: answer.status, said: JSON.parse(answer.body.toString()) };
    },
    get: async (path: string) => (await ask(edge.public.url, path)).body.toString(),
  });
}

const members = (edge: RunningEdge, role = 'edge', state = 'ready'): Promise<number | undefined> =>
  metric(edge, `eddy_cluster_members{member_pop="fra",role="${role}",state="${state}"}`);
const sees = async (edge: RunningEdge, count: number, role?: string): Promise<void> => {
  await expect.poll(() => members(edge, role), { interval: 20, timeout: 10_000 }).toBe(count);
};

const PATHS = Array.from({ length: 20 }, (_, index) => `/v/${index}.m4s`);

describe('edges on one bus', () => {
  it('of a PoP find each other and hold each object once; who drains is asked no more', async () => {
    const hub = new LocalHub({ clock: systemClock });
    const origin = await startVersions();
    const one = await enter('one', { bus: hub.connect(), origin: origin.url });
    const two = await enter('two', { bus: hub.connect(), origin: origin.url });
    await Promise.all([sees(one, 2), sees(two, 2)]);
    for (const path of PATHS)
      expect([await one.get(path), await two.get(path)]).toEqual(['version 1', 'version 1']);
    expect(origin.asked.length).toBe(PATHS.length);
    two.drain({ deadlineMs: 60_000, to: [] });
    await expect.poll(() => members(one, 'edge', 'draining'), { interval: 20 }).toBe(1);
    const before = await metric(two, 'eddy_edge_requests_total{result="miss"}');
    for (const path of PATHS) await one.get(`/w${path}`);
    expect(await metric(two, 'eddy_edge_requests_total{result="miss"}')).toBe(before);
    await two.close(0);
    await sees(one, 1);
  });

  it('ask a shield that came after them, and purge after it has', async () => {
    const hub = new LocalHub({ clock: systemClock });
    const origin = await startVersions();
    const edge = await enter('edge', { bus: hub.connect(), origin: origin.url });
    const shield = await enter('shield', { bus: hub.connect(), origin: origin.url, role: 'shield' });
    await sees(edge, 1, 'shield');
    for (const path of PATHS) await edge.get(path);
    expect(await metric(shield, 'eddy_edge_requests_total{result="miss"}')).toBe(PATHS.length);
    origin.version = 2;
    expect(await edge.purge({ tag: 'film' })).toEqual({
      status: 200,
      said: {
        ...{ tag: 'film', objects: 20, fills: 0, keys: expect.any(Array) },
        edges: { applied: ['shield'], missing: [], shieldsNotWaitedFor: [] },
      },
    });
    for (const path of PATHS) expect(await edge.get(path)).toBe('version 2');
    expect(origin.asked).toHaveLength(2 * PATHS.length);
  });

  it('purge together over NATS, also when it was killed meanwhile; who was away catches up', async () => {
    const server = await startNatsServer();
    cleanup.add(() => server.stop());
    const origin = await startVersions();
    const bus = { urls: [server.url] };
    const folder = await temporaryFolder(cleanup);
    const keeps = { cache: { dir: join(folder, 'cache') }, dataDir: join(folder, 'data') };
    const one = await enter('one', { origin: origin.url }, { cluster: { pop: 'fra', bus } });
    const two = await enter('two', { origin: origin.url }, { ...keeps, cluster: { pop: 'fra', bus } });
    await Promise.all([sees(one, 2), sees(two, 2)]);
    for (const edge of [one, two]) expect(await edge.get('/a.m4s')).toBe('version 1');
    origin.version = 2;
    expect(await one.purge({ path: '/a.m4s' })).toMatchObject({
      status: 200,
      said: { edges: { applied: ['two'], missing: [] } },
    });
    expect([await one.get('/a.m4s'), await two.get('/a.m4s')]).toEqual(['version 2', 'version 2']);

    await server.kill();
    await expect.poll(() => metric(one, 'eddy_bus_connected'), { interval: 20 }).toBe(0);
    expect((await ask(one.admin.url, '/readyz')).status).toBe(200);
    origin.version = 3;
    expect(await one.purge({ path: '/a.m4s' })).toMatchObject({
      status: 503,
      said: { error: 'edges-missing', objects: 1, edges: { missing: ['two'] } },
    });
    expect([await one.get('/a.m4s'), await two.get('/a.m4s')]).toEqual(['version 3', 'version 2']);
    await server.restart();
    for (const edge of [one, two]) {
      await expect.poll(() => metric(edge, 'eddy_bus_connected'), { interval: 50, timeout: 15_000 }).toBe(1);
    }
    await expect
      .poll(async () => (await one.purge({ path: '/a.m4s' })).said, { interval: 100, timeout: 15_000 })
      .toMatchObject({ edges: { applied: ['two'] } });
    expect(await two.get('/a.m4s')).toBe('version 3');

    await two.close();
    origin.version = 4;
    await one.purge({ path: '/a.m4s' });
    const back = await enter('two', { origin: origin.url }, { ...keeps, cluster: { pop: 'fra', bus } });
    expect(await back.get('/a.m4s')).toBe('version 4');
    expect(await metric(back, 'eddy_cluster_purges_applied_total{how="in-order"}')).toBeGreaterThan(0);
  });

  it('show NATS the credentials of their file; those of another operator open nothing', async () => {
    const operator = createNatsOperator();
    const server = await startNatsServer({ config: operator.config });
    cleanup.add(() => server.stop());
    const folder = await temporaryFolder(cleanup);
    const origin = await startVersions();
    const withFile = async (name: string, text: string): Promise<TestEdge> => {
      const credentialsFile = join(folder, `${name}.creds`);
      await writeFile(credentialsFile, text);
      const bus = { urls: [server.url], credentialsFile };
      return await enter(name, { origin: origin.url }, { cluster: { pop: 'fra', bus } });
    };
    const one = await withFile('one', operator.credentials());
    const two = await withFile('two', operator.credentials());
    const stranger = await withFile('stranger', createNatsOperator().credentials());
    await Promise.all([sees(one, 2), sees(two, 2)]);
    expect(await metric(one, 'eddy_bus_connected')).toBe(1);
    expect(await metric(stranger, 'eddy_bus_connected')).toBe(0);
    expect(await one.purge({ path: '/a.m4s' })).toMatchObject({
      status: 200,
      said: { edges: { applied: ['two'], missing: [] } },
    });
  });

  it('start without a bus that is away, and say so', async () => {
    const origin = await startVersions();
    const bus = { urls: [`nats://127.0.0.1:${await freePort()}`] };
    const edge = await enter('one', { origin: origin.url }, { cluster: { bus } });
    expect(await edge.get('/a.m4s')).toBe('version 1');
    expect(await metric(edge, 'eddy_bus_connected')).toBe(0);
    expect((await ask(edge.admin.url, '/readyz')).status).toBe(200);
  });
});

describe('viewers of edges on one bus', () => {
  const met = async (viewer: Viewer): Promise<string[]> => {
    const { meet } = await viewer.nextOf('peers');
    return meet.map(({ peer }) => peer);
  };

  it('meet over NATS, go on alone while it is away, and meet again when it is back', async () => {
    const server = await startNatsServer();
    cleanup.add(() => server.stop());
    cleanup.add(closeAll);
    const origin = await startVersions();
    const settings = { swarm: { holdoutPercent: 0 }, cluster: { pop: 'fra', bus: { urls: [server.url] } } };
    const one = await enter('one', { origin: origin.url }, settings);
    const two = await enter('two', { origin: origin.url }, settings);
    await Promise.all([sees(one, 2), sees(two, 2)]);
    const host = 'video.example';
    const [a, b] = [new Viewer(one.public, host), new Viewer(two.public, host)];
    const names = [await a.join(), await b.join({ session: 'another' })];
    expect([await met(a), await met(b)]).toEqual([[names[1]], [names[0]]]);
    a.say({ type: 'signal', to: names[1], payload: 'hello' });
    expect(await b.nextOf('signal')).toEqual({ type: 'signal', from: names[0], payload: 'hello' });
    expect(await metric(two, 'eddy_swarm_visitors')).toBe(1);

    await server.kill();
    await expect.poll(() => metric(one, 'eddy_bus_connected'), { interval: 20 }).toBe(0);
    const c = new Viewer(one.public, host);
    const third = await c.join({ session: 'third' });
    expect([await met(a), await met(c)]).toEqual([[third], [names[0]]]);
    await server.restart();
    expect([await met(b), await met(c)]).toEqual([[third], [names[1]]]);

    const gone = b.nextOf('peers');
    await one.close(0);
    expect((await gone).gone.length).toBeGreaterThan(0);
  });
});

describe('edges without a bus', () => {
  it('purge each other by HTTP, shields first, and name who did not answer', async () => {
    const origin = await startVersions();
    const secret = 'a secret of some length';
    const shieldAdmin = `http://127.0.0.1:${await freePort()}`;
    const listen = (url: string) => ({
      admin: new URL(url).host,
      public: '127.0.0.1:0',
      insight: '127.0.0.1:0',
    });
    const shield = await enter(
      'shield',
      { origin: origin.url, role: 'shield', secret },
      { listeners: listen(shieldAdmin) },
    );
    const edge = await enter(
      'edge',
      { origin: origin.url, secret, shields: [shieldAdmin] },
      { shield: { urls: [shield.public.url] } },
    );
    expect(await edge.get('/a.m4s')).toBe('version 1');
    origin.version = 2;
    expect(await edge.purge({ path: '/a.m4s' })).toMatchObject({
      status: 200,
      said: { objects: 1, edges: { applied: [shieldAdmin], missing: [] } },
    });
    expect(await edge.get('/a.m4s')).toBe('version 2');
    await shield.close(0);
    expect(await edge.purge({ path: '/a.m4s' })).toMatchObject({
      status: 503,
      said: { error: 'edges-missing', objects: 1, edges: { missing: [shieldAdmin] } },
    });
    const { status } = await ask(edge.admin.url, '/cluster/purge', { method: 'POST', body: '{}' });
    expect(status).toBe(401);
  });
});
