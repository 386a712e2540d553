import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningEdge } from './edge.js';
import { shareSchema } from './insight/readers/sharing.js';
import { Browser } from './testing/browser.js';
import { ask, Cleanup, startTestEdge, temporaryFolder } from './testing/edge-fixture.js';
import { startOidcProvider, type TestProvider } from './testing/oidc-provider.js';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

const CLIENT = { id: 'eddy', secret: 'a secret of the client' };
const PERSON = { sub: 'ann', email: 'ann@site.example', email_verified: true, groups: [] };

let provider: TestProvider;
let edge: RunningEdge;
let keysFile: string;
let nowMs = Date.now();
let url: (path: string) => string;
let browser: Browser;

beforeAll(async () => {
  const root = await temporaryFolder(cleanup);
  keysFile = join(root, 'keys');
  // The client's address is known once the edge listens, and the edge's settings name the provider.
  const redirects: string[] = [];
  const port = await freePort();
  redirects.push(`http://127.0.0.1:${port}/auth/callback`);
  provider = await startOidcProvider(cleanup, { ...CLIENT, redirectUris: () => redirects });
  const publicUrl = `http://127.0.0.1:${port}`;
  url = (path) => publicUrl + path;
  edge = await startTestEdge(
    cleanup,
    {
      origin: { url: pathToFileURL(root).href },
      dataDir: await temporaryFolder(cleanup),
      listeners: { public: '127.0.0.1:0', admin: '127.0.0.1:0', insight: `127.0.0.1:${port}` },
      insight: {
        pop: 'fra',
        access: {
          keysFile,
          trustedProxies: ['10.0.0.0/8'],
          oidc: {
            issuer: provider.issuer,
            ...{ clientId: CLIENT.id, clientSecret: CLIENT.secret, publicUrl },
            ...{ scopes: ['openid', 'email', 'groups'], allow: ['@site.example'], groups: ['finance'] },
          },
        },
      },
    },
    { wallClock: { now: () => nowMs } },
  );
});
beforeEach(() => {
  provider.person = PERSON;
  nowMs = Date.now();
  browser = new Browser();
});

