import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { parseRange, resolveRange } from '../ranges/ranges.js';
import { Cleanup, startHttpOrigin, startRawOrigin } from '../testing/edge-fixture.js';
import { standsStill } from '../testing/stands-still.js';
import { describeUpstream, type ToldByPublisher } from '../testing/upstream-contract.js';
import { createHttpUpstream } from './http-upstream.js';
import type { Upstream, UpstreamBody } from './upstream.js';

const LIMITS = { connections: 8, connectMs: 1000 };
const LAST_MODIFIED = new Date(0).toUTCString();

async function text(body: UpstreamBody): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString('latin1');
}

describeUpstream('http://', async (cleanup) => {
  const objects = new Map<string, { body: Buffer; told: ToldByPublisher }>();
  const url = await startHttpOrigin(cleanup, (request, response) => {
    const object = objects.get(decodeURIComponent(request.url ?? ''));
    if (object === undefined) {
      response.writeHead(404).end('nothing here');
      return;
    }
    const { body, told } = object;
    const etag = `"${createHash('sha256').update(body).digest('hex')}"`;
    const since = request.headers['if-modified-since'];
    if (request.headers['if-none-match'] === etag || since === LAST_MODIFIED) {
      response.writeHead(304, { etag }).end();
      return;
    }
    const applies = (request.headers['if-range'] ?? etag) === etag;
    const range = resolveRange(applies ? parseRange(request.headers.range) : undefined, body.length);
    if (range === 'unsatisfiable') {
      response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
      return;
    }
    const { start, end } = range === 'whole' ? { start: 0, end: body.length - 1 } : range;
    response.writeHead(range === 'whole' ? 200 : 206, {
      ...{
        etag,
        'last-modified': LAST_MODIFIED,
        'content-length': end - start + 1,
        'accept-ranges': 'bytes',
      },
      ...(range === 'whole' ? {} : { 'content-range': `bytes ${start}-${end}/${body.length}` }),
      ...(told.contentType === undefined ? {} : { 'content-type': told.contentType }),
      ...(told.cacheControl === undefined ? {} : { 'cache-control': told.cacheControl }),
    });
    response.end(body.subarray(start, end + 1));
  });
  return {
    upstream: createHttpUpstream({ url: new URL(`${url}/prefix/`), ...LIMITS }),
    unreachable: async () => createHttpUpstream({ url: new URL('http://127.0.0.1:1/'), ...LIMITS }),
    async put(path, body, told = {}) {
      objects.set(`/prefix${path}`, { body, told });
    },
    isReadOnly: false,
    keeps: ['content-type', 'cache-control'],
  };
});

