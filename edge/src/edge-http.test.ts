import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { ask, Cleanup, gate, startHttpOrigin, startTestEdge } from './testing/edge-fixture.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An edge before a web server that is obeyed, the clock that both go by, and what the server was asked. */
async function setUp(
  handle: (asked: Asked, response: ServerResponse) => void,
  settings: Record<string, unknown> = {},
) {
  const asked: Asked[] = [];
  const wallClock = { at: Date.parse('Mon, 02 Mar 2026 10:00:00 GMT'), now: () => wallClock.at };
  const url = await startHttpOrigin(cleanup, async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const { method, url: target, headers } = request;
    const seen = { method, url: target, headers, body: Buffer.concat(pieces).toString() };
    asked.push(seen);
    response.setHeader('Date', new Date(wallClock.at).toUTCString());
    handle(seen, response);
  });
  const edge = await startTestEdge(
    cleanup,
    { name: 'eddy-test', origin: { url }, ...settings },
    { wallClock },
  );
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET', body?: string) =>
    ask(edge.public.url, path, { headers, method, ...(body === undefined ? {} : { body }) });
  const purge = async (order: object) => {
    const response = await fetch(`${edge.admin.url}/purge`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order),
    });
    return response.json();
  };
  return { edge, asked, wallClock, get, purge };
}

describe('a web server behind the edge', () => {
  it('gets every method with its body, and its answers go back as they are', async () => {
    const { asked, get } = await setUp(({ body }, response) => {
      response.writeHead(299, 'Odd', { 'X-Unknown': ['a', 'b'], Connection: 'X-Hop', 'X-Hop': 'gone' });
      response.end(`got ${body}`);
    });
    const answer = await get(
      '/api?b=1&a=2',
      { 'X-Mine': 'kept', 'content-type': 'text/x' },
      'PATCH',
      'hello',
    );
    expect([answer.status, answer.body.toString()]).toEqual([299, 'got hello']);
    expect(answer.headers['x-unknown']).toBe('a, b');
    expect(answer.headers['x-hop']).toBeUndefined();
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(answer.headers['cache-status']).toBe('eddy; fwd=method; fwd-status=299');
    expect(asked[0]).toMatchObject({ method: 'PATCH', url: '/api?b=1&a=2', body: 'hello' });
    expect(asked[0]?.headers).toMatchObject({
      'x-mine': 'kept',
      via: '1.1 eddy-test',
      'cdn-loop': 'eddy-test',
    });
  });

  it('is not asked in a circle (RFC 8586)', async () => {
    const { asked, get } = await setUp((_asked, response) => response.end('x'));
    const answer = await get('/a', { 'cdn-loop': 'other; x=1, Eddy-Test' });
    expect([answer.status, asked.length]).toEqual([508, 0]);
    expect((await get('/a', { 'cdn-loop': 'eddy-testing' })).status).toBe(200);
    expect(asked[0]?.headers['cdn-loop']).toBe('eddy-testing, eddy-test');
  });

  it('is asked each time where it names no lifetime, and its errors go through', async () => {
    const { asked, get } = await setUp(({ url }, response) =>
      response.writeHead(url === '/bad' ? 500 : 200).end('x'),
    );
    for (let time = 0; time < 2; time++) {
      expect((await get('/plain.m4s')).headers['cache-status']).not.toMatch(/hit/);
      expect((await get('/bad')).status).toBe(500);
    }
    expect(asked.length).toBe(4);
  });

  it('is told of changes: unsafe methods invalidate what they name (RFC 9111 section 4.4)', async () => {
    let status = 200;
    const { get } = await setUp(({ method }, response) => {
      if (method === 'GET') response.setHeader('Cache-Control', 'max-age=60');
      else response.setHeader('Location', '/other');
      response.writeHead(method === 'GET' ? 200 : status).end();
    });
    const isHit = async (path: string) => /hit/.test(String((await get(path)).headers['cache-status']));
    for (const path of ['/a', '/other', '/third']) await get(path);
    status = 500;
    await get('/a', {}, 'POST', 'x');
    expect([await isHit('/a'), await isHit('/other')]).toEqual([true, true]);
    status = 201;
    await get('/a', {}, 'POST', 'x');
    expect([await isHit('/a'), await isHit('/other'), await isHit('/third')]).toEqual([false, false, true]);
  });
});

