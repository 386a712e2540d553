import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  ask,
  Cleanup,
  gate,
  metric,
  startHttpOrigin,
  startRawOrigin,
  startTestEdge,
} from './testing/edge-fixture.js';
import { standsStill } from './testing/stands-still.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

describe('a cold segment', () => {
  it('is one origin request for 200 clients, who get it while it comes', async () => {
    const body = randomBytes(1024 * 1024);
    const half = body.length / 2;
    const rest = gate();
    let requests = 0;
    const url = await startHttpOrigin(cleanup, async (_request, response) => {
      requests++;
      response.writeHead(200, { 'content-length': body.length, etag: '"v1"' });
      response.write(body.subarray(0, half));
      await rest.passed;
      response.end(body.subarray(half));
    });
    const edge = await startTestEdge(cleanup, { origin: { url, kind: 'files' } });
    let started = 0;
    const answers = Array.from({ length: 200 }, (_, index) =>
      ask(edge.public.url, '/v/1.m4s', {
        // Every fourth wants a part that begins in what is there and ends in what is not.
        headers: index % 4 === 3 ? { range: `bytes=${half - 1000}-${half + 999}` } : {},
        // Nobody has all, everybody has something, and only then the origin goes on.
        onFirstBytes: () => {
          started++;
          if (started === 200) rest.open();
        },
      }),
    );
    const statuses = new Set<string>();
    for (const [index, answer] of (await Promise.all(answers)).entries()) {
      const part = index % 4 === 3;
      expect(answer.complete).toBe(true);
      expect(answer.status).toBe(part ? 206 : 200);
      expect(answer.body.equals(part ? body.subarray(half - 1000, half + 1000) : body)).toBe(true);
      statuses.add(String(answer.headers['cache-status']));
    }
    expect(requests).toBe(1);
    expect(statuses).toEqual(
      new Set([
        'eddy; fwd=uri-miss; fwd-status=200; ttl=31536000; stored',
        'eddy; fwd=uri-miss; fwd-status=200; ttl=31536000; stored; collapsed',
      ]),
    );
    const hit = await ask(edge.public.url, '/v/1.m4s?cmcd=x', { headers: { range: 'bytes=-3' } });
    expect(hit.headers['cache-status']).toMatch(/^eddy; hit; ttl=\d+$/);
    expect(hit.body).toEqual(body.subarray(-3));
    expect(requests).toBe(1);
    expect(await metric(edge, 'eddy_edge_requests_total{result="collapsed"}')).toBe(199);
  });

  it('goes on when the first client leaves, and is given up when all have', async () => {
    const released = gate();
    const closed = gate();
    const url = await startHttpOrigin(cleanup, async ({ url: path }, response) => {
      response.writeHead(200, { 'content-length': 10_000_000 });
      response.write(Buffer.alloc(1000));
      if (path === '/left.m4s') {
        response.on('close', () => closed.open());
        return;
      }
      await released.passed;
      response.end(Buffer.alloc(9_999_000));
    });
    const edge = await startTestEdge(cleanup, { origin: { url, kind: 'files' } });
    const first = leaver(edge.public.port, '/kept.m4s');
    await first.receiving;
    const joined = gate();
    const second = ask(edge.public.url, '/kept.m4s', { onFirstBytes: () => joined.open() });
    await joined.passed;
    first.leave();
    await first.gone;
    released.open();
    expect((await second).body.length).toBe(10_000_000);
    expect((await ask(edge.public.url, '/kept.m4s')).headers['cache-status']).toMatch(/hit/);

    const only = leaver(edge.public.port, '/left.m4s');
    await only.receiving;
    only.leave();
    await closed.passed;
    expect(await metric(edge, 'eddy_edge_fills_total{outcome="abandoned"}')).toBe(1);
  });

  it('purged on its way goes to those who wait and is not stored', async () => {
    const released = gate();
    let requests = 0;
    const url = await startHttpOrigin(cleanup, async (_request, response) => {
      requests++;
      response.writeHead(200, { 'content-length': 6 });
      response.write(`v${requests}-`);
      if (requests === 1) await released.passed;
      response.end('end');
    });
    const edge = await startTestEdge(cleanup, { origin: { url, kind: 'files' } });
    const started = gate();
    const waiting = ask(edge.public.url, '/a.m4s', { onFirstBytes: () => started.open() });
    await started.passed;
    const purge = await fetch(`${edge.admin.url}/purge`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ path: '/a.m4s' }),
    });
    expect(await purge.json()).toEqual({ path: '/a.m4s', objects: 0, fills: 1, keys: [] });
    expect((await ask(edge.public.url, '/a.m4s')).body.toString()).toBe('v2-end');
    released.open();
    expect((await waiting).body.toString()).toBe('v1-end');
    expect((await ask(edge.public.url, '/a.m4s')).body.toString()).toBe('v2-end');
    expect(requests).toBe(2);
  });
});

