import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  ask,
  Cleanup,
  metric,
  startHttpOrigin,
  startTestEdge,
  temporaryFolder,
} from './testing/edge-fixture.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const BODY = randomBytes(300_000);

/** A web server with one large film and many small objects, and an edge that keeps them in a folder. */
async function setUp() {
  const asked: string[] = [];
  const url = await startHttpOrigin(cleanup, ({ url: path = '', headers }, response) => {
    asked.push(`${path}${headers['if-none-match'] === undefined ? '' : ' if changed'}`);
    const fields = { 'Cache-Control': 'max-age=60', ETag: '"v1"', 'Surrogate-Key': 'film', 'X-Own': 'kept' };
    if (headers['if-none-match'] === '"v1"') return response.writeHead(304, fields).end();
    return response.writeHead(200, { ...fields, 'Content-Length': BODY.length }).end(BODY);
  });
  const wallClock = { at: Date.parse('Mon, 02 Mar 2026 10:00:00 GMT'), now: () => wallClock.at };
  const dir = join(await temporaryFolder(cleanup), 'cache');
  // Memory holds three of the objects.
  const settings = { origin: { url }, cache: { dir, memoryBytes: '1MiB' } };
  const start = () => startTestEdge(cleanup, settings, { wallClock });
  const written = async (edge: Awaited<ReturnType<typeof start>>, count: number) =>
    expect.poll(() => metric(edge, 'eddy_edge_disk_objects'), { timeout: 10_000 }).toBe(count);
  return { asked, dir, settings, start, wallClock, written };
}

describe('an edge with a folder', () => {
  it('answers from it what memory has no room for, and after a restart', async () => {
    const { asked, start, written } = await setUp();
    const edge = await start();
    const paths = Array.from({ length: 8 }, (_, n) => `/v/${n}.m4s`);
    for (const path of paths) await ask(edge.public.url, path);
    await written(edge, 8);
    const first = await ask(edge.public.url, '/v/0.m4s');
    expect(first.headers['cache-status']).toBe('eddy; hit; ttl=60; detail=disk');
    expect([first.body.equals(BODY), first.headers['x-own'], first.headers.etag]).toEqual([
      true,
      'kept',
      '"v1"',
    ]);
    const part = await ask(edge.public.url, '/v/1.m4s', { headers: { range: 'bytes=-10' } });
    expect([part.status, part.body.equals(BODY.subarray(-10))]).toEqual([206, true]);
    await edge.close(0);

    const again = await start();
    for (const path of paths) {
      const { body, headers } = await ask(again.public.url, path);
      expect([body.equals(BODY), headers['cache-status']]).toEqual([true, 'eddy; hit; ttl=60; detail=disk']);
    }
    // What is read a third time is worth a place in memory.
    for (let read = 2; read <= 3; read++) {
      const { body, headers } = await ask(again.public.url, '/v/7.m4s');
      expect([body.equals(BODY), headers['cache-status']]).toEqual([true, 'eddy; hit; ttl=60; detail=disk']);
    }
    expect((await ask(again.public.url, '/v/7.m4s')).headers['cache-status']).toBe('eddy; hit; ttl=60');
    const [edges, ends] = [
      { headers: { range: 'bytes=0-9,-10' } },
      [BODY.subarray(0, 10), BODY.subarray(-10)],
    ];
    const parts = await ask(again.public.url, '/v/1.m4s', edges);
    expect([parts.status, parts.headers['cache-status']]).toEqual([206, 'eddy; hit; ttl=60; detail=disk']);
    expect(ends.map((end) => parts.body.includes(end))).toEqual([true, true]);
    expect(parts.headers['content-length']).toBe(String(parts.body.length));
    expect(asked.length).toBe(8);
  });

  it('gives a client who pauses what is his, while others read from the same buffers', async () => {
    // Memory holds the last two. What is read in turn comes back too late to be promoted.
    const bodies = Array.from({ length: 10 }, () => randomBytes(3_500_000));
    const url = await startHttpOrigin(cleanup, ({ url: path = '' }, response) => {
      const body = bodies[Number(path.slice(1, 2))];
      response.writeHead(200, { 'Cache-Control': 'max-age=60', 'Content-Length': 3_500_000 }).end(body);
    });
    const dir = join(await temporaryFolder(cleanup), 'cache');
    const edge = await startTestEdge(cleanup, { origin: { url }, cache: { dir, memoryBytes: '8MiB' } });
    const paths = bodies.map((_, index) => `/${index}.m4s`);
    for (const path of paths) await ask(edge.public.url, path);
    await expect.poll(() => metric(edge, 'eddy_edge_disk_objects'), { timeout: 10_000 }).toBe(10);
    const onDisk = paths.slice(0, 8);
    const readAll = async (some: readonly string[]) => {
      for (const path of some) {
        const { body, headers } = await ask(edge.public.url, path);
        expect(headers['cache-status']).toMatch(/^eddy; hit; ttl=[0-9]+; detail=disk$/);
        expect(body.equals(bodies[Number(path.slice(1, 2))] ?? body.subarray(1))).toBe(true);
      }
    };
    // Verified, and open from now on.
    await readAll([...onDisk, ...onDisk]);
    const paused = await Promise.all(
      onDisk
        .slice(0, 4)
        .map((path) => new Promise<IncomingMessage>((come) => void get(`${edge.public.url}${path}`, come))),
    );
    await readAll([...onDisk.slice(4), ...onDisk]);
    for (const [index, response] of paused.entries()) {
      const body = Buffer.concat(await response.toArray());
      expect(body.equals(bodies[index] ?? body.subarray(1))).toBe(true);
    }
  });

  it('asks whether what it finds there still holds', async () => {
    const { asked, start, written, wallClock } = await setUp();
    const edge = await start();
    await ask(edge.public.url, '/v/0.m4s');
    await written(edge, 1);
    await edge.close(0);
    wallClock.at += 61_000;
    const again = await start();
    const answer = await ask(again.public.url, '/v/0.m4s');
    expect(answer.headers['cache-status']).toBe('eddy; fwd=uri-miss; fwd-status=304; ttl=60; stored');
    expect([answer.body.equals(BODY), asked]).toEqual([true, ['/v/0.m4s', '/v/0.m4s if changed']]);
    await again.close(0);
    const third = await start();
    expect((await ask(third.public.url, '/v/0.m4s')).headers['cache-status']).toMatch(/^eddy; hit; ttl=60/);
  });

  it.each([
    [{ path: '/v/0.m4s' }, 1],
    [{ prefix: '/v/' }, 8],
    [{ tag: 'film' }, 8],
  ])('purges %j from memory and folder, and a restart brings nothing back', async (order, objects) => {
    const { asked, start, written } = await setUp();
    const edge = await start();
    for (let n = 0; n < 8; n++) await ask(edge.public.url, `/v/${n}.m4s`);
    await written(edge, 8);
    const purge = await fetch(`${edge.admin.url}/purge`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(order) },
    });
    expect(await purge.json()).toMatchObject({ objects });
    expect((await ask(edge.public.url, '/v/0.m4s')).headers['cache-status']).not.toMatch(/hit/);
    await edge.close(0);
    const again = await start();
    await ask(again.public.url, '/v/0.m4s');
    expect(asked.filter((path) => path === '/v/0.m4s').length).toBeGreaterThan(1);
  });

  it('is refused to a second edge, and to nobody when the first has gone', async () => {
    const { dir, start } = await setUp();
    const edge = await start();
    await expect(start()).rejects.toThrow('is used by another edge');
    await edge.close(0);
    await start();
    expect((await readdir(dir)).length).toBeGreaterThan(0);
  });
});
