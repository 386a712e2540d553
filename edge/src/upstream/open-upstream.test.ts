import { writeFile } from 'node:fs/promises';
import type { IncomingMessage, RequestListener } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock, systemTimers, wallClock } from '../components.js';
import { parseEdgeConfig } from '../config/schema.js';
import { parseRange } from '../ranges/ranges.js';
import { Cleanup, startHttpOrigin, temporaryFolder } from '../testing/edge-fixture.js';
import { type OpenedUpstream, openUpstream } from './open-upstream.js';
import { ownerOf } from './rendezvous.js';
import { UpstreamError } from './upstream-error.js';

const FOREVER = new AbortController().signal;
/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:1';
const BODY = Buffer.alloc(1_000_000, 'abcdefg');

describe('an upstream made by configuration', () => {
  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());

  async function open(settings: Readonly<Record<string, unknown>>): Promise<OpenedUpstream> {
    const config = parseEdgeConfig(settings);
    const components = { timers: systemTimers, clock: systemClock, wallClock, random: () => 0 };
    const upstream = await openUpstream(components, config.origin, config);
    cleanup.add(() => upstream.close());
    return upstream;
  }
  const get = async (
    upstream: OpenedUpstream,
    path = '/a.m4s',
  ): Promise<{ status: number; body: Buffer }> => {
    const { status, body } = await upstream.fetch({ path, query: '' }, FOREVER);
    const pieces: Buffer[] = [];
    for await (const piece of body) pieces.push(piece);
    return { status, body: Buffer.concat(pieces) };
  };
  const serve = (handle: RequestListener): Promise<string> => startHttpOrigin(cleanup, handle);
  const breakers = (upstream: OpenedUpstream): string[] =>
    upstream.health().members.map(({ role, breaker }) => `${role} ${breaker}`);

  it('goes on with a body that its origin broke off', async () => {
    const asked: (string | undefined)[] = [];
    const url = await serve(({ headers, socket }, response) => {
      asked.push(headers.range);
      const range = parseRange(headers.range);
      const start = range !== undefined && 'start' in range ? range.start : 0;
      const fields = { etag: '"v"', 'accept-ranges': 'bytes', 'content-length': BODY.length - start };
      if (start === 0) {
        response.writeHead(200, fields);
        response.write(BODY.subarray(0, 300_000), () => socket.resetAndDestroy());
      } else {
        response.writeHead(206, { ...fields, 'content-range': `bytes ${start}-999999/1000000` });
        response.end(BODY.subarray(start));
      }
    });
    const upstream = await open({ origin: { url } });
    const { status, body } = await get(upstream);
    expect([status, body.equals(BODY)]).toEqual([200, true]);
    expect(asked).toHaveLength(2);
    expect(asked[1]).toMatch(/^bytes=\d+-$/);
    expect(upstream.health().resumed).toBe(1);
  });

  it('asks the second origin while the first is down, and soon nobody else', async () => {
    const url = await serve((_request, response) => response.end('second'));
    const origin = { url: NOWHERE, urls: [url], breaker: { minRequests: 3 } };
    const upstream = await open({ origin });
    for (let count = 0; count < 5; count++) expect((await get(upstream)).body.toString()).toBe('second');
    expect(breakers(upstream)).toEqual(['origin open', 'origin closed']);
  });

  it('falls back to a folder', async () => {
    const root = await temporaryFolder(cleanup);
    await writeFile(join(root, 'a.m4s'), 'from the folder');
    const upstream = await open({ origin: { urls: [NOWHERE, pathToFileURL(root).href], retries: 0 } });
    expect((await get(upstream)).body.toString()).toBe('from the folder');
  });

  it('does not multiply an outage', async () => {
    let requests = 0;
    const url = await serve((_request, response) => {
      requests++;
      response.writeHead(503).end();
    });
    const upstream = await open({ origin: { url, breaker: { minRequests: 1_000_000 } } });
    for (let count = 0; count < 200; count++) expect((await get(upstream)).status).toBe(503);
    expect(requests).toBeLessThanOrEqual(200 * 1.2 + 10);
    expect(upstream.health().retriesRefused).toBeGreaterThan(0);

    requests = 0;
    const guarded = await open({ origin: { url, breaker: { minRequests: 20 } } });
    for (let count = 0; count < 200; count++) {
      await get(guarded).catch((error: unknown) => expect(error).toBeInstanceOf(UpstreamError));
    }
    expect(requests).toBe(20);
  });

  it.each(['fast', 'sdk'])('reads a bucket by the %s client', async (client) => {
    const endpoint = await serve(({ url, headers }, response) => {
      response.end(`${url?.split('?')[0]} ${headers.authorization?.slice(0, 16)}`);
    });
    const keys = { accessKeyId: 'me', secretAccessKey: 'secret' };
    const upstream = await open({
      origin: { url: 's3://bucket/pre%20fix', s3: { client, endpoint, ...keys } },
    });
    expect((await get(upstream)).body.toString()).toBe('/bucket/pre%20fix/a.m4s AWS4-HMAC-SHA256');
  });

  it('asks the shield first, and the origin when that is down', async () => {
    const url = await serve((_request, response) => response.end('origin'));
    const shield = await serve((_request, response) => response.end('shield'));
    expect((await get(await open({ origin: { url }, shield: { urls: [shield] } }))).body.toString()).toBe(
      'shield',
    );
    expect((await get(await open({ origin: { url }, shield: { urls: [NOWHERE] } }))).body.toString()).toBe(
      'origin',
    );
  });

  it('asks the owner among its siblings, who hears that a sibling asks', async () => {
    let seen: IncomingMessage | undefined;
    const url = await serve((_request, response) => response.end('origin'));
    const sibling = await serve((request, response) => {
      seen = request;
      response.end('sibling');
    });
    const self = 'http://127.0.0.9:8080/';
    const upstream = await open({
      origin: { url },
      siblings: { self, urls: [self, sibling] },
      insight: { enabled: false },
    });
    for (let index = 0; index < 20; index++) {
      const owner = ownerOf(`/${index}.m4s`, [self, `${sibling}/`]);
      const { body } = await get(upstream, `/${index}.m4s`);
      expect(body.toString()).toBe(owner === self ? 'origin' : 'sibling');
    }
    expect(seen?.headers['eddy-hop']).toBe('sibling');
  });

  it.each([
    [{ origin: {} }, 'origin.url is not set'],
    [{ origin: { url: NOWHERE, urls: ['ftp://x'] } }, 'unknown scheme'],
    [{ origin: { url: NOWHERE }, siblings: { urls: ['http://a/'] } }, 'siblings.self'],
    [{ origin: { url: NOWHERE }, siblings: { self: 'http://a/', addresses: ['a'] } }, 'siblings.addresses'],
    [{ origin: { url: NOWHERE }, shield: { urls: ['s3://a'] } }, 'shield.urls'],
  ])('is refused for %j', (settings, problem) => {
    expect(() => parseEdgeConfig(settings)).toThrow(problem);
  });

  it('reads lists from environment variables', () => {
    const { origin, siblings } = parseEdgeConfig({
      origin: { urls: 'http://a, http://b' },
      siblings: { self: 'http://a:1', urls: 'http://a:1,http://b:2' },
      insight: { enabled: false },
    });
    expect([origin.url, origin.urls]).toEqual(['http://a', ['http://b']]);
    expect(siblings.urls).toEqual(['http://a:1/', 'http://b:2/']);
  });
});