describe('an origin that dies or lies', () => {
  const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n';
  it.each([
    ['ends before its Content-Length', `${HEAD}Content-Length: 100000\r\n\r\n${'x'.repeat(5000)}`],
    [
      'ends in the middle of a chunked body',
      `${HEAD}Transfer-Encoding: chunked\r\n\r\n1388\r\n${'x'.repeat(5000)}\r\n`,
    ],
    ['sends a broken chunk', `${HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n`],
  ])('%s: readers are cut and nothing is stored', async (_case, bytes) => {
    let requests = 0;
    const url = await startRawOrigin(cleanup, (socket) =>
      socket.on('data', () => {
        requests++;
        socket.end(bytes);
      }),
    );
    const edge = await startTestEdge(cleanup, { origin: { url, kind: 'files' } });
    for (const path of ['/a.m4s', '/a.m4s', '/a.mp4']) {
      const answer = await ask(edge.public.url, path).catch(() => ({ complete: false, status: 0 }));
      expect(answer.complete && answer.status === 200).toBe(false);
    }
    expect(requests).toBe(3);
    // A playlist waits for its body, so it can still say what happened.
    const playlist = await ask(edge.public.url, '/a.m3u8');
    expect(playlist.status).toBe(502);
    expect(playlist.headers['cache-status']).toMatch(/detail=origin-/);
    expect(await metric(edge, 'eddy_edge_cache_objects')).toBe(0);
  });

  it('sends more than its Content-Length: no reader gets more, and the rest poisons no other answer', async () => {
    const url = await startRawOrigin(cleanup, (socket) =>
      socket.on('data', () =>
        socket.write(`${HEAD}Content-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`),
      ),
    );
    const edge = await startTestEdge(cleanup, { origin: { url, kind: 'files', connections: 1 } });
    for (const path of ['/a.m4s', '/b.m4s', '/c.m4s']) {
      const answer = await ask(edge.public.url, path).catch(() => undefined);
      if (answer?.complete === true && answer.status === 200) expect(answer.body.toString()).toBe('hello');
    }
  });

  it('a body whose end cannot be told from a broken connection is not stored', async () => {
    const url = await startRawOrigin(cleanup, (socket) =>
      socket.once('data', () => socket.end(`${HEAD}Connection: close\r\n\r\nmaybe all`)),
    );
    const edge = await startTestEdge(cleanup, { origin: { url, kind: 'files' } });
    const answer = await ask(edge.public.url, '/a.m4s');
    expect(answer.body.toString()).toBe('maybe all');
    expect(answer.headers['cache-status']).toMatch(/fwd=uri-miss.*detail=unknown-end/);
    expect(await metric(edge, 'eddy_edge_cache_objects')).toBe(0);
  });

  it.each([
    ['down', 'http://127.0.0.1:1/', 502, 'origin-unreachable'],
    ['silent', 'silent', 504, 'origin-first-byte-timeout'],
    ['failing', 'failing', 502, 'origin-error'],
    ['overloaded', 'overloaded', 503, 'origin-unavailable'],
  ])('%s: a clear refusal that is not cached', async (_case, how, status, reason) => {
    const origin = await startHttpOrigin(cleanup, (_request, response) => {
      if (how === 'failing') response.writeHead(500).end('<h1>stack trace</h1>');
      if (how === 'overloaded') response.writeHead(503).end();
    });
    const url = how.startsWith('http') ? how : origin;
    const edge = await startTestEdge(cleanup, {
      origin: { url, kind: 'files', firstByteMs: how === 'silent' ? 50 : 10_000 },
    });
    for (let time = 0; time < 2; time++) {
      const answer = await ask(edge.public.url, '/a.m4s');
      expect(answer.status).toBe(status);
      expect(answer.headers['cache-status']).toMatch(new RegExp(`fwd=uri-miss.*detail=${reason}$`));
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.headers['access-control-allow-origin']).toBe('*');
      expect(JSON.parse(answer.body.toString())).toMatchObject({ error: reason });
    }
    expect(await metric(edge, `eddy_edge_refusals_total{reason="${reason}"}`)).toBe(2);
    expect(await metric(edge, 'eddy_edge_failed_requests_total')).toBe(status >= 500 ? 2 : 0);
  });

  it('that stops in the middle is cut off after the idle time', async () => {
    const url = await startHttpOrigin(cleanup, (_request, response) => {
      response.writeHead(200, { 'content-length': 5000 });
      response.write('start');
    });
    const edge = await startTestEdge(cleanup, { origin: { url, kind: 'files', idleMs: 50 } });
    const answer = await ask(edge.public.url, '/a.m4s');
    expect(answer.complete).toBe(false);
    expect(await metric(edge, 'eddy_edge_fills_total{outcome="origin-idle-timeout"}')).toBe(1);
  });
});

