import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { PROTOCOL_VERSION } from '@eddy/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { mintToken, type TokenClaims } from './access/tokens/mint.js';
import type { RunningEdge } from './edge.js';
import {
  ask,
  Cleanup,
  metric,
  startHttpOrigin,
  startTestEdge,
  temporaryFolder,
} from './testing/edge-fixture.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const jwk = (kid: string): string =>
  JSON.stringify({ kty: 'oct', k: randomBytes(32).toString('base64url'), kid });

let keysFile: string;
let accessFile: string;
let secret: string;
let edge: RunningEdge;
let logged: string;
let asked: string[];

const mint = (claims: Partial<TokenClaims> = {}, key = secret): Promise<string> =>
  mintToken(key, { prefixes: ['/vod/'], expiresInMs: 60_000, ...claims }, Date.now());

beforeEach(async () => {
  const folder = await temporaryFolder(cleanup);
  keysFile = join(folder, 'keys.json');
  accessFile = join(folder, 'access.log');
  secret = jwk('one');
  await writeFile(keysFile, secret);
  logged = '';
  asked = [];
  const url = await startHttpOrigin(cleanup, (request, response) => {
    asked.push(`${request.method} ${request.url} ${JSON.stringify(request.rawHeaders)}`);
    if (request.url?.includes('broken')) response.writeHead(500).end();
    else if (request.url?.includes('missing')) response.writeHead(404).end();
    else response.writeHead(200, { 'cache-control': 'max-age=60' }).end('media');
  });
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logged += chunk.toString();
      done();
    },
  });
  edge = await startTestEdge(
    cleanup,
    {
      // A web server, which is sent all that the client says, and no token.
      origin: { url },
      cors: 'edge',
      cache: { query: 'none' },
      access: { keysFile, publicPrefixes: ['/page/'] },
      accessLog: { file: accessFile },
      insight: { enabled: false },
    },
    { log: pino({ level: 'trace' }, sink) },
  );
});

