import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { readersOnly } from './gate.js';
import { localPath } from './login-routes.js';
import { mayRead, OidcLogin } from './oidc-login.js';
import { type ReaderEnv, readerOf } from './reader.js';
import { Seal } from './seal.js';

const KEYS = ['a'.repeat(32), 'b'.repeat(32)] as const;
const ACCESS = {
  ...{ trustedProxies: ['10.0.0.0/8', '::1'], userHeader: 'X-User', sessionMs: 1000, shareMs: 1000 },
  keysFile: '',
};

const OIDC = {
  ...{ issuer: 'http://127.0.0.1:1', clientId: 'eddy', publicUrl: 'http://127.0.0.1:2', scopes: ['openid'] },
  ...{ groupsClaim: 'roles', allow: ['ann@site.example', '@dept.example'], groups: ['finance'] },
};

let nowMs = 1_700_000_000_000;
const seal = (...keys: string[]): Seal => new Seal({ wallClock: { now: () => nowMs } }, keys);

function asked(peer: string | undefined, headers: Record<string, string>): Response | Promise<Response> {
  const app = new Hono<ReaderEnv>();
  app.use(readersOnly({ seal: seal(...KEYS) }, ACCESS));
  app.get('/api/who', (context) => context.json(readerOf(context)));
  const env = { incoming: { socket: { remoteAddress: peer } } };
  return app.request('/api/who', { headers }, env);
}

describe('the gate before figures', () => {
  it.each(['10.1.2.3', '::ffff:10.1.2.3', '::1'])(
    'believes the proxy at %s who somebody is',
    async (peer) => {
      const answer = await asked(peer, { 'X-User': 'ann' });
      expect(await answer.json()).toMatchObject({ role: 'reader', login: 'proxy', user: 'ann' });
    },
  );

  it.each([
    ['another address', '11.1.2.3', { 'X-User': 'ann' }],
    ['nobody knows where', undefined, { 'X-User': 'ann' }],
    ['the proxy, without a name', '10.1.2.3', {}],
    ['the proxy, with an empty name', '10.1.2.3', { 'X-User': ' ' }],
    ['the proxy, which added a name to that of the browser', '10.1.2.3', { 'X-User': 'root, ann' }],
    ['the proxy, in another field', '10.1.2.3', { 'X-Forwarded-User': 'ann' }],
  ])('lets nobody pass who comes from %s', async (_, peer, headers) => {
    expect((await asked(peer, headers)).status).toBe(401);
  });

  it('takes a link for a link and a login for a login, of any of its keys', async () => {
    const until = nowMs + 60_000;
    const link = await seal(KEYS[1]).close('share', { pop: 'fra', sub: 'ann' }, until);
    const login = await seal(KEYS[0]).close('session', { sub: 'bob' }, until);
    const bearer = (text: string): Record<string, string> => ({ Authorization: `Bearer ${text}` });
    expect(await (await asked('1.1.1.1', bearer(link))).json()).toMatchObject({
      ...{ role: 'guest', user: 'ann', scope: { pop: 'fra' }, expiresMs: until },
    });
    expect(await (await asked('1.1.1.1', { Cookie: `eddy_session=${login}` })).json()).toMatchObject({
      ...{ role: 'reader', login: 'oidc', user: 'bob' },
    });
    const strange = await seal('c'.repeat(32)).close('share', {}, until);
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${link.split('.')[1]}.`;
    for (const text of [login, strange, unsigned, `${link}x`]) {
      expect((await asked('1.1.1.1', bearer(text))).status).toBe(401);
    }
    expect((await asked('1.1.1.1', { Cookie: `eddy_session=${link}` })).status).toBe(401);
    nowMs = until + 1000;
    expect((await asked('1.1.1.1', bearer(link))).status).toBe(401);
  });
});

describe('a login', () => {
  it('says so where the provider does not answer, and asks again the next time', async () => {
    const server = createServer((_, response) => response.writeHead(503).end());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    let asked = 0;
    server.on('request', () => asked++);
    const oidc = new OidcLogin({ ...OIDC, issuer: `http://127.0.0.1:${port}` }, undefined);
    for (const times of [1, 2]) {
      await expect(oidc.begin()).rejects.toMatchObject({
        ...{ code: 'login-failed', message: expect.stringContaining(`127.0.0.1:${port} does not answer`) },
      });
      expect(asked).toBe(times);
    }
    server.close();
  });

  it.each([
    [undefined, '/'],
    ['/?range=7d#x', '/?range=7d#x'],
    ['https://evil.example/', '/'],
    ['//evil.example/', '/'],
    ['/\\evil.example/', '/'],
    ['/a/..//evil.example', '/'],
    ['/\t/evil.example', '/'],
    ['javascript:alert(1)', '/'],
  ])('to %s leads to %s', (to, path) => expect(localPath(to)).toBe(path));

  it.each([
    [{ email: 'Ann@Site.example', email_verified: true }, true],
    [{ email: 'ann@site.example' }, true],
    [{ email: 'ann@site.example', email_verified: false }, false],
    [{ email: 'x@dept.example' }, true],
    [{ email: 'x@evildept.example' }, false],
    [{ email: 'x@sub.dept.example' }, false],
    [{ roles: ['finance'] }, true],
    [{ roles: 'finance' }, false],
    [{}, false],
  ])('of %o: %s', (claims, may) => {
    expect(mayRead(claims, OIDC)).toBe(may);
    expect(mayRead(claims, { ...OIDC, allow: [], groups: [] })).toBe(true);
  });
});