describe('an answer that names no lifetime', () => {
  it('serves those who waited for its head, and nobody who comes after', async () => {
    const released = gate();
    const { asked, edge, get } = await setUp(async ({ url }, response) => {
      response.writeHead(200, { 'Content-Length': 4 });
      response.write('ab');
      if (url === '/a') await released.passed;
      response.end('cd');
    });
    const begun = gate();
    const first = ask(edge.public.url, '/a', { onFirstBytes: () => begun.open() });
    await begun.passed;
    const late = get('/a');
    await expect.poll(() => asked.length).toBe(2);
    released.open();
    for (const { body } of await Promise.all([first, late])) expect(body.toString()).toBe('abcd');
  });
});

describe('variants', () => {
  it('are kept by what Vary names, normalised (RFC 9111 section 4.1)', async () => {
    const { asked, get } = await setUp(({ headers }, response) => {
      response.writeHead(200, { 'Cache-Control': 'max-age=60', Vary: 'Accept-Language' });
      response.end(String(headers['accept-language']));
    });
    const inLanguage = async (language: string) => {
      const { body, headers } = await get('/a', { 'accept-language': language });
      return [body.toString(), /hit/.test(String(headers['cache-status']))];
    };
    expect(await inLanguage('en, de;q=0.5')).toEqual(['en, de;q=0.5', false]);
    expect(await inLanguage('de')).toEqual(['de', false]);
    expect(await inLanguage('de;q=0.5,EN')).toEqual(['en, de;q=0.5', true]);
    expect(await inLanguage('de')).toEqual(['de', true]);
    expect(asked.length).toBe(2);
  });

  it('are not given to those who waited for another one', async () => {
    const released = gate();
    let waiting = 0;
    const both = gate();
    const { asked, get } = await setUp(async ({ headers }, response) => {
      waiting++;
      if (waiting === 1) both.open();
      await released.passed;
      response.writeHead(200, { 'Cache-Control': 'max-age=60', Vary: 'Accept' });
      response.end(String(headers.accept));
    });
    const first = get('/a', { accept: 'text/one' });
    await both.passed;
    const second = get('/a', { accept: 'text/two' });
    const third = get('/a', { accept: 'text/one' });
    setImmediate(() => released.open());
    const bodies = (await Promise.all([first, second, third])).map(({ body }) => body.toString());
    expect(bodies).toEqual(['text/one', 'text/two', 'text/one']);
    expect(asked.map(({ headers }) => headers.accept).sort()).toEqual(['text/one', 'text/two']);
  });
});

