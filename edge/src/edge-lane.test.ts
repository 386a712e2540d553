import { randomBytes } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect as connectTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mintToken, type TokenClaims } from './access/tokens/mint.js';
import type { RunningEdge } from './edge.js';
import { CERTIFICATE_ONE } from './testing/certificates.js';
import { Cleanup, metric, startTestEdge, temporaryFolder } from './testing/edge-fixture.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** Requests that `node:http` read, of any server in this process. */
let seen = 0;
const onRequest = (): void => {
  seen++;
};
beforeEach(() => {
  seen = 0;
  subscribe('http.server.request.start', onRequest);
  cleanup.add(async () => void unsubscribe('http.server.request.start', onRequest));
});

const NOW_MS = Date.UTC(2026, 2, 2, 10);
const BODY = 'x'.repeat(40_000);
const PAGE = 'https://player.example';

interface GuardedEdge {
  readonly edge: RunningEdge;
  readonly logFile: string;
  token(claims?: Partial<TokenClaims>): Promise<string>;
  close(): Promise<void>;
}

async function guardedEdge(settings: Record<string, unknown> = {}): Promise<GuardedEdge> {
  const folder = await temporaryFolder(cleanup);
  const file = (name: string): string => join(folder, name);
  const secret = JSON.stringify({ kty: 'oct', k: randomBytes(32).toString('base64url'), kid: 'one' });
  await writeFile(file('keys.json'), secret);
  await writeFile(file('cert.pem'), CERTIFICATE_ONE.cert);
  await writeFile(file('key.pem'), CERTIFICATE_ONE.key);
  await mkdir(join(folder, 'media', 'vod'), { recursive: true });
  for (const name of ['a.m3u8', 'b.m4s'])
    await writeFile(join(folder, 'media', 'vod', name), name === 'a.m3u8' ? 'small' : BODY);
  const edge = await startTestEdge(
    cleanup,
    {
      origin: { url: pathToFileURL(join(folder, 'media')).href },
      access: { keysFile: file('keys.json'), publicPrefixes: ['/page/'] },
      accessLog: { file: file('access.log') },
      cors: { origins: [PAGE, 'https://other.example'] },
      tls: { listen: '127.0.0.1:0', certFile: file('cert.pem'), keyFile: file('key.pem') },
      ...settings,
    },
    { wallClock: { now: () => NOW_MS } },
  );
  return {
    edge,
    logFile: file('access.log'),
    token: (claims = {}) =>
      mintToken(secret, { prefixes: ['/vod/'], expiresInMs: 60_000, ...claims }, NOW_MS),
    close: () => edge.close(),
  };
}

