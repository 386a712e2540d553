import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { get } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { CERTIFICATE_ONE, CERTIFICATE_TWO, type TestCertificate } from './testing/certificates.js';
import { Cleanup, gate, metric, startHttpOrigin } from './testing/edge-fixture.js';
import { ask2, handshake, session, tlsEdge, trust } from './testing/tls-fixture.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const subjectOf = (socket: TLSSocket): string => String(socket.getPeerCertificate().subject.CN);

describe('the TLS listener', () => {
  it('answers HTTP/2 and HTTP/1.1 alike', async () => {
    const { edge, port } = await tlsEdge(cleanup);
    const client = session(cleanup, port);
    for (const status of [/fwd=uri-miss/, /eddy; hit/]) {
      const { headers, body } = await ask2(client, { ':path': '/a.m4s' });
      expect(body).toBe('0123456789');
      expect(headers).toMatchObject({
        ':status': 200,
        'content-length': '10',
        'access-control-allow-origin': '*',
      });
      expect(headers['cache-status']).toMatch(status);
    }
    const part = await ask2(client, { ':path': '/a.m4s', range: 'bytes=2-4' });
    expect([part.headers[':status'], part.body]).toEqual([206, '234']);
    const head = await ask2(client, { ':path': '/a.m4s', ':method': 'HEAD' });
    expect([head.headers['content-length'], head.body]).toEqual(['10', '']);
    const missing = await ask2(client, { ':path': '/none' });
    expect([missing.headers[':status'], missing.body]).toEqual([404, expect.stringContaining('not-found')]);
    const preflight = await ask2(client, { ':path': '/a.m4s', ':method': 'OPTIONS' });
    expect(preflight.headers[':status']).toBe(204);
    const posted = await ask2(client, { ':path': '/a.m4s', ':method': 'POST' }, 'body');
    expect(posted.headers[':status']).toBe(405);

    const [answer] = await once(get({ host: '127.0.0.1', port, path: '/a.m4s', ...trust }), 'response');
    expect([answer.httpVersion, answer.headers['cache-status']]).toEqual([
      '1.1',
      expect.stringMatching(/hit/),
    ]);
    answer.resume();
    await once(answer, 'end');
    expect(await metric(edge, 'eddy_edge_requests_total{result="hit"}')).toBe(4);
  });

  it('breaks off HTTP/2 bodies with an error, never with an end, and leaves the connection to others', async () => {
    const url = await startHttpOrigin(cleanup, (request, response) => {
      if (request.url === '/b.m4s') response.end('whole');
      else response.write('half', () => response.socket?.destroy());
    });
    const { port } = await tlsEdge(cleanup, { origin: { url } });
    const client = session(cleanup, port);
    const broken = await ask2(client, { ':path': '/a.m4s' });
    expect(broken.code).toBe(2);
    expect((await ask2(client, { ':path': '/b.m4s' })).body).toBe('whole');
  });

  it('chooses the certificate by name, and a new one without a restart', async () => {
    const { edge, port, certFile, write } = await tlsEdge(cleanup);
    const endsAt = (): Promise<number | undefined> =>
      metric(edge, `eddy_edge_certificate_expiry_timestamp_seconds{file="${certFile}"}`);
    const endOf = ({ cert }: TestCertificate): number => Date.parse(new X509Certificate(cert).validTo) / 1000;
    const subjects = async (): Promise<string[]> => {
      const named = await Promise.all(
        ['one.example', 'two.example'].map((servername) =>
          handshake(cleanup, port, { servername, checkServerIdentity: () => undefined }),
        ),
      );
      return named.map(subjectOf);
    };
    expect(await subjects()).toEqual(['one.example', 'two.example']);
    expect(await endsAt()).toBe(endOf(CERTIFICATE_ONE));
    const old = await handshake(cleanup, port);
    await write(CERTIFICATE_TWO);
    await edge.reload();
    expect(await subjects()).toEqual(['two.example', 'two.example']);
    const unnamed = await handshake(cleanup, port, { servername: '', checkServerIdentity: () => undefined });
    expect(subjectOf(unnamed)).toBe('two.example');
    old.write('GET /a.m4s HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(String((await once(old, 'data'))[0])).toMatch(/^HTTP\/1\.1 200/);
    await write({ cert: CERTIFICATE_ONE.cert, key: CERTIFICATE_TWO.key });
    await edge.reload();
    expect(await subjects()).toEqual(['two.example', 'two.example']);
    expect(await endsAt()).toBe(endOf(CERTIFICATE_TWO));
    expect(await metric(edge, 'eddy_edge_reload_errors_total{what="certificates"}')).toBe(1);
  });

  it('resumes sessions, also over a change of certificate', async () => {
    const { edge, port, write } = await tlsEdge(cleanup);
    const first = connectTls({ host: '127.0.0.1', port, ...trust });
    cleanup.add(async () => first.destroy());
    const [ticket] = await once(first, 'session');
    expect((await handshake(cleanup, port, { session: ticket })).isSessionReused()).toBe(true);
    await write(CERTIFICATE_TWO);
    await edge.reload();
    expect((await handshake(cleanup, port, { session: ticket })).isSessionReused()).toBe(true);
  });

  it('lets the client choose among ciphers, also under another certificate', async () => {
    const { port } = await tlsEdge(cleanup);
    for (const servername of ['localhost', 'two.example']) {
      for (const [first, second] of [
        ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384'],
        ['TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'],
      ]) {
        const socket = await handshake(cleanup, port, { servername, ciphers: `${first}:${second}` });
        expect(socket.getCipher().name).toBe(first);
      }
    }
  });

  it('speaks no HTTP/2 where that is off, and no old TLS', async () => {
    const { port } = await tlsEdge(cleanup, {}, { http2: false, minVersion: 'TLSv1.3' });
    const socket = await handshake(cleanup, port, { ALPNProtocols: ['h2', 'http/1.1'] });
    expect(socket.alpnProtocol).toBe('http/1.1');
    const old = connectTls({ host: '127.0.0.1', port, ...trust, maxVersion: 'TLSv1.2' });
    const [error] = await once(old, 'error');
    expect(error.code).toMatch(/VERSION/);
  });

  it('takes the swarm WebSocket', async () => {
    const { port } = await tlsEdge(cleanup);
    const socket = new WebSocket(`wss://127.0.0.1:${port}/_eddy/swarm`, trust);
    cleanup.add(async () => socket.terminate());
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'leave' }));
    expect((await once(socket, 'close'))[0]).toBe(1000);
  });

  it('lets HTTP/2 requests under way end when it stops', async () => {
    const released = gate();
    const url = await startHttpOrigin(cleanup, async (_request, response) => {
      response.writeHead(200, { 'content-length': 6 });
      response.write('abc');
      await released.passed;
      response.end('def');
    });
    const { edge, port } = await tlsEdge(cleanup, { origin: { url } });
    const client = session(cleanup, port);
    const request = client.request({ ':path': '/a.m4s', ':authority': 'localhost' });
    let text = '';
    request.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    await once(request, 'data');
    const closed = edge.close(10_000);
    released.open();
    await once(request, 'end');
    await closed;
    expect(text).toBe('abcdef');
  });
});

