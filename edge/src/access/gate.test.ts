import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseEdgeConfig } from '../config/schema.js';
import { HeldTimers } from '../held-timers.js';
import { isReserved, requestKey } from '../http/request-key.js';
import { Cleanup, temporaryFolder } from '../testing/edge-fixture.js';
import { createHopCheck } from '../upstream/eddy-hop.js';
import { type Access, openAccess } from './access.js';
import type { Passage } from './gate.js';
import { mintToken, type TokenClaims } from './tokens/mint.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const clock = { at: 1_800_000_000_000, now: () => clock.at };
const secret = JSON.stringify({ kty: 'oct', k: randomBytes(32).toString('base64url') });
let keysFile: string;
let access: Access;

async function open(settings: Record<string, unknown>): Promise<void> {
  const config = parseEdgeConfig({ origin: { url: 'file:///x' }, ...settings });
  const pathOf = (target: string) => requestKey(target, { urlBytes: 8192, query: 'none', ignoreQuery: [] });
  access = await openAccess(
    {
      isSibling: createHopCheck(config.siblings),
      ...{ pathOf, isReserved, clock, wallClock: clock, timers: new HeldTimers() },
      onKeysError: () => {},
    },
    config,
    config.limits,
  );
  cleanup.add(async () => access.close());
}