describe('an edge that asks for tokens', () => {
  it('writes none of them down and passes none on, wherever they are and whatever comes of it', async () => {
    const token = await mint({ session: 'viewer-1' });
    const late = await mint({ expiresInMs: -60_000 });
    const other = await mint({ prefixes: ['/other/'] });
    const forged = await mint({}, jwk('one'));
    const { url } = edge.public;
    const paths = ['/vod/a.m4s', '/vod/broken.m4s', '/vod/missing.m4s', '/vod/../x', '/vod/%2fx', '/vod//x'];
    for (const given of [token, late, other, forged]) {
      for (const path of paths) {
        await ask(url, `/~${given}${path}`);
        await ask(url, `/%7e${given}${path}?x=1`);
        await ask(url, `${path}?a=1&token=${given}&b=2`);
        await ask(url, path, { headers: { cookie: `a=1; eddy_token=${given}` } });
        await ask(url, path, { headers: { authorization: `Bearer ${given}` } });
        await ask(url, `/~${given}${path}`, { method: 'POST' });
      }
      await ask(url, `/~${given}/~${given}/vod/a.m4s`);
      await ask(url, `http://x/~${given}/vod/a.m4s`);
      await ask(url, `/~${given}/_eddy/nothing`);
    }
    await edge.close();
    const written = await readFile(accessFile, 'utf8');
    expect(written.split('\n').length).toBeGreaterThan(100);
    expect(written).toContain('"session":"viewer-1"');
    expect(logged).toContain('/vod/broken.m4s');
    expect(asked.length).toBeGreaterThan(2);
    for (const given of [token, late, other, forged]) {
      for (const part of given.split('.').slice(1)) {
        expect(written).not.toContain(part);
        expect(logged).not.toContain(part);
        expect(asked.join('\n')).not.toContain(part);
      }
    }
    // One object, however it was asked for, until a POST makes it stale.
    const methods = asked.filter((line) => line.includes('a.m4s')).map((line) => line.split(' ', 1)[0]);
    expect(methods).toEqual(['GET', 'POST', 'GET']);
  });

  it('says what is wrong in body, Cache-Status and metric alike', async () => {
    const { url } = edge.public;
    const later = await mint({ expiresInMs: -60_000 });
    for (const [path, status, word] of [
      ['/vod/a.m4s', 401, 'token-missing'],
      ['/~a.b.c/vod/a.m4s', 401, 'token-invalid'],
      [`/~${later}/vod/a.m4s`, 401, 'token-expired'],
      [`/~${await mint()}/paid/a.m4s`, 403, 'token-path'],
      [`/~${await mint({ site: 'elsewhere' })}/vod/a.m4s`, 403, 'token-site'],
      [`/~${await mint({ addresses: ['203.0.113.0/24'] })}/vod/a.m4s`, 403, 'token-address'],
    ] as const) {
      const { status: answered, headers, body } = await ask(url, path);
      expect([answered, JSON.parse(body.toString()).error, headers['cache-status']]).toEqual([
        ...[status, word, `eddy; detail=${word}`],
      ]);
      expect(headers['access-control-allow-origin']).toBe('*');
      expect(headers['www-authenticate'] === undefined).toBe(status === 403);
      expect(await metric(edge, `eddy_edge_refusals_total{reason="${word}"}`)).toBe(1);
    }
    expect(asked).toEqual([]);
    expect((await ask(url, '/page/index.html')).status).toBe(200);
  });

  it('lets the other edges of the PoP ask for their viewers, who have shown their tokens there', async () => {
    const self = 'http://127.0.0.1:9';
    const pop = await startTestEdge(cleanup, {
      origin: { url: await startHttpOrigin(cleanup, (_, response) => void response.end('media')) },
      siblings: { self, urls: [self] },
      insight: { enabled: false },
      access: { keysFile },
    });
    const headers = { 'eddy-hop': 'sibling' };
    // A miss, then a hit, which is not answered before somebody has looked at who asks.
    for (const path of ['/vod/a.m4s', '/vod/a.m4s', '/vod/a.m4s']) {
      expect((await ask(pop.public.url, path, { headers })).status).toBe(200);
      expect((await ask(pop.public.url, path)).status).toBe(401);
    }
  });

  it('takes new keys without a restart', async () => {
    const before = await mint();
    expect((await ask(edge.public.url, `/~${before}/vod/a.m4s`)).status).toBe(200);
    const next = generateKeyPairSync('ed25519')
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
    await writeFile(keysFile, next);
    await edge.reload();
    expect((await ask(edge.public.url, `/~${before}/vod/a.m4s`)).status).toBe(401);
    expect((await ask(edge.public.url, `/~${await mint({}, next)}/vod/a.m4s`)).status).toBe(200);
    await writeFile(keysFile, 'no key');
    await edge.reload();
    expect((await ask(edge.public.url, `/~${await mint({}, next)}/vod/a.m4s`)).status).toBe(200);
    expect(await metric(edge, 'eddy_edge_reload_errors_total{what="token-keys"}')).toBe(1);
  });

  it('asks for one at the swarm, which opens only the rooms of its paths', async () => {
    const base = edge.public.url.replace('http', 'ws');
    const joined = async (path: string, presentation: string): Promise<unknown> => {
      const socket = new WebSocket(`${base}${path}`);
      cleanup.add(async () => socket.terminate());
      const failed = new Promise<string>((resolve) => {
        socket.once('unexpected-response', (_request, response) => resolve(`${response.statusCode}`));
      });
      const opened = once(socket, 'open').then(() => 'open');
      const outcome = await Promise.race([failed, opened]);
      if (outcome !== 'open') return outcome;
      socket.send(
        JSON.stringify({
          ...{
            type: 'join',
            version: PROTOCOL_VERSION,
            presentation,
            viewer: 'v',
            session: 's',
            upload: true,
          },
        }),
      );
      const [message] = await once(socket, 'message');
      const { type, code } = JSON.parse(String(message));
      return code ?? type;
    };
    const token = await mint();
    expect(await joined('/_eddy/swarm', '/vod/film.m3u8')).toBe('401');
    expect(await joined('/~a.b.c/_eddy/swarm', '/vod/film.m3u8')).toBe('401');
    expect(await joined(`/~${token}/_eddy/swarm`, '/vod/film.m3u8')).toBe('welcome');
    expect(await joined(`/_eddy/swarm?token=${token}`, `/~${token}/vod/film.m3u8?x`)).toBe('welcome');
    expect(await joined(`/~${token}/_eddy/swarm`, '/paid/film.m3u8')).toBe('token-path');
    expect(await joined(`/~${token}/_eddy/swarm`, '/vod/../paid/film.m3u8')).toBe('token-path');
  });
});
