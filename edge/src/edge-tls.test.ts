import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type ClientHttp2Session, connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { get } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { RunningEdge } from './edge.js';
import { CERTIFICATE_ONE, CERTIFICATE_TWO, type TestCertificate } from './testing/certificates.js';
import {
  Cleanup,
  gate,
  metric,
  startHttpOrigin,
  startTestEdge,
  temporaryFolder,
} from './testing/edge-fixture.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const trust = { ca: [CERTIFICATE_ONE.cert, CERTIFICATE_TWO.cert], servername: 'localhost' };

interface TlsEdge {
  readonly edge: RunningEdge;
  readonly port: number;
  readonly certFile: string;
  write(certificate: TestCertificate): Promise<void>;
}

async function tlsEdge(
  settings: Record<string, unknown> = {},
  more: Record<string, unknown> = {},
): Promise<TlsEdge> {
  const folder = await temporaryFolder(cleanup);
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const write = async ({ cert, key }: TestCertificate): Promise<void> => {
    await Promise.all([writeFile(certFile, cert), writeFile(keyFile, key)]);
  };
  await write(CERTIFICATE_ONE);
  await writeFile(join(folder, 'two.crt'), CERTIFICATE_TWO.cert);
  await writeFile(join(folder, 'two.key'), CERTIFICATE_TWO.key);
  const origin = await temporaryFolder(cleanup);
  await writeFile(join(origin, 'a.m4s'), '0123456789');
  const two = { hosts: ['two.example'], certFile: join(folder, 'two.crt'), keyFile: join(folder, 'two.key') };
  const edge = await startTestEdge(cleanup, {
    origin: { url: pathToFileURL(origin).href },
    tls: { listen: '127.0.0.1:0', certFile, keyFile, certificates: [two], ...more },
    ...settings,
  });
  return { edge, port: edge.tls?.port ?? 0, certFile, write };
}