interface Ask {
  readonly method?: string;
  readonly host?: string;
  readonly from?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function ask(
  url: string,
  { method = 'GET', host = 'tv.example', from = '203.0.113.9', headers = {} }: Ask = {},
) {
  const all = { host, ...headers };
  const rawHeaders = Object.entries(all).flat();
  return access.gate({ url, method, headers: all, rawHeaders, socket: { remoteAddress: from } });
}

function say(passage: Passage): string {
  if ('refused' in passage) return passage.refused;
  return [passage.site.name, passage.target, passage.session].filter((word) => word !== undefined).join(' ');
}

const mint = (claims: Partial<TokenClaims> = {}): Promise<string> =>
  mintToken(secret, { prefixes: ['/vod/'], expiresInMs: 60_000, ...claims }, clock.at);

beforeEach(async () => {
  keysFile = join(await temporaryFolder(cleanup), 'keys.json');
  await writeFile(keysFile, secret);
});

describe('the gate', () => {
  it('lets everybody in at once where nothing is configured, and takes token segments off all the same', async () => {
    await open({});
    const passage = ask('/v/a.m4s?x=1', { host: 'whatever:8080' });
    expect(passage).not.toBeInstanceOf(Promise);
    expect(say(await passage)).toBe('default /v/a.m4s?x=1');
    expect(say(await ask('/~a.b.c/v/a.m4s'))).toBe('default /v/a.m4s');
    expect(say(await ask('/%7ea.b.c/v/a.m4s'))).toBe('default /v/a.m4s');
    expect(say(await ask('http://tv.example/~a.b.c/v/a.m4s'))).toBe('default /v/a.m4s');
    expect(say(await ask('/v', { host: 'a b' }))).toBe('bad-host');
  });

  it('knows sites by host', async () => {
    await open({
      access: { keysFile },
      sites: [
        { hosts: ['tv.example'], name: 'tv' },
        { hosts: ['*.open.example'], name: 'free', access: 'open' },
      ],
    });
    expect(say(await ask('/v', { host: 'A.Open.Example:80' }))).toBe('free /v');
    expect(say(await ask('/v', { host: 'other.example' }))).toBe('unknown-host');
    expect(say(await ask('http://a.open.example/v', { host: 'tv.example' }))).toBe('free /v');
    expect(say(await ask('/v'))).toBe('token-missing');
  });

  it('takes a token from wherever it is, asks for its signature once, and passes the target without it', async () => {
    await open({ access: { keysFile } });
    const token = await mint({ session: 's1' });
    const first = ask(`/~${token}/vod/a.m4s?x=1`);
    expect(first).toBeInstanceOf(Promise);
    expect(say(await first)).toBe('default /vod/a.m4s?x=1 s1');
    for (const passage of [
      ask(`/%7E${token}/vod/a.m4s?x=1`),
      ask(`/vod/a.m4s?x=1&token=${token}`),
      ask('/vod/a.m4s?x=1', { headers: { cookie: `a=b; eddy_token=${token}` } }),
      ask('/vod/a.m4s?x=1', { headers: { authorization: `Bearer ${token}` } }),
    ]) {
      expect(passage).not.toBeInstanceOf(Promise);
      expect(say(await passage)).toBe('default /vod/a.m4s?x=1 s1');
    }
  });

  it('holds a token to its path, time, address and site, and says which', async () => {
    await open({ access: { keysFile }, proxies: { trusted: ['10.0.0.0/8'] } });
    const token = await mint({ addresses: ['198.51.100.0/24'], site: 'tv.example' });
    const proxied = { from: '10.0.0.1', headers: { 'x-forwarded-for': '198.51.100.7' } };
    expect(say(await ask(`/~${token}/vod/a`, proxied))).toBe('default /vod/a');
    expect(say(await ask(`/~${token}/vodka/a`, proxied))).toBe('token-path');
    expect(say(await ask(`/~${token}/%76od/a`, proxied))).toBe('default /%76od/a');
    expect(say(await ask(`/~${token}/vod/../etc`, proxied))).toBe('dot-segment');
    expect(say(await ask(`/~${token}/vod/a`, { ...proxied, host: 'film.example' }))).toBe('token-site');
    expect(say(await ask(`/~${token}/vod/a`, { headers: proxied.headers }))).toBe('token-address');
    expect(say(await ask(`/~${token}/~${token}/vod/a`, proxied))).toBe('token-invalid');
    clock.at += 80_000;
    const late = await ask(`/~${token}/vod/a`, proxied);
    expect(late).toMatchObject({
      refused: 'token-expired',
      target: '/vod/a',
      fields: ['WWW-Authenticate', 'Bearer error="invalid_token"'],
    });
  });

  it('asks for one before signaling and beacons, and knows which rooms it opens', async () => {
    await open({ access: { keysFile, publicPrefixes: ['/page/'] } });
    expect(say(await ask('/_eddy/swarm'))).toBe('token-missing');
    expect(say(await ask('/page/index.html'))).toBe('default /page/index.html');
    expect(say(await ask('/pagex'))).toBe('token-missing');
    const passage = await ask(`/~${await mint()}/_eddy/swarm`);
    if ('refused' in passage) throw new Error(passage.refused);
    expect(passage.target).toBe('/_eddy/swarm');
    expect(['/vod/film.m3u8', '/paid/film.m3u8', '/page/x'].map((path) => passage.allows(path))).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('lets preflights through: browsers send them without what the request will carry', async () => {
    await open({ access: { keysFile } });
    const headers = { origin: 'https://a.example', 'access-control-request-method': 'GET' };
    expect(say(await ask('/vod/a', { method: 'OPTIONS', headers }))).toBe('default /vod/a');
    expect(say(await ask('/vod/a', { method: 'OPTIONS' }))).toBe('token-missing');
  });

  it('counts requests by address (IPv6 by /64), behind trusted proxies by theirs', async () => {
    await open({
      limits: { requestsPerSecond: 1, requestBurst: 2 },
      proxies: { trusted: ['10.0.0.1'] },
    });
    const outcomes = async (asks: Ask[]) => Promise.all(asks.map(async (from) => say(await ask('/a', from))));
    expect(await outcomes([{}, {}, {}])).toEqual(['default /a', 'default /a', 'address-rate']);
    const v6 = ['2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8:0:1::1'].map((from) => ({ from }));
    expect((await outcomes(v6)).map((word) => word === 'address-rate')).toEqual([false, false, true, false]);
    const behind = Array.from({ length: 9 }, (_, index) => ({
      from: '10.0.0.1',
      headers: { 'x-forwarded-for': `198.51.100.${index}` },
    }));
    expect(new Set(await outcomes(behind))).toEqual(new Set(['default /a']));
    clock.at += 1000;
    expect(await ask('/a')).not.toHaveProperty('refused');
    expect(await ask('/a')).toMatchObject({ refused: 'address-rate', fields: ['Retry-After', '1'] });
  });

  it('counts requests by session, however many tokens and addresses it has', async () => {
    await open({ access: { keysFile }, limits: { sessionRequestsPerSecond: 1, sessionRequestBurst: 2 } });
    const tokens = [await mint({ session: 's' }), await mint({ session: 's', prefixes: ['/'] })];
    const other = await mint({ session: 't' });
    const anonymous = [await mint(), await mint({ prefixes: ['/vod/', '/live/'] })];
    const words = [];
    for (const token of [...tokens, ...tokens, other, ...anonymous]) {
      words.push(say(await ask(`/~${token}/vod/a`, { from: `198.51.100.${words.length}` })));
    }
    expect(words).toEqual([
      ...['default /vod/a s', 'default /vod/a s', 'session-rate', 'session-rate'],
      ...['default /vod/a t', 'default /vod/a', 'default /vod/a'],
    ]);
  });

  it('refuses bodies that say that they are too large', async () => {
    await open({ limits: { bodyBytes: 1000 } });
    const post = (length: string) => ask('/a', { method: 'POST', headers: { 'content-length': length } });
    expect(say(await post('1000'))).toBe('default /a');
    expect(say(await post('1001'))).toBe('body-too-large');
  });

  it('does not open without its keys', async () => {
    await expect(open({ access: { keysFile: '/nowhere/keys' } })).rejects.toThrow(/access\.keysFile/);
    await writeFile(keysFile, 'no key');
    await expect(open({ access: { keysFile } })).rejects.toThrow(/access\.keysFile/);
  });
});

describe('another edge of the PoP', () => {
  const pop = {
    siblings: { self: 'http://10.0.0.1:8080', urls: ['http://10.0.0.1:8080', 'http://10.0.0.2:8080'] },
    insight: { enabled: false },
  };
  const headers = { 'eddy-hop': 'sibling' };

  it('asks for its viewers without their tokens, as often as it needs to', async () => {
    await open({ ...pop, access: { keysFile }, limits: { requestsPerSecond: 1, requestBurst: 1 } });
    for (let count = 0; count < 5; count++) {
      expect(say(await ask('/vod/1.m4s', { from: '10.0.0.2', headers }))).toBe('default /vod/1.m4s');
    }
    expect(say(await ask('/vod/1.m4s', { from: '10.0.0.2' }))).toBe('token-missing');
  });

  it.each([
    ['from elsewhere', '203.0.113.9', {}],
    ['through a proxy', '10.0.0.2', { proxies: { trusted: ['10.0.0.2'] } }],
  ])('is not believed %s', async (_, from, settings) => {
    await open({ ...pop, access: { keysFile }, ...settings });
    expect(say(await ask('/vod/1.m4s', { from, headers }))).toBe('token-missing');
  });
});
