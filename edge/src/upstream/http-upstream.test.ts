import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { parseRange, resolveRange } from '../ranges/ranges.js';
import { Cleanup, startHttpOrigin, startRawOrigin } from '../testing/edge-fixture.js';
import { describeUpstream } from '../testing/upstream-contract.js';
import { createHttpUpstream } from './http-upstream.js';
import type { Upstream } from './upstream.js';

const LIMITS = { connections: 8, connectMs: 1000 };

describeUpstream('http://', async (cleanup) => {
  const objects = new Map<string, Buffer>();
  const url = await startHttpOrigin(cleanup, (request, response) => {
    const body = objects.get(decodeURIComponent(request.url ?? ''));
    if (body === undefined) {
      response.writeHead(404).end('nothing here');
      return;
    }
    const etag = `"${createHash('sha256').update(body).digest('hex')}"`;
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, { etag }).end();
      return;
    }
    const range = resolveRange(parseRange(request.headers.range), body.length);
    if (range === 'unsatisfiable') {
      response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
      return;
    }
    const { start, end } = range === 'whole' ? { start: 0, end: body.length - 1 } : range;
    response.writeHead(range === 'whole' ? 200 : 206, {
      ...{ etag, 'last-modified': new Date(0).toUTCString(), 'content-length': end - start + 1 },
      ...(range === 'whole' ? {} : { 'content-range': `bytes ${start}-${end}/${body.length}` }),
    });
    response.end(body.subarray(start, end + 1));
  });
  return {
    upstream: createHttpUpstream({ url: new URL(`${url}/prefix/`), ...LIMITS }),
    unreachable: async () => createHttpUpstream({ url: new URL('http://127.0.0.1:1/'), ...LIMITS }),
    async put(path, body) {
      objects.set(`/prefix${path}`, body);
    },
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

  it.each([
    [500, 'origin-error'],
    [502, 'origin-error'],
    [503, 'origin-unavailable'],
  ])('turns %d into %s', async (status, code) => {
    const url = await startHttpOrigin(cleanup, (_request, response) =>
      response.writeHead(status).end('oops'),
    );
    await expect(upstreamOf(url).fetch({ path: '/a', query: '' }, signal)).rejects.toMatchObject({
      code,
      originStatus: status,
    });
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