/** One that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

async function json(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}

function share(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return browser.ask(url('/api/shares'), {
    ...{ method: 'POST', body: JSON.stringify(body) },
    headers: { 'Content-Type': 'application/json', ...headers },
  });
}

describe('figures behind a login', () => {
  it('are for those who log in at the provider, who come back to the page they wanted', async () => {
    const unknown = await browser.ask(url('/api/summary'));
    expect([unknown.status, await json(unknown)]).toEqual([
      401,
      { error: 'login-needed', message: expect.stringContaining('/auth/login') },
    ]);
    const page = await browser.open(url('/?range=7d'));
    expect(new URL(page.url).search).toBe('?range=7d');
    expect(await json(await browser.ask(url('/api/session')))).toMatchObject({
      ...{ role: 'reader', login: 'oidc', user: 'ann@site.example', canShare: true },
      scope: { stream: null, pop: null },
    });
    expect((await browser.ask(url('/api/summary'))).status).toBe(200);
    // Nothing that a script or another site could take.
    const login = await new Browser().ask(url('/auth/login?to=https://evil.example/'));
    expect(login.headers.getSetCookie()[0]).toMatch(/^eddy_login=.*HttpOnly.*SameSite=Lax/i);
    expect(new URL(login.headers.get('location') ?? '').searchParams.get('code_challenge_method')).toBe(
      'S256',
    );
    expect((await browser.ask(url('/auth/logout'), { method: 'POST' })).status).toBe(204);
    expect((await browser.ask(url('/api/summary'))).status).toBe(401);
  });

  it.each([
    ['at another address', { email: 'ann@other.example' }, 403],
    ['at an address that nobody checked', { email_verified: false }, 403],
    ['in a group that may', { email: 'ann@other.example', groups: ['finance'] }, 503],
  ])('are told to people %s only where they may', async (_, change, status) => {
    provider.person = { ...PERSON, ...change };
    const page = await browser.open(url('/'));
    // 503: he is in, and the dashboard was not built here.
    expect([503, 200].includes(page.status) ? 503 : page.status).toBe(status);
    if (status === 403) expect(await page.text()).toContain('ask the operator');
  });

  it('are not for answers to a login that somebody else began', async () => {
    const begun = await browser.ask(url('/auth/login'));
    const stranger = new Browser();
    await stranger.ask(url('/auth/login'));
    const { searchParams } = new URL(begun.headers.get('location') ?? '');
    const state = searchParams.get('state') ?? '';
    const forged = await stranger.ask(url(`/auth/callback?code=x&state=${state}`));
    expect([forged.status, await forged.text()]).toEqual([401, expect.stringContaining('/auth/login')]);
    expect((await new Browser().ask(url(`/auth/callback?code=x&state=${state}`))).status).toBe(401);
  });

  it('end with the login', async () => {
    await browser.open(url('/'));
    nowMs += 11.9 * 3_600_000;
    expect((await browser.ask(url('/api/session'))).status).toBe(200);
    nowMs += 0.2 * 3_600_000;
    expect((await browser.ask(url('/api/session'))).status).toBe(401);
  });

  it('are shared by links that end and show no more than they say', async () => {
    await browser.open(url('/'));
    const made = await share({ expiresInSeconds: 3600, pop: 'fra', to: '/?view=edges' });
    expect(made.status).toBe(201);
    const { path, token, expiresMs, scope } = shareSchema.parse(await made.json());
    expect(scope).toEqual({ stream: null, pop: 'fra' });
    expect(expiresMs - nowMs).toBeGreaterThan(3_598_000);
    const guest = new Browser();
    const page = await guest.open(url(path));
    // The token does not stay in the address.
    expect(new URL(page.url).pathname + new URL(page.url).search).toBe('/?view=edges');
    expect(await json(await guest.ask(url('/api/session')))).toMatchObject({
      ...{ role: 'guest', login: 'share', user: 'ann@site.example', canShare: false },
      scope: { stream: null, pop: 'fra' },
    });
    const status = async (path: string): Promise<number> => (await guest.ask(url(path))).status;
    expect(await Promise.all(['/api/summary', '/api/edges?pop=fra', '/api/prices'].map(status))).toEqual([
      ...[200, 200, 200],
    ]);
    const beyond = ['/api/summary?pop=ams', '/api/audience', '/api/integrity'];
    expect(await Promise.all(beyond.map(status))).toEqual([403, 403, 403]);
    expect(await status('/api/export?cube=audience')).toBe(400);
    const again = await guest.ask(url('/api/shares'), {
      ...{ method: 'POST', body: JSON.stringify({ expiresInSeconds: 3600 }) },
      headers: { 'Content-Type': 'application/json' },
    });
    expect([again.status, (await json(again)).error]).toEqual([403, 'cannot-share']);
    const program = { headers: { Authorization: `Bearer ${token}` } };
    expect((await fetch(url('/api/summary'), program)).status).toBe(200);
    nowMs += 3_601_000;
    expect([await status('/api/summary'), (await fetch(url('/api/summary'), program)).status]).toEqual([
      401, 401,
    ]);
    expect((await new Browser().open(url(path))).status).toBe(410);
  });

  it.each([
    ['another site', { expiresInSeconds: 3600 }, { 'Sec-Fetch-Site': 'cross-site' }, 'other-site'],
    ['another origin', { expiresInSeconds: 3600 }, { Origin: 'https://evil.example' }, 'other-site'],
    ['a form', { expiresInSeconds: 3600 }, { 'Content-Type': 'text/plain' }, 'bad-query'],
    ['somebody who wants too much', { expiresInSeconds: 40 * 86_400 }, {}, 'bad-query'],
    ['somebody who names no end', {}, {}, 'bad-query'],
  ])('are not shared for %s', async (_, body, headers, error) => {
    await browser.open(url('/'));
    const refused = await share(body, headers);
    expect([refused.status >= 400, (await json(refused)).error]).toEqual([true, error]);
  });

  it('are taken back by another key', async () => {
    await browser.open(url('/'));
    const { token } = await json(await share({ expiresInSeconds: 3600 }));
    const asked = async (): Promise<number> =>
      (await fetch(url('/api/summary'), { headers: { Authorization: `Bearer ${String(token)}` } })).status;
    expect(await asked()).toBe(200);
    await writeFile(keysFile, `${'n'.repeat(40)}\n`);
    await edge.reload();
    expect(await asked()).toBe(401);
    // A file that cannot be used changes nothing.
    await browser.open(url('/'));
    await writeFile(keysFile, 'short\n');
    await edge.reload();
    expect((await browser.ask(url('/api/session'))).status).toBe(200);
  });

  it('are not for those who say themselves who they are, and secrets are not shown', async () => {
    const claimed = await fetch(url('/api/summary'), { headers: { 'X-Forwarded-User': 'ann' } });
    expect(claimed.status).toBe(401);
    expect((await fetch(url('/healthz'))).status).toBe(200);
    expect((await ask(edge.admin.url, '/config')).body.toString()).not.toContain(CLIENT.secret);
  });
});
