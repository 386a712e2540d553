import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import {
  ask,
  Cleanup,
  gate,
  metric,
  startHttpOrigin,
  startTestEdge,
  temporaryFolder,
} from './testing/edge-fixture.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

async function folderEdge(files: Readonly<Record<string, string>>, settings = {}) {
  const root = await temporaryFolder(cleanup);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(root, name, '..'), { recursive: true });
    await writeFile(join(root, name), text);
  }
  const edge = await startTestEdge(cleanup, { origin: { url: pathToFileURL(root).href }, ...settings });
  return { root, edge };
}

describe('listeners', () => {
  it('answer only what is theirs', async () => {
    const { edge } = await folderEdge({ metrics: 'a file', 'v/a.m4s': 'media' });
    const statuses = async (base: string, paths: readonly string[]): Promise<number[]> =>
      Promise.all(paths.map(async (path) => (await ask(base, path)).status));
    const admin = ['/healthz', '/readyz', '/metrics', '/config'];
    expect(await statuses(edge.admin.url, admin)).toEqual([200, 200, 200, 200]);
    expect(JSON.parse((await ask(edge.admin.url, '/healthz')).body.toString())).toEqual({
      status: 'ok',
      version: '0.1.0',
    });
    expect(await statuses(edge.admin.url, ['/v/a.m4s', '/_eddy/beacons', '/'])).toEqual([404, 404, 404]);
    expect(await statuses(edge.insight.url, [...admin, '/v/a.m4s', '/purge'])).not.toContain(200);
    expect(await statuses(edge.public.url, ['/healthz', '/readyz', '/config', '/purge'])).toEqual([
      404, 404, 404, 404,
    ]);
    // Not the admin's: the file of that name.
    expect((await ask(edge.public.url, '/metrics')).body.toString()).toBe('a file');
    expect((await ask(edge.public.url, '/purge', { method: 'POST' })).status).toBe(405);
  });

  it('keep /_eddy/ from the origin, however it is spelled', async () => {
    const asked: unknown[] = [];
    const url = await startHttpOrigin(cleanup, (request, response) => {
      asked.push(request.url);
      response.end('origin');
    });
    const edge = await startTestEdge(cleanup, { origin: { url } });
    for (const path of [
      '/_eddy/x',
      '/_eddy',
      '/_eddy/',
      '/%5Feddy/x',
      '/%5f%65ddy/swarm',
      '/_eddy/swarm',
      '/_eddy/beacons',
    ]) {
      expect([path, (await ask(edge.public.url, path)).status]).toEqual([path, 404]);
    }
    expect(asked).toEqual([]);
  });

  it('that cannot listen name the port and the flag, and leave nothing open', async () => {
    const { edge, root } = await folderEdge({});
    const settings = {
      origin: { url: pathToFileURL(root).href },
      listeners: { public: '127.0.0.1:0', admin: `127.0.0.1:${edge.public.port}`, insight: '127.0.0.1:0' },
    };
    await expect(startTestEdge(cleanup, settings)).rejects.toThrow(
      `the admin listener cannot use 127.0.0.1:${edge.public.port}: port ${edge.public.port} is taken; choose another with --admin`,
    );
  });

  it('name an origin folder that is not there', async () => {
    await expect(startTestEdge(cleanup, { origin: { url: 'file:///nowhere/videos' } })).rejects.toThrow(
      'origin.url: /nowhere/videos is not a folder',
    );
  });

  it('name what their parser cannot read', async () => {
    const { edge } = await folderEdge({});
    const raw = async (text: string): Promise<string> => {
      const answered = gate<string>();
      let received = '';
      const socket = connect(edge.public.port, '127.0.0.1', () => socket.write(text));
      socket.on('data', (piece: Buffer) => {
        received += piece.toString();
      });
      socket.on('close', () => answered.open(received));
      return answered.passed;
    };
    expect(await raw('nonsense\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 .*Cache-Status: eddy; detail=bad-request/s,
    );
    const huge = `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`;
    expect(await raw(huge)).toMatch(/^HTTP\/1\.1 431 .*detail=headers-too-large/s);
    expect(await raw('GET /a%2fb HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*detail=encoded-slash/s);
    expect(await raw('GET /none HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 404 /);
    expect(await raw('GET /none HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 .*bad-host/s,
    );
    expect(await metric(edge, 'eddy_edge_refusals_total{reason="headers-too-large"}')).toBe(1);
  });
});

describe('responses', () => {
  it('carry what players need, hit or miss', async () => {
    const { edge } = await folderEdge({ 'v/a.m4s': 'media' });
    for (const status of [/fwd=uri-miss/, /eddy; hit/]) {
      const { headers, body } = await ask(edge.public.url, '/v/a.m4s');
      expect(body.toString()).toBe('media');
      expect(headers).toMatchObject({
        'content-type': 'video/iso.segment',
        'content-length': '5',
        'accept-ranges': 'bytes',
        'cache-control': 'public, max-age=31536000, immutable',
        'access-control-allow-origin': '*',
        'timing-allow-origin': '*',
        'cache-status': expect.stringMatching(status),
        date: expect.any(String),
        etag: expect.stringMatching(/^"/),
        'last-modified': expect.any(String),
      });
      for (const name of ['Content-Length', 'Content-Range', 'Date', 'Age', 'Cache-Status']) {
        expect(headers['access-control-expose-headers']).toContain(name);
      }
    }
  });

  it('answer HEAD as GET, conditions and ranges alike from cache and origin', async () => {
    const { edge } = await folderEdge({ 'a.m4s': '0123456789' });
    const { headers: cold, body: nothing, status } = await ask(edge.public.url, '/a.m4s', { method: 'HEAD' });
    expect([status, cold['content-length'], nothing.length]).toEqual([200, '10', 0]);
    const etag = cold.etag ?? '';
    for (const path of ['/a.m4s', '/a.m4s']) {
      const same = await ask(edge.public.url, path, { headers: { 'if-none-match': etag } });
      expect([same.status, same.body.length, same.headers['content-length']]).toEqual([304, 0, undefined]);
      const part = await ask(edge.public.url, path, { headers: { range: 'bytes=2-4', 'if-range': etag } });
      expect([part.status, part.headers['content-range'], part.body.toString()]).toEqual([
        206,
        'bytes 2-4/10',
        '234',
      ]);
      const outside = await ask(edge.public.url, path, { headers: { range: 'bytes=10-' } });
      expect([outside.status, outside.headers['content-range']]).toEqual([416, 'bytes */10']);
      expect(outside.headers['cache-status']).toMatch(/detail=range-not-satisfiable/);
      const head = await ask(edge.public.url, path, { method: 'HEAD', headers: { range: 'bytes=0-1' } });
      expect([head.status, head.headers['content-length']]).toEqual([200, '10']);
    }
  });

  it('answer preflights and refuse other methods', async () => {
    const { edge } = await folderEdge({});
    const preflight = await ask(edge.public.url, '/a.m4s', { method: 'OPTIONS' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers['access-control-allow-headers']).toContain('Range');
    expect(preflight.headers['access-control-max-age']).toBe('86400');
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const answer = await ask(edge.public.url, '/a.m4s', { method });
      expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
    }
  });

  it('remember a 404 for its second only', async () => {
    const wallClock = { at: 1_000_000, now: () => wallClock.at };
    let exists = false;
    const url = await startHttpOrigin(cleanup, (_request, response) =>
      response.writeHead(exists ? 200 : 404).end('x'),
    );
    const edge = await startTestEdge(cleanup, { origin: { url, kind: 'files' } }, { wallClock });
    expect((await ask(edge.public.url, '/a.m4s')).status).toBe(404);
    exists = true;
    wallClock.at += 999;
    const remembered = await ask(edge.public.url, '/a.m4s');
    expect([remembered.status, remembered.headers['cache-status']]).toEqual([
      404,
      'eddy; hit; ttl=0; detail=not-found',
    ]);
    wallClock.at += 1;
    expect((await ask(edge.public.url, '/a.m4s')).status).toBe(200);
  });
});

describe('a live playlist', () => {
  it('is asked for again after half its target, by validator, and served stale while the origin fails', async () => {
    const wallClock = { at: 1_000_000, now: () => wallClock.at };
    let version = 1;
    let failing = false;
    const asked: unknown[] = [];
    const url = await startHttpOrigin(cleanup, ({ headers }, response) => {
      asked.push(headers['if-none-match']);
      if (failing) return response.writeHead(500).end();
      const etag = `"v${version}"`;
      if (headers['if-none-match'] === etag) return response.writeHead(304, { etag }).end();
      return response.writeHead(200, { etag }).end(`#EXTM3U\n#EXT-X-TARGETDURATION:4\n#v${version}\n`);
    });
    const edge = await startTestEdge(cleanup, { origin: { url, kind: 'files' } }, { wallClock });
    const get = async (): Promise<string[]> => {
      const { body, headers, status } = await ask(edge.public.url, '/live.m3u8');
      return [String(status), body.toString().split('\n')[2] ?? '', String(headers['cache-status'])];
    };
    expect(await get()).toEqual(['200', '#v1', 'eddy; fwd=uri-miss; fwd-status=200; ttl=2; stored']);
    wallClock.at += 1999;
    expect((await get())[2]).toBe('eddy; hit; ttl=0');
    wallClock.at += 1;
    expect((await get())[2]).toBe('eddy; fwd=stale; fwd-status=304; ttl=2; stored');
    expect((await get())[2]).toBe('eddy; hit; ttl=2');
    version = 2;
    wallClock.at += 2000;
    expect((await get())[1]).toBe('#v2');
    failing = true;
    wallClock.at += 3000;
    expect(await get()).toEqual([
      '200',
      '#v2',
      'eddy; fwd=stale; fwd-status=500; ttl=-1; detail=origin-error',
    ]);
    wallClock.at += 10_000;
    expect((await get())[0]).toBe('502');
    expect(asked).toEqual([undefined, '"v1"', '"v1"', '"v2"', '"v2"']);
  });
});

describe('origin headers', () => {
  it('rule the lifetime, pass what they must, and keep what is private apart', async () => {
    let requests = 0;
    const url = await startHttpOrigin(cleanup, ({ url: path }, response) => {
      requests++;
      const told: Record<string, string> =
        path === '/private.m4s'
          ? { 'cache-control': 'private, max-age=60', 'set-cookie': 'viewer=1' }
          : {
              'cache-control': 'max-age=60',
              'content-encoding': 'gzip',
              age: '50',
              'content-type': 'text/x',
            };
      response.writeHead(200, told).end(`answer ${requests}`);
    });
    const edge = await startTestEdge(cleanup, { origin: { url } });
    await ask(edge.public.url, '/a.m4s');
    const hit = await ask(edge.public.url, '/a.m4s');
    expect(hit.headers).toMatchObject({
      'cache-control': 'max-age=60',
      'content-encoding': 'gzip',
      'content-type': 'text/x',
      age: '50',
    });
    const [one, two] = await Promise.all([
      ask(edge.public.url, '/private.m4s'),
      ask(edge.public.url, '/private.m4s'),
    ]);
    expect(one.body.equals(two.body)).toBe(false);
    expect(one.headers['cache-status']).toMatch(/fwd=uri-miss.*detail=private/);
    expect(one.headers['set-cookie']).toEqual(['viewer=1']);
  });
});

describe('close', () => {
  it('says not ready, lets responses end, then closes', async () => {
    const released = gate();
    const url = await startHttpOrigin(cleanup, async (_request, response) => {
      response.writeHead(200, { 'content-length': 6 });
      response.write('abc');
      await released.passed;
      response.end('def');
    });
    const edge = await startTestEdge(cleanup, { origin: { url } });
    const started = gate();
    const answer = ask(edge.public.url, '/a.m4s', { onFirstBytes: () => started.open() });
    await started.passed;
    const closed = edge.close(10_000);
    const ready = await ask(edge.admin.url, '/readyz');
    expect([ready.status, JSON.parse(ready.body.toString())]).toEqual([503, { status: 'stopping' }]);
    await expect(ask(edge.public.url, '/a.m4s')).rejects.toThrow('ECONNREFUSED');
    released.open();
    expect((await answer).body.toString()).toBe('abcdef');
    await closed;
    await expect(ask(edge.admin.url, '/readyz')).rejects.toThrow('ECONNREFUSED');
  });

  it('cuts what is still under way at the deadline, or when asked twice', async () => {
    const url = await startHttpOrigin(cleanup, (_request, response) => {
      response.writeHead(200, { 'content-length': 6 });
      response.write('abc');
    });
    for (const deadlines of [[50], [60_000, 0]]) {
      const edge = await startTestEdge(cleanup, { origin: { url } });
      const started = gate();
      const answer = ask(edge.public.url, '/a.m4s', { onFirstBytes: () => started.open() });
      await started.passed;
      await Promise.all(deadlines.map((ms) => edge.close(ms)));
      expect((await answer).complete).toBe(false);
    }
  });
});