describe('behind a balancer with the PROXY protocol', () => {
  const settings = {
    proxies: { trusted: ['127.0.0.0/8'], protocol: 'accept' },
    limits: { requestsPerSecond: 0.001, requestBurst: 1 },
  };

  function exchange(port: number, pieces: readonly (string | Buffer)[]): Promise<string> {
    return new Promise((resolve) => {
      const socket = connectTcp(port, '127.0.0.1').setNoDelay();
      let text = '';
      socket.on('data', (piece) => {
        text += piece.toString('latin1');
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(text));
      const next = (index: number): void => {
        const piece = pieces[index];
        if (piece !== undefined) socket.write(piece, () => setImmediate(() => next(index + 1)));
      };
      socket.on('connect', () => next(0));
    });
  }

  const GET = 'GET /a.m4s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
  const statusOf = async (answer: Promise<string>): Promise<string> => (await answer).slice(9, 12);

  it('counts requests of the announced address, however the header comes', async () => {
    const { edge } = await tlsEdge(cleanup, settings);
    const { port } = edge.public;
    const v1 = (address: string): string => `PROXY TCP4 ${address} 10.0.0.1 4000 80\r\n`;
    expect(await statusOf(exchange(port, [v1('203.0.113.1') + GET]))).toBe('200');
    expect(await statusOf(exchange(port, [...`${v1('203.0.113.1')}${GET}`]))).toBe('429');
    expect(await statusOf(exchange(port, [v1('203.0.113.2'), GET.slice(0, 5), GET.slice(5)]))).toBe('200');
    const v2 = Buffer.from('0d0a0d0a000d0a515549540a2111000ccb0071030a0000010fa00050', 'hex');
    expect(await statusOf(exchange(port, [Buffer.concat([v2, Buffer.from(GET)])]))).toBe('200');
    expect(
      await statusOf(exchange(port, [...v2].map((byte) => Buffer.from([byte])).concat(Buffer.from(GET)))),
    ).toBe('429');
    expect(await statusOf(exchange(port, ['PROXY TCP4 nonsense\r\n', GET]))).toBe('');
    expect(await metric(edge, 'eddy_edge_refusals_total{reason="proxy-malformed"}')).toBe(1);
    // Without a header it is the balancer itself, which is accepted here.
    expect(await statusOf(exchange(port, [GET]))).toBe('200');
  });

  it('takes the header before the handshake of TLS, for HTTP/1.1 and HTTP/2', async () => {
    const { port } = await tlsEdge(cleanup, settings);
    const through = async (address: string, ALPNProtocols: string[]): Promise<TLSSocket> => {
      const raw = connectTcp(port, '127.0.0.1');
      await once(raw, 'connect');
      raw.write(`PROXY TCP4 ${address} 10.0.0.1 4000 443\r\n`);
      return handshake(cleanup, port, { socket: raw, ALPNProtocols });
    };
    for (const status of ['200', '429']) {
      const socket = await through('203.0.113.4', ['http/1.1']);
      socket.write(GET);
      expect(String((await once(socket, 'data'))[0]).slice(9, 12)).toBe(status);
    }
    for (const status of [200, 429]) {
      const socket = await through('203.0.113.5', ['h2']);
      const client = connectHttp2('https://127.0.0.1', { createConnection: () => socket });
      client.on('error', () => {});
      expect((await ask2(client, { ':path': '/a.m4s' })).headers[':status']).toBe(status);
      client.destroy();
    }
  });

  it('has to be announced where that is required', async () => {
    const { edge } = await tlsEdge(cleanup, {
      proxies: { trusted: ['127.0.0.0/8'], protocol: 'require', headerMs: 100 },
    });
    expect(await exchange(edge.public.port, [GET])).toBe('');
    expect(await exchange(edge.public.port, ['PROXY TC'])).toBe('');
    expect(await statusOf(exchange(edge.public.port, [`PROXY UNKNOWN\r\n${GET}`]))).toBe('200');
    expect(await metric(edge, 'eddy_edge_refusals_total{reason="proxy-missing"}')).toBe(1);
    expect(await metric(edge, 'eddy_edge_refusals_total{reason="proxy-timeout"}')).toBe(1);
  });

  it('is believed of nobody else', async () => {
    const { edge } = await tlsEdge(cleanup, { proxies: { trusted: ['10.0.0.0/8'], protocol: 'accept' } });
    expect(await statusOf(exchange(edge.public.port, [`PROXY UNKNOWN\r\n${GET}`]))).toBe('400');
    expect(await statusOf(exchange(edge.public.port, [GET]))).toBe('200');
  });
});

describe('connections from one address', () => {
  it('are counted, and freed when they end', async () => {
    const { edge } = await tlsEdge(cleanup, { limits: { connectionsPerAddress: 2 } });
    const open = (): Promise<boolean> =>
      new Promise((resolve) => {
        const socket = connectTcp(edge.public.port, '127.0.0.1');
        cleanup.add(async () => socket.destroy());
        socket.on('error', () => {});
        socket.on('close', () => resolve(false));
        socket.on('data', () => resolve(true));
        socket.write('GET /a.m4s HTTP/1.1\r\nHost: a\r\n\r\n');
      });
    const [first, second] = [await open(), await open()];
    expect([first, second, await open()]).toEqual([true, true, false]);
    expect(await metric(edge, 'eddy_edge_refusals_total{reason="address-connections"}')).toBe(1);
  });
});

describe('a client that does not read', () => {
  it.each(['plain', 'tls'])('is cut, over %s', async (how) => {
    const large = Buffer.alloc(40_000_000);
    const url = await startHttpOrigin(cleanup, (_request, response) => response.end(large));
    const { edge, port } = await tlsEdge(cleanup, {
      origin: { url },
      limits: { readBytesPerSecond: '1MiB', slowReaderMs: '400ms' },
    });
    const socket = how === 'tls' ? await handshake(cleanup, port) : connectTcp(edge.public.port, '127.0.0.1');
    cleanup.add(async () => socket.destroy());
    socket.on('error', () => {});
    socket.pause();
    socket.write('GET /a.m4s HTTP/1.1\r\nHost: a\r\n\r\n');
    await expect
      .poll(() => metric(edge, 'eddy_edge_refusals_total{reason="slow-reader"}'), { timeout: 15_000 })
      .toBe(1);
    expect(await metric(edge, 'eddy_edge_connections')).toBe(0);
  });
});