async function handshake(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connectTls({ host: '127.0.0.1', port, ...trust, ...options });
  socket.on('error', () => {});
  cleanup.add(async () => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

function session(port: number): ClientHttp2Session {
  const client = connectHttp2(`https://127.0.0.1:${port}`, trust);
  client.on('error', () => {});
  cleanup.add(async () => client.destroy());
  return client;
}

interface Answer {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly code: number;
}

function ask2(client: ClientHttp2Session, headers: Record<string, string>, body?: string): Promise<Answer> {
  return new Promise((resolve) => {
    const request = client.request(
      { ':authority': 'localhost', ...headers },
      { endStream: body === undefined },
    );
    let answered: IncomingHttpHeaders = {};
    let text = '';
    request.on('response', (received) => {
      answered = received;
    });
    request.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    request.on('error', () => {});
    request.on('close', () => resolve({ headers: answered, body: text, code: request.rstCode }));
    if (body !== undefined) request.end(body);
  });
}

const subjectOf = (socket: TLSSocket): string => String(socket.getPeerCertificate().subject.CN);

function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** `:method: GET`, `:scheme: https`, `:path: /none`, `:authority: a`, by HPACK's static table. */
const GET_FIELDS = Buffer.from([0x82, 0x87, 0x04, 5, ...Buffer.from('/none'), 0x01, 1, 0x61]);

const FLOODS = [
  {
    // CVE-2023-44487: cancelled as soon as they are asked for.
    what: 'rapid resets',
    frames: (index: number) =>
      Buffer.concat([
        frame(1, 5, index * 2 + 1, GET_FIELDS),
        frame(3, 0, index * 2 + 1, Buffer.from([0, 0, 0, 8])),
      ]),
    counted: true,
  },
  {
    what: 'streams beyond the limit',
    frames: (index: number) => frame(1, 4, index * 2 + 1, GET_FIELDS),
    counted: true,
  },
  { what: 'frames that mean nothing', frames: () => frame(8, 0, 0, Buffer.alloc(4)), counted: true },
  {
    // Never ended: what a header list may take is bounded.
    what: 'endless continuations',
    frames: (index: number) =>
      index === 0 ? frame(1, 1, 1, GET_FIELDS) : frame(9, 0, 1, Buffer.from(`\0\x04n${index % 10}ab\x01v`)),
    counted: false,
  },
];

describe('the TLS listener', () => {
  it('answers HTTP/2 and HTTP/1.1 alike', async () => {
    const { edge, port } = await tlsEdge();
    const client = session(port);
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
    const { port } = await tlsEdge({ origin: { url } });
    const client = session(port);
    const broken = await ask2(client, { ':path': '/a.m4s' });
    expect(broken.code).toBe(2);
    expect((await ask2(client, { ':path': '/b.m4s' })).body).toBe('whole');
  });

  it('chooses the certificate by name, and a new one without a restart', async () => {
    const { edge, port, write } = await tlsEdge();
    const subjects = async (): Promise<string[]> => {
      const named = await Promise.all(
        ['one.example', 'two.example'].map((servername) =>
          handshake(port, { servername, checkServerIdentity: () => undefined }),
        ),
      );
      return named.map(subjectOf);
    };
    expect(await subjects()).toEqual(['one.example', 'two.example']);
    const old = await handshake(port);
    await write(CERTIFICATE_TWO);
    await edge.reload();
    expect(await subjects()).toEqual(['two.example', 'two.example']);
    const unnamed = await handshake(port, { servername: '', checkServerIdentity: () => undefined });
    expect(subjectOf(unnamed)).toBe('two.example');
    old.write('GET /a.m4s HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(String((await once(old, 'data'))[0])).toMatch(/^HTTP\/1\.1 200/);
    await write({ cert: CERTIFICATE_ONE.cert, key: CERTIFICATE_TWO.key });
    await edge.reload();
    expect(await subjects()).toEqual(['two.example', 'two.example']);
  });

  it('resumes sessions, also over a change of certificate', async () => {
    const { edge, port, write } = await tlsEdge();
    const first = connectTls({ host: '127.0.0.1', port, ...trust });
    cleanup.add(async () => first.destroy());
    const [ticket] = await once(first, 'session');
    expect((await handshake(port, { session: ticket })).isSessionReused()).toBe(true);
    await write(CERTIFICATE_TWO);
    await edge.reload();
    expect((await handshake(port, { session: ticket })).isSessionReused()).toBe(true);
  });

  it('lets the client choose among ciphers, also under another certificate', async () => {
    const { port } = await tlsEdge();
    for (const servername of ['localhost', 'two.example']) {
      for (const [first, second] of [
        ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384'],
        ['TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'],
      ]) {
        const socket = await handshake(port, { servername, ciphers: `${first}:${second}` });
        expect(socket.getCipher().name).toBe(first);
      }
    }
  });

  it('speaks no HTTP/2 where that is off, and no old TLS', async () => {
    const { port } = await tlsEdge({}, { http2: false, minVersion: 'TLSv1.3' });
    const socket = await handshake(port, { ALPNProtocols: ['h2', 'http/1.1'] });
    expect(socket.alpnProtocol).toBe('http/1.1');
    const old = connectTls({ host: '127.0.0.1', port, ...trust, maxVersion: 'TLSv1.2' });
    const [error] = await once(old, 'error');
    expect(error.code).toMatch(/VERSION/);
  });

  it('takes the swarm WebSocket', async () => {
    const { port } = await tlsEdge();
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
    const { edge, port } = await tlsEdge({ origin: { url } });
    const client = session(port);
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

  it.each(FLOODS)('ends an HTTP/2 connection that floods it with $what', async ({ frames, counted }) => {
    const { edge, port } = await tlsEdge();
    const socket = await handshake(port, { ALPNProtocols: ['h2'] });
    socket.resume();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0)]));
    // Bounded: a server that bears all of it fails the test by never closing.
    for (let round = 0; round < 100 && socket.writable; round++) {
      const many = Array.from({ length: 200 }, (_, index) => frames(round * 200 + index));
      if (!socket.write(Buffer.concat(many))) {
        await Promise.race([closed, new Promise((resolve) => socket.once('drain', resolve))]);
      }
    }
    await closed;
    expect((await ask2(session(port), { ':path': '/a.m4s' })).body).toBe('0123456789');
    if (counted) expect(await metric(edge, 'eddy_edge_refusals_total{reason="http2-flood"}')).toBe(1);
  });

  it('refuses HTTP/2 header lists that are too large', async () => {
    const { port } = await tlsEdge({ limits: { headerBytes: 4096 } });
    const client = session(port);
    const { headers, code } = await ask2(client, { ':path': '/a.m4s', 'x-large': 'x'.repeat(6000) });
    expect([headers[':status'], code]).toEqual([431, 0]);
    expect((await ask2(session(port), { ':path': '/a.m4s' })).body).toBe('0123456789');
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
    const { edge } = await tlsEdge(settings);
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
    const { port } = await tlsEdge(settings);
    const through = async (address: string, ALPNProtocols: string[]): Promise<TLSSocket> => {
      const raw = connectTcp(port, '127.0.0.1');
      await once(raw, 'connect');
      raw.write(`PROXY TCP4 ${address} 10.0.0.1 4000 443\r\n`);
      return handshake(port, { socket: raw, ALPNProtocols });
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
    const { edge } = await tlsEdge({
      proxies: { trusted: ['127.0.0.0/8'], protocol: 'require', headerMs: 100 },
    });
    expect(await exchange(edge.public.port, [GET])).toBe('');
    expect(await exchange(edge.public.port, ['PROXY TC'])).toBe('');
    expect(await statusOf(exchange(edge.public.port, [`PROXY UNKNOWN\r\n${GET}`]))).toBe('200');
    expect(await metric(edge, 'eddy_edge_refusals_total{reason="proxy-missing"}')).toBe(1);
    expect(await metric(edge, 'eddy_edge_refusals_total{reason="proxy-timeout"}')).toBe(1);
  });

  it('is believed of nobody else', async () => {
    const { edge } = await tlsEdge({ proxies: { trusted: ['10.0.0.0/8'], protocol: 'accept' } });
    expect(await statusOf(exchange(edge.public.port, [`PROXY UNKNOWN\r\n${GET}`]))).toBe('400');
    expect(await statusOf(exchange(edge.public.port, [GET]))).toBe('200');
  });
});

describe('connections from one address', () => {
  it('are counted, and freed when they end', async () => {
    const { edge } = await tlsEdge({ limits: { connectionsPerAddress: 2 } });
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
    const { edge, port } = await tlsEdge({
      origin: { url },
      limits: { readBytesPerSecond: '1MiB', slowReaderMs: '400ms' },
    });
    const socket = how === 'tls' ? await handshake(port) : connectTcp(edge.public.port, '127.0.0.1');
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