describe('revalidation', () => {
  it('asks with both validators, and takes the news of a 304 (RFC 9111 section 4.3)', async () => {
    const modified = 'Mon, 02 Mar 2026 09:00:00 GMT';
    const { asked, get, wallClock } = await setUp(({ headers }, response) => {
      const same = headers['if-none-match'] === '"v1"';
      response.writeHead(same ? 304 : 200, {
        ...{ 'Cache-Control': 'max-age=10', ETag: '"v1"', 'X-News': same ? 'new' : 'old' },
        ...(same ? {} : { 'Last-Modified': modified, 'X-Kept': 'yes', 'Content-Type': 'text/x' }),
      });
      response.end(same ? undefined : 'body');
    });
    await get('/a');
    wallClock.at += 11_000;
    const answer = await get('/a');
    expect(answer.headers).toMatchObject({
      ...{ 'x-news': 'new', 'x-kept': 'yes', 'content-type': 'text/x', age: '0' },
      'cache-status': 'eddy; fwd=stale; fwd-status=304; ttl=10; stored',
    });
    expect(asked[1]?.headers).toMatchObject({ 'if-none-match': '"v1"', 'if-modified-since': modified });
    expect((await get('/a', { 'if-none-match': 'W/"v1"' })).status).toBe(304);
    expect(asked.length).toBe(2);
  });

  it('keeps no-cache answers, and asks before each use', async () => {
    const { asked, get } = await setUp(({ headers }, response) => {
      const same = headers['if-none-match'] === '"v1"';
      response.writeHead(same ? 304 : 200, { 'Cache-Control': 'no-cache, max-age=60', ETag: '"v1"' });
      response.end(same ? undefined : 'body');
    });
    for (let time = 0; time < 3; time++) expect((await get('/a')).body.toString()).toBe('body');
    expect(asked.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"v1"', '"v1"']);
  });

  it('happens in the background within stale-while-revalidate (RFC 5861 section 3)', async () => {
    let version = 1;
    const refreshed = gate();
    const { get, wallClock } = await setUp((_asked, response) => {
      response.writeHead(200, { 'Cache-Control': 'max-age=10, stale-while-revalidate=20' });
      response.end(`v${version}`, () => version === 2 && refreshed.open());
    });
    await get('/a');
    version = 2;
    wallClock.at += 15_000;
    const stale = await get('/a');
    expect([stale.body.toString(), stale.headers.age, stale.headers['cache-status']]).toEqual([
      ...['v1', '15', 'eddy; hit; ttl=-5'],
    ]);
    await refreshed.passed;
    await expect.poll(async () => (await get('/a')).body.toString()).toBe('v2');
    wallClock.at += 31_000;
    version = 3;
    expect((await get('/a')).body.toString()).toBe('v3');
  });

  it('gives way to the old answer within stale-if-error only (RFC 5861 section 4)', async () => {
    let failing = false;
    const { get, wallClock } = await setUp((_asked, response) => {
      response.writeHead(failing ? 503 : 200, { 'Cache-Control': 'max-age=10, stale-if-error=20' });
      response.end(failing ? 'down' : 'fine');
    });
    await get('/a');
    failing = true;
    wallClock.at += 15_000;
    const stale = await get('/a');
    expect([stale.status, stale.body.toString()]).toEqual([200, 'fine']);
    expect(stale.headers['cache-status']).toMatch(/fwd=stale; fwd-status=503; .*detail=origin-unavailable/);
    wallClock.at += 20_000;
    const over = await get('/a');
    expect([over.status, over.body.toString()]).toEqual([503, 'down']);
  });
});

describe('several ranges (RFC 9110 section 14)', () => {
  const body = randomBytes(1000);
  /** What a multipart body says, part by part. */
  function partsOf(type: string | undefined, whole: Buffer): [string | undefined, Buffer][] {
    const boundary = /boundary=(.*)$/.exec(type ?? '')?.[1] ?? '?';
    return whole
      .toString('latin1')
      .split(`--${boundary}`)
      .slice(1, -1)
      .map((text) => {
        const [head = '', content = ''] = text.split(/\r\n\r\n(.*)/s);
        return [/Content-Range: (.*)/.exec(head)?.[1], Buffer.from(content.slice(0, -2), 'latin1')];
      });
  }

  it('are answered on a hit and on a miss, though the origin has none', async () => {
    const { asked, get } = await setUp((_asked, response) => {
      response.writeHead(200, { 'Cache-Control': 'max-age=60', 'Content-Type': 'video/x' }).end(body);
    });
    for (let time = 0; time < 2; time++) {
      const answer = await get('/a.mp4', { range: 'bytes=0-9, 500-509, -5' });
      expect(answer.status).toBe(206);
      expect(Number(answer.headers['content-length'])).toBe(answer.body.length);
      expect(partsOf(answer.headers['content-type'], answer.body)).toEqual([
        ['bytes 0-9/1000', body.subarray(0, 10)],
        ['bytes 500-509/1000', body.subarray(500, 510)],
        ['bytes 995-999/1000', body.subarray(995)],
      ]);
    }
    expect(asked.length).toBe(1);
    const one = await get('/a.mp4', { range: 'bytes=0-9,10-19' });
    expect(one.headers['content-range']).toBe('bytes 0-19/1000');
  });
});

describe('large objects', () => {
  const MIB = 1024 * 1024;
  const large = randomBytes(5 * MIB + 123);

  async function setUpLarge() {
    const state = { body: large, etag: '"v1"' };
    const settings = { cache: { memoryBytes: '16MiB', maxObjectBytes: '2MiB', sliceBytes: '1MiB' } };
    const up = await setUp(({ headers }, response) => {
      const { body, etag } = state;
      const common = { 'Cache-Control': 'max-age=60', ETag: etag, 'Accept-Ranges': 'bytes' };
      if (headers['if-none-match'] === etag) return response.writeHead(304, common).end();
      const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
      if (from === undefined) {
        return response.writeHead(200, { ...common, 'Content-Length': body.length }).end(body);
      }
      const part = body.subarray(Number(from), Number(to) + 1);
      const range = `bytes ${from}-${Number(from) + part.length - 1}/${body.length}`;
      return response
        .writeHead(206, { ...common, 'Content-Range': range, 'Content-Length': part.length })
        .end(part);
    }, settings);
    const ranges = () => up.asked.map(({ headers }) => headers.range);
    return { ...up, state, ranges };
  }

  it('are held in aligned parts, each fetched once', async () => {
    const { get, ranges } = await setUpLarge();
    const part = await get('/film.mp4', { range: `bytes=${MIB - 5}-${MIB + 4}` });
    expect(part.status).toBe(206);
    expect(part.body.equals(large.subarray(MIB - 5, MIB + 5))).toBe(true);
    expect(part.headers['content-range']).toBe(`bytes ${MIB - 5}-${MIB + 4}/${large.length}`);
    expect(ranges()).toEqual([undefined, `bytes=0-${MIB - 1}`, `bytes=${MIB}-${2 * MIB - 1}`]);
    const again = await get('/film.mp4', { range: `bytes=10-${MIB + 100}` });
    expect(again.body.equals(large.subarray(10, MIB + 101))).toBe(true);
    expect(again.headers['cache-status']).toMatch(/hit/);
    expect(ranges().length).toBe(3);
    const whole = await get('/film.mp4');
    expect([whole.status, whole.body.equals(large)]).toEqual([200, true]);
    expect(ranges().length).toBe(7);
    expect((await get('/film.mp4', { range: 'bytes=-3' })).body.equals(large.subarray(-3))).toBe(true);
    expect((await get('/film.mp4', { range: `bytes=${large.length}-` })).status).toBe(416);
    const parts = await get('/film.mp4', { range: `bytes=0-9,${3 * MIB}-${3 * MIB + 9}` });
    expect(parts.headers['content-type']).toMatch(/^multipart\/byteranges/);
    expect(parts.body.includes(large.subarray(3 * MIB, 3 * MIB + 10))).toBe(true);
    expect(ranges().length).toBe(7);
  });

  it('of two versions are never mixed: what is read is cut, and the next gets the new one', async () => {
    const { get, state } = await setUpLarge();
    await get('/film.mp4', { range: 'bytes=0-9' });
    state.body = randomBytes(large.length);
    state.etag = '"v2"';
    const torn = await get('/film.mp4', { range: `bytes=0-${3 * MIB}` });
    expect(torn.complete).toBe(false);
    const healed = await get('/film.mp4', { range: `bytes=0-${3 * MIB}` });
    expect(healed.complete && healed.body.equals(state.body.subarray(0, 3 * MIB + 1))).toBe(true);
  });
});

describe('purges', () => {
  const tagged = ({ url }: Asked, response: ServerResponse): void => {
    const version = { 'Cache-Control': 'max-age=60, stale-while-revalidate=60' };
    response.writeHead(200, {
      ...version,
      'Surrogate-Key': url?.startsWith('/b') === true ? 'film other' : 'film',
    });
    response.end(url);
  };

  it('go by path with all its queries, by prefix and by surrogate key, and say what they hit', async () => {
    const { get, purge } = await setUp(tagged);
    const fill = () => Promise.all(['/a/1', '/a/1?x=1', '/a/2', '/b/1', '/c'].map((path) => get(path)));
    await fill();
    expect(await purge({ path: '/a/1' })).toEqual({
      ...{ path: '/a/1', objects: 2, fills: 0 },
      keys: expect.arrayContaining(['/a/1', '/a/1?x=1']),
    });
    await fill();
    expect(await purge({ prefix: '/a/' })).toMatchObject({ prefix: '/a/', objects: 3 });
    await fill();
    expect(await purge({ tag: 'other' })).toEqual({ tag: 'other', objects: 1, fills: 0, keys: ['/b/1'] });
    expect(await purge({ tag: 'film' })).toMatchObject({ objects: 4 });
    for (const bad of [
      {},
      { path: '/a', tag: 'x' },
      { prefix: 'a' },
      { path: '/a/../b' },
      { everything: true },
    ]) {
      expect(await purge(bad)).toMatchObject({ message: expect.stringContaining('Send one of') });
    }
  });

  it('softly leave what may be served while the origin is asked', async () => {
    const { get, purge, asked } = await setUp(tagged);
    await get('/a');
    expect(await purge({ path: '/a', soft: true })).toMatchObject({ objects: 1 });
    expect((await get('/a')).headers['cache-status']).toBe('eddy; hit; ttl=0');
    await expect.poll(() => asked.length).toBe(2);
    await expect.poll(async () => (await get('/a')).headers['cache-status']).toBe('eddy; hit; ttl=60');
  });

  it('by surrogate key meet a fill whose keys are not known yet', async () => {
    const released = gate();
    const came = gate();
    const { get, purge } = await setUp(async (asked, response) => {
      came.open();
      await released.passed;
      tagged(asked, response);
    });
    const waiting = get('/b/1');
    await came.passed;
    await purge({ tag: 'other' });
    released.open();
    expect((await waiting).body.toString()).toBe('/b/1');
    expect((await get('/b/1')).headers['cache-status']).not.toMatch(/hit/);
  });
});