describe('a web server as origin', () => {
  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());
  const signal = new AbortController().signal;

  function upstreamOf(url: string): Upstream {
    const upstream = createHttpUpstream({ url: new URL(url), ...LIMITS });
    cleanup.add(() => upstream.close());
    return upstream;
  }

  it('gets the query that counts, credentials of the URL, and nothing of the client', async () => {
    let seen: unknown;
    const url = await startHttpOrigin(cleanup, ({ url: target, headers }, response) => {
      seen = { target, authorization: headers.authorization, encoding: headers['accept-encoding'] };
      response.setHeader('connection', 'close, x-private');
      response.setHeader('x-private', 'hop');
      response.end('body');
    });
    const upstream = upstreamOf(url.replace('http://', 'http://me:p%40ss@'));
    const { headers, body } = await upstream.fetch({ path: '/p.m3u8', query: '?_HLS_msn=3' }, signal);
    body.discard();
    expect(seen).toEqual({
      target: '/p.m3u8?_HLS_msn=3',
      authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
      encoding: 'identity',
    });
    expect(headers).not.toHaveProperty('x-private');
    expect(headers).not.toHaveProperty('connection');
  });

  it.each([500, 502, 503, 404, 302, 418])('passes a %d on with fields and body', async (status) => {
    const url = await startHttpOrigin(cleanup, (_request, response) =>
      response.writeHead(status, { 'x-why': 'because', location: '/there' }).end('oops'),
    );
    const response = await upstreamOf(url).fetch({ path: '/a', query: '' }, signal);
    expect([response.status, response.headers['x-why']]).toEqual([status, 'because']);
    expect(await text(response.body)).toBe('oops');
  });

  it('keeps header fields as they came: case, order, repeats, any byte', async () => {
    const url = await startRawOrigin(cleanup, (socket) =>
      socket.once('data', () =>
        socket.end(
          Buffer.from(
            'HTTP/1.1 200 OK\r\nX-b: 1\r\nx-A: caf\xe9 \xc3\xa9\r\nSet-Cookie: a=1\r\nConnection: close, X-Hop\r\n' +
              'set-cookie: b=2\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nConstructor: x\r\nX-Empty:\r\n' +
              'Transfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n',
            'latin1',
          ),
        ),
      ),
    );
    const { fields, headers, endIsKnown, body } = await upstreamOf(url).fetch(
      { path: '/a', query: '' },
      signal,
    );
    expect(fields).toEqual([
      ...['X-b', '1', 'x-A', 'caf\xe9 \xc3\xa9', 'Set-Cookie', 'a=1', 'set-cookie', 'b=2'],
      ...['Constructor', 'x', 'X-Empty', ''],
    ]);
    expect(headers['set-cookie']).toBe('a=1, b=2');
    expect(endIsKnown).toBe(true);
    expect(await text(body)).toBe('ok');
  });

  it('sends method, fields and body on, without what is about the connection', async () => {
    let seen: { method?: string | undefined; raw: string[]; body: string } | undefined;
    const url = await startHttpOrigin(cleanup, async (request, response) => {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece);
      seen = { method: request.method, raw: request.rawHeaders, body: Buffer.concat(pieces).toString() };
      response.writeHead(201).end();
    });
    const fields = [
      ...['X-Case', 'caf\xe9', 'x-case', '2', 'Accept-Encoding', 'br', 'User-Agent', 'me'],
      ...[
        'Connection',
        'x-hop',
        'X-Hop',
        '1',
        'Host',
        'evil',
        'Content-Length',
        '99',
        'Expect',
        '100-continue',
      ],
      ...['Range', 'bytes=0-1', 'TE', 'trailers'],
    ];
    async function* body(): AsyncGenerator<Buffer> {
      yield Buffer.from('hel');
      yield Buffer.from('lo');
    }
    const response = await upstreamOf(url).fetch(
      { method: 'PATCH', path: '/a', query: '', fields, body: body(), bodyBytes: 5, range: { suffix: 3 } },
      signal,
    );
    response.body.discard();
    expect([response.status, seen?.method, seen?.body]).toEqual([201, 'PATCH', 'hello']);
    const { host } = new URL(url);
    expect(seen?.raw).toEqual([
      ...['host', host, 'connection', 'keep-alive', 'X-Case', 'caf\xe9', 'x-case', '2'],
      ...['Accept-Encoding', 'br', 'User-Agent', 'me', 'Range', 'bytes=-3', 'content-length', '5'],
    ]);
  });

  it('tells of early hints', async () => {
    const url = await startHttpOrigin(cleanup, (_request, response) => {
      response.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => response.end('body'));
    });
    const heard: unknown[] = [];
    const onInfo = (status: number, fields: readonly string[]): number => heard.push(status, ...fields);
    const { body } = await upstreamOf(url).fetch({ path: '/a', query: '', onInfo }, signal);
    expect(await text(body)).toBe('body');
    expect(heard).toEqual([103, 'Link', '</a.css>; rel=preload']);
  });

  it('holds a fast origin back while its reader is slow', async () => {
    const total = 64 * 1024 * 1024;
    let pushed = 0;
    const url = await startHttpOrigin(cleanup, (_request, response) => {
      response.writeHead(200, { 'content-length': total });
      const more = (): void => {
        while (pushed < total) {
          pushed += 65_536;
          if (!response.write(Buffer.alloc(65_536))) {
            response.once('drain', more);
            return;
          }
        }
        response.end();
      };
      more();
    });
    const { body } = await upstreamOf(url).fetch({ path: '/a', query: '' }, signal);
    const chunks = body[Symbol.asyncIterator]();
    await chunks.next();
    // What fits into sockets and queue, and no more.
    await standsStill(() => pushed);
    expect(pushed).toBeLessThan(total / 2);
    let received = 0;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
      received += next.value.length;
    }
    expect(received).toBeGreaterThan(total - 1_000_000);
  });

  it('leaves no connection busy after 200 aborted bodies, and uses those again whose rest is short', async () => {
    const sockets = new Set<unknown>();
    let open = 0;
    const url = await startHttpOrigin(cleanup, ({ url: path, socket }, response) => {
      if (!sockets.has(socket)) {
        sockets.add(socket);
        open++;
        socket.once('close', () => open--);
      }
      response.end(Buffer.alloc(path === '/short' ? 10_000 : 3_000_000));
    });
    const upstream = upstreamOf(url);
    for (let round = 0; round < 200; round++) {
      const abort = new AbortController();
      const { body } = await upstream.fetch({ path: '/long', query: '' }, abort.signal);
      if (round % 2 === 0) abort.abort(new Error('enough'));
      body.discard();
    }
    const longSockets = sockets.size;
    for (let round = 0; round < 50; round++) {
      const { body } = await upstream.fetch({ path: '/short', query: '' }, signal);
      body.discard();
    }
    expect(longSockets).toBeGreaterThanOrEqual(200);
    expect(sockets.size - longSockets).toBeLessThanOrEqual(LIMITS.connections);
    await expect.poll(() => open).toBeLessThanOrEqual(LIMITS.connections);
  });

  it('calls what is not HTTP a bad response', async () => {
    const url = await startRawOrigin(cleanup, (socket) => socket.end('SSH-2.0-OpenSSH\r\n'));
    await expect(upstreamOf(url).fetch({ path: '/a', query: '' }, signal)).rejects.toMatchObject({
      code: 'origin-bad-response',
    });
  });

  it('knows when the end of a body cannot be told from a broken connection', async () => {
    const url = await startRawOrigin(cleanup, (socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nmaybe all')),
    );
    const response = await upstreamOf(url).fetch({ path: '/a', query: '' }, signal);
    response.body.discard();
    expect(response.endIsKnown).toBe(false);
  });
});
