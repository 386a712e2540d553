import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { Cleanup, startHttpOrigin } from '../../testing/edge-fixture.js';
import type { Upstream } from '../upstream.js';
import { createFastS3Upstream } from './fast-s3-upstream.js';

const FOREVER = new AbortController().signal;
const KEYS = { accessKeyId: 'me', secretAccessKey: 'secret', sessionToken: 'token' };

describe('signed requests to a store', () => {
  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());

  function open(endpoint: string): Upstream {
    const upstream = createFastS3Upstream(
      {},
      {
        bucket: 'b',
        prefix: 'p',
        connections: 4,
        connectMs: 1000,
        s3: { client: 'fast', endpoint, region: 'here', ...KEYS },
      },
    );
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
    expect(seen?.url).toBe('/b/p/a%20b.m4s');
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
