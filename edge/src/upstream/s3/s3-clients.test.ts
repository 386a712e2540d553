import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Cleanup, startHttpOrigin } from '../../testing/edge-fixture.js';
import type { Upstream } from '../upstream.js';
import { createFastS3Upstream } from './fast-s3-upstream.js';
import type { S3UpstreamOptions } from './s3-client.js';
import { createSdkS3Upstream } from './sdk-s3-upstream.js';

const FOREVER = new AbortController().signal;
const KEYS = { accessKeyId: 'me', secretAccessKey: 'secret', sessionToken: 'token' };

const CLIENTS: readonly ['fast' | 'sdk', (options: S3UpstreamOptions) => Upstream][] = [
  ['fast', (options) => createFastS3Upstream({}, options)],
  ['sdk', createSdkS3Upstream],
];

describe.each(CLIENTS)('requests to a store (%s)', (name, createUpstream) => {
  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());

  function open(endpoint: string): Upstream {
    const upstream = createUpstream({
      bucket: 'b',
      prefix: 'p',
      connections: 4,
      connectMs: 1000,
      s3: { client: name, endpoint, region: 'here', ...KEYS },
    });
    cleanup.add(() => upstream.close());
    return upstream;
  }

  it('carry path style, region, session token and what is asked', async () => {
    let seen: IncomingMessage | undefined;
    const url = await startHttpOrigin(cleanup, (request, response) => {
      seen = request;
      response.writeHead(206, {
        'content-range': 'bytes 0-1/2',
        'x-amz-request-id': 'r',
        'x-amz-meta-a': '1',
      });
      response.end('ok');
    });
    const { headers, body } = await open(url).fetch(
      {
        path: '/a%20b.m4s',
        query: '?q',
        range: { start: 0, end: 1 },
        ifRange: '"v"',
        fields: ['X-Mine', '1'],
      },
      FOREVER,
    );
    body.discard();
    expect(seen?.url).toMatch(/^\/b\/p\/a%20b\.m4s(\?x-id=GetObject)?$/);
    expect(seen?.headers).toMatchObject({
      range: 'bytes=0-1',
      'if-match': '"v"',
      'x-amz-security-token': 'token',
    });
    expect(seen?.headers.authorization).toMatch(/Credential=me\/\d{8}\/here\/s3\/aws4_request/);
    expect(seen?.headers).not.toHaveProperty('x-mine');
    expect(headers['x-amz-meta-a']).toBe('1');
    expect(headers).not.toHaveProperty('x-amz-request-id');
  });

  it('are sent once more, not twice, when the clock is said to be wrong', async () => {
    const dates: unknown[] = [];
    const url = await startHttpOrigin(cleanup, ({ headers }, response) => {
      dates.push(headers['x-amz-date']);
      response.writeHead(403, { date: 'Thu, 01 Jan 2032 00:00:00 GMT' });
      response.end('<Error><Code>RequestTimeTooSkewed</Code></Error>');
    });
    await expect(open(url).fetch({ path: '/a', query: '' }, FOREVER)).rejects.toMatchObject({
      code: 'origin-refused',
    });
    expect(dates).toHaveLength(2);
    expect(dates[1]).toMatch(/^20320101T0000/);
  });

  it('use credentials of the environment, and new ones when those run out', async () => {
    const seen: (string | undefined)[] = [];
    const url = await startHttpOrigin(cleanup, ({ headers }, response) => {
      seen.push(/Credential=(\w+)/.exec(headers.authorization ?? '')?.[1]);
      response.end('ok');
    });
    const setKeys = (name: string): void => {
      vi.stubEnv('AWS_ACCESS_KEY_ID', name);
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
      vi.stubEnv('AWS_CREDENTIAL_EXPIRATION', new Date(Date.now() + 1000).toISOString());
    };
    const settings = { bucket: 'b', prefix: '', connections: 4, connectMs: 1000 };
    const upstream = createUpstream({ ...settings, s3: { client: name, endpoint: url } });
    cleanup.add(() => upstream.close());
    const ask = async (): Promise<string | undefined> => {
      (await upstream.fetch({ path: '/a', query: '' }, FOREVER)).body.discard();
      return seen.at(-1);
    };
    setKeys('one');
    expect(await ask()).toBe('one');
    setKeys('two');
    // The SDK looks for new ones in the background while the old ones last.
    await expect.poll(ask).toBe('two');
    vi.unstubAllEnvs();
  });

  it('are sent once more with fresh credentials when those are said to be stale', async () => {
    let requests = 0;
    const url = await startHttpOrigin(cleanup, (_request, response) => {
      requests++;
      if (requests > 1) response.end('ok');
      else response.writeHead(400).end('<Error><Code>ExpiredToken</Code></Error>');
    });
    const { status, body } = await open(url).fetch({ path: '/a', query: '' }, FOREVER);
    body.discard();
    expect([status, requests]).toEqual([200, 2]);
  });

  it('pass a refusal about the object on without the document that names the key', async () => {
    const url = await startHttpOrigin(cleanup, (_request, response) => {
      response.writeHead(503, { 'retry-after': '3', server: 'x' });
      response.end('<Error><Code>SlowDown</Code><Key>p/a</Key></Error>');
    });
    const { status, headers, body } = await open(url).fetch({ path: '/a', query: '' }, FOREVER);
    expect([status, headers['retry-after'], headers.server]).toEqual([503, '3', undefined]);
    for await (const chunk of body) expect(chunk.length).toBe(0);
  });

  it('leave no connection behind after 200 aborted bodies', async () => {
    let busy = 0;
    const url = await startHttpOrigin(cleanup, ({ socket }, response) => {
      if (socket.listenerCount('close', counted) === 0) {
        busy++;
        socket.on('close', counted);
      }
      response.end(Buffer.alloc(3_000_000));
    });
    function counted(): void {
      busy--;
    }
    const upstream = open(url);
    for (let round = 0; round < 200; round++) {
      const abort = new AbortController();
      const { body } = await upstream.fetch({ path: '/long', query: '' }, abort.signal);
      if (round % 2 === 0) abort.abort(new Error('enough'));
      body.discard();
    }
    await expect.poll(() => busy).toBe(0);
  });
});