/** Sends texts over one connection, each after the answer to the last. */
class Conversation {
  readonly #socket: Socket;
  #text = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => {});
    socket.setEncoding('latin1').on('data', (piece: string) => {
      this.#text += piece;
    });
    cleanup.add(async () => socket.destroy());
  }

  static async open({ edge }: GuardedEdge, over: 'TCP' | 'TLS'): Promise<Conversation> {
    const host = '127.0.0.1';
    if (over === 'TCP') {
      const socket = connectTcp({ host, port: edge.public.port });
      await once(socket, 'connect');
      return new Conversation(socket);
    }
    const ca = CERTIFICATE_ONE.cert;
    const socket = connectTls({ host, ca, port: edge.tls?.port ?? 0, servername: 'localhost' });
    await once(socket, 'secureConnect');
    return new Conversation(socket);
  }

  async get(target: string, ...fields: string[]): Promise<string> {
    this.#socket.write(`GET ${target} HTTP/1.1\r\n${['Host: localhost', ...fields].join('\r\n')}\r\n\r\n`);
    for (;;) {
      const head = this.#text.indexOf('\r\n\r\n') + 4;
      const length = Number(/content-length: (\d+)/i.exec(this.#text)?.[1]);
      if (head > 3 && this.#text.length >= head + length) {
        const answer = this.#text;
        this.#text = '';
        return answer;
      }
      await once(this.#socket, 'data');
    }
  }
}

const statusOf = (answer: string): string => answer.slice(9, 12);
/** With it a request is not plain, and its answer the same. */
const BY_NODE = 'Pragma: x';

describe.each(['TCP', 'TLS'] as const)('the lane of an edge that asks who comes, over %s', (over) => {
  it('answers hits as node:http does, and leaves to it what the gate refuses', async () => {
    const guarded = await guardedEdge();
    const [token, late, foreign] = [
      await guarded.token({ session: 's1' }),
      await guarded.token({ expiresInMs: -60_000 }),
      await guarded.token({ prefixes: ['/paid/'] }),
    ];
    const client = await Conversation.open(guarded, over);
    const asked = [
      ...[[`/~${token}/vod/a.m3u8`], [`/~${token}/vod/b.m4s`], [`/vod/b.m4s?token=${token}`]],
      ...[
        [`/vod/a.m3u8`, `Cookie: a=b; eddy_token=${token}`],
        [`/~${token}/vod/a.m3u8`, 'Cookie: a=b'],
      ],
      ...[PAGE, 'https://other.example', 'https://evil.example', PAGE].map((origin) => [
        `/~${token}/vod/b.m4s`,
        `Origin: ${origin}`,
      ]),
    ];
    const refused = [
      ['/vod/a.m3u8'],
      [`/~${late}/vod/a.m3u8`],
      [`/~${foreign}/vod/a.m3u8`],
      [`/~${token}/vod/a.m3u8/~${token}`],
      [`/~${token}/~${token}/vod/a.m3u8`],
    ];
    // Fills, and lets the edge know each token.
    for (const [target = '', ...fields] of [...asked, ...refused])
      await client.get(target, ...fields, BY_NODE);
    for (const [target = '', ...fields] of asked) {
      const expected = await client.get(target, ...fields, BY_NODE);
      seen = 0;
      expect(await client.get(target, ...fields)).toBe(expected);
      expect(statusOf(expected)).toBe('200');
      expect([target, seen]).toEqual([target, 0]);
    }
    for (const [target = '', ...fields] of refused) {
      const expected = await client.get(target, ...fields, BY_NODE);
      seen = 0;
      expect(await client.get(target, ...fields)).toBe(expected);
      expect([target, statusOf(expected), seen]).not.toEqual([target, '200', 0]);
    }
    // Not plain.
    for (const field of [`Authorization: Bearer ${token}`, 'Range: bytes=0-1', 'If-None-Match: "x"']) {
      seen = 0;
      await client.get(`/~${token}/vod/a.m3u8`, field);
      expect(seen).toBe(1);
    }
    expect(seen).toBe(1);
  });

  it('writes a line for each, without token', async () => {
    const guarded = await guardedEdge();
    const token = await guarded.token({ session: 's1' });
    const client = await Conversation.open(guarded, over);
    await client.get(`/~${token}/vod/b.m4s`);
    seen = 0;
    await client.get(`/~${token}/vod/b.m4s`);
    await client.get(`/vod/b.m4s?token=${token}`);
    expect(seen).toBe(0);
    expect(await metric(guarded.edge, 'eddy_edge_requests_total{result="hit"}')).toBe(2);
    await guarded.close();
    const lines = (await readFile(guarded.logFile, 'utf8')).trim().split('\n');
    const hit = { log: 'access', site: 'default', method: 'GET', path: '/vod/b.m4s', status: 200 };
    const line = { ...hit, bytes: BODY.length, cache: 'hit', session: 's1', protocol: 'HTTP/1.1' };
    expect(lines.map((text) => JSON.parse(text))).toMatchObject([{ cache: 'uri-miss' }, line, line]);
    expect(lines.map((text) => Object.keys(JSON.parse(text)))).toEqual(
      lines.map(() => Object.keys(JSON.parse(lines[0] ?? ''))),
    );
    expect(lines.join('\n')).not.toContain(token.split('.')[1]);
  });

  it.each([
    ['requestsPerSecond', 'requestBurst', 'address-rate'],
    ['sessionRequestsPerSecond', 'sessionRequestBurst', 'session-rate'],
  ])('counts each request once for %s, whoever answers it', async (rate, burst, reason) => {
    const guarded = await guardedEdge({ limits: { [rate]: 1, [burst]: 9 } });
    const token = await guarded.token({ session: 's1' });
    const client = await Conversation.open(guarded, over);
    const statuses: string[] = [];
    for (const name of ['b.m4s', 'b.m4s', 'none', 'b.m4s', 'none', 'b.m4s', 'b.m4s', 'none', 'b.m4s'])
      statuses.push(statusOf(await client.get(`/~${token}/vod/${name}`)));
    expect(statuses).toEqual(['200', '200', '404', '200', '404', '200', '200', '404', '200']);
    // Both read some.
    expect(seen).toBeGreaterThan(3);
    expect(seen).toBeLessThan(9);
    expect(await client.get(`/~${token}/vod/b.m4s`)).toContain(reason);
    expect(await client.get(`/~${token}/vod/b.m4s`, BY_NODE)).toContain(reason);
  });
});

describe('the lane behind a proxy that is believed', () => {
  it('leaves to node:http whoever is spoken for', async () => {
    const guarded = await guardedEdge({
      proxies: { trusted: ['127.0.0.1'] },
      limits: { requestsPerSecond: 1, requestBurst: 2 },
    });
    const token = await guarded.token();
    const client = await Conversation.open(guarded, 'TCP');
    const statuses: string[] = [];
    for (const address of ['203.0.113.1', '203.0.113.1', '203.0.113.2', '203.0.113.1'])
      statuses.push(statusOf(await client.get(`/~${token}/vod/b.m4s`, `X-Forwarded-For: ${address}`)));
    expect([statuses, seen]).toEqual([['200', '200', '200', '429'], 4]);
  });
});