describe('an object that is too large to store', () => {
  it.each([
    ['declared', true],
    ['found out on the way', false],
  ])('(%s) streams through, at the pace of its reader', async (_case, declared) => {
    const body = randomBytes(8 * 1024 * 1024);
    const url = await startHttpOrigin(cleanup, (_request, response) => {
      response.writeHead(200, declared ? { 'content-length': body.length } : {});
      response.end(body);
    });
    const edge = await startTestEdge(cleanup, {
      origin: { url, kind: 'files' },
      cache: { memoryBytes: '2MiB', maxObjectBytes: '1MiB' },
    });
    const answers = await Promise.all([1, 2, 3].map(() => ask(edge.public.url, '/big.mp4')));
    for (const { complete, body: got } of answers) expect([complete, got.equals(body)]).toEqual([true, true]);
    const again = await ask(edge.public.url, '/big.mp4');
    expect(again.headers['cache-status']).toBe('eddy; fwd=uri-miss; fwd-status=200; detail=too-large');
    expect(again.body.equals(body)).toBe(true);
    expect(await metric(edge, 'eddy_edge_cache_objects')).toBe(0);
  });

  it('does not fill memory for a reader that does not read', async () => {
    let sent = 0;
    const url = await startHttpOrigin(cleanup, (_request, response) => {
      response.writeHead(200, { 'content-length': 2 ** 33 });
      const pump = (): void => {
        while (response.write(Buffer.alloc(1024 * 1024))) sent++;
        sent++;
        response.once('drain', pump);
      };
      pump();
    });
    const edge = await startTestEdge(cleanup, {
      origin: { url, kind: 'files' },
      cache: { memoryBytes: '2MiB' },
    });
    const reader = leaver(edge.public.port, '/endless.mp4');
    await reader.receiving;
    reader.socket.pause();
    await standsStill(() => sent);
    // What sits in the sockets between; a pump without back-pressure would have taken gigabytes.
    expect(sent).toBeLessThan(64);
    reader.leave();
  });
});

/** A client that leaves when it is told to. */
function leaver(port: number, path: string) {
  const receiving = gate();
  const gone = gate();
  const socket = connect(port, '127.0.0.1', () => socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`));
  let received = '';
  socket.on('data', (piece: Buffer) => {
    received = (received + piece.toString('latin1')).slice(0, 4096);
    const head = received.indexOf('\r\n\r\n');
    if (head !== -1 && received.length > head + 4) receiving.open();
  });
  socket.on('error', () => {});
  socket.on('close', () => gone.open());
  return { socket, receiving: receiving.passed, gone: gone.passed, leave: () => socket.destroy() };
}
