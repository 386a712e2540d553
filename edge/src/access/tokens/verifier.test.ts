import { createHmac, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { HeldTimers } from '../../held-timers.js';
import { type ClaimRules, coversPath, judgeGrant } from './claims.js';
import { KeySource } from './key-source.js';
import { mintToken } from './mint.js';
import { type Verdict, Verifier } from './verifier.js';

const clock = { at: 1_800_000_000_000, now: () => clock.at };
const ALL = ['HS256', 'RS256', 'ES256', 'EdDSA'] as const;
const pem = (key: KeyObject, type: 'spki' | 'pkcs8'): string =>
  key.export({ type, format: 'pem' }).toString();
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed = generateKeyPairSync('ed25519');
const secret = JSON.stringify({ kty: 'oct', k: randomBytes(32).toString('base64url'), kid: 'shared' });
const rules: ClaimRules = {
  issuer: undefined,
  audiences: [],
  maxLifetimeMs: 3_600_000,
  skewMs: 10_000,
  canonical: (path) => (path.includes('..') ? undefined : path),
};
const claims = { prefixes: ['/vod/'], expiresInMs: 60_000 };

let text: string;
let verifier: Verifier;
let source: KeySource;
let errors: unknown[];

async function open(keys: string, changed: Partial<ClaimRules> = {}): Promise<void> {
  text = keys;
  errors = [];
  source = new KeySource(
    {
      timers: new HeldTimers(),
      clock,
      read: async () => {
        if (text === '') throw new Error('down');
        return text;
      },
      onError: (error) => errors.push(error),
      onChange: () => verifier?.forget(),
    },
    { algorithms: ALL, refreshMs: 1000 },
  );
  verifier = new Verifier({ keys: source, wallClock: clock }, { ...rules, ...changed });
  await source.open();
}

const is = async (token: string): Promise<string> => {
  const verdict: Verdict = await verifier.verify(token);
  return typeof verdict === 'string' ? verdict : 'good';
};

beforeEach(() => {
  clock.at = 1_800_000_000_000;
});

const UNUSABLE: readonly (readonly [string, Record<string, unknown>, Partial<ClaimRules>?])[] = [
  ['no exp', {}],
  ['exp too far ahead', { exp: 1_800_000_000 + 7200 }],
  ['exp that is text', { exp: '9999999999' }],
  ['no path', { pfx: undefined, exp: 1_800_000_060 }],
  ['an empty list of paths', { pfx: [], exp: 1_800_000_060 }],
  ['a path that is none', { pfx: 'vod/', exp: 1_800_000_060 }],
  ['a path with dots', { pfx: '/vod/../', exp: 1_800_000_060 }],
  ['one bad path of two', { pfx: ['/vod/', 7], exp: 1_800_000_060 }],
  ['a session that is a number', { sid: 7, exp: 1_800_000_060 }],
  ['ranges that are none', { ip: ['10.0.0.0/99'], exp: 1_800_000_060 }],
  ['a foreign issuer', { iss: 'other', exp: 1_800_000_060 }, { issuer: 'us' }],
  ['no audience where one is asked for', { exp: 1_800_000_060 }, { audiences: ['tv'] }],
];

describe('a token', () => {
  it.each([
    ['ES256', ec],
    ['RS256', rsa],
    ['EdDSA', ed],
  ])('by %s is good with the public key, in PEM or as JWK set, and with no other', async (_, pair) => {
    const token = await mintToken(pem(pair.privateKey, 'pkcs8'), claims, clock.at);
    await open(pem(pair.publicKey, 'spki'));
    expect(await is(token)).toBe('good');
    await open(JSON.stringify({ keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: 'x' }] }));
    expect(await is(token)).toBe('good');
    const others = [ec, rsa, ed].filter((other) => other !== pair);
    await open(others.map(({ publicKey }) => pem(publicKey, 'spki')).join('\n'));
    expect(await is(token)).toBe('token-invalid');
  });

  it('by a secret is good with it', async () => {
    await open(secret);
    expect(await is(await mintToken(secret, claims, clock.at))).toBe('good');
  });

  it('without signature, or by a public key taken for a secret, is refused', async () => {
    const publicPem = pem(rsa.publicKey, 'spki');
    await open(`${publicPem}\n${pem(ec.publicKey, 'spki')}`);
    const exp = Math.floor(clock.at / 1000) + 60;
    expect(await is(new UnsecuredJWT({ pfx: '/', exp }).encode())).toBe('token-invalid');
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const alg of ['none', 'None', 'HS256', 'RS256', '']) {
      const signed = `${part({ alg, typ: 'JWT' })}.${part({ pfx: '/', exp })}`;
      const mac = createHmac('sha256', publicPem).update(signed).digest('base64url');
      expect(await is(`${signed}.${mac}`), alg).toBe('token-invalid');
      expect(await is(`${signed}.`), alg).toBe('token-invalid');
    }
  });

  it('that was changed anywhere is refused', async () => {
    await open(secret);
    const token = await mintToken(secret, claims, clock.at);
    const [head = '', body = ''] = token.split('.');
    for (const at of [2, head.length + 3, head.length + body.length + 4]) {
      const other = token[at] === 'A' ? 'B' : 'A';
      expect(await is(token.slice(0, at) + other + token.slice(at + 1))).toBe('token-invalid');
    }
    for (const rubbish of ['', 'a.b.c', '...', `${token}.x`, 'x'.repeat(10_000)]) {
      expect(await is(rubbish)).toBe('token-invalid');
    }
  });

  it.each(UNUSABLE.map(([what, given, changed = {}]) => ({ what, given, changed })))(
    'with $what is refused',
    async ({ given, changed }) => {
      await open(secret, changed);
      const { k = '' } = JSON.parse(secret) as { k?: string };
      const payload: Record<string, unknown> = { pfx: '/vod/', ...given };
      const token = await new SignJWT(payload)
        .setProtectedHeader({ alg: 'HS256' })
        .sign(Buffer.from(k, 'base64url'));
      expect(await is(token)).toBe('token-invalid');
    },
  );

  it('is answered at once the second time, and checked once for many who come together', async () => {
    let finds = 0;
    await open(secret);
    const counted = new Verifier(
      {
        keys: {
          find: (algorithm, id) => {
            finds++;
            return source.find(algorithm, id);
          },
        },
        wallClock: clock,
      },
      rules,
    );
    const token = await mintToken(secret, claims, clock.at);
    const many = Array.from({ length: 50 }, () => counted.verify(token));
    expect(new Set(many).size).toBe(1);
    await many[0];
    expect(counted.verify(token)).not.toBeInstanceOf(Promise);
    expect(finds).toBe(1);
  });

  it('is refused while too many others are checked', async () => {
    await open(secret);
    const waiting = Array.from({ length: 300 }, (_, index) => verifier.verify(`e30.${index}.x`));
    expect(waiting.filter((verdict) => verdict === 'token-busy')).toHaveLength(44);
    await Promise.all(waiting);
    expect(await is(await mintToken(secret, claims, clock.at))).toBe('good');
  });
});

describe('keys', () => {
  it('change without a restart: new ones are found by need, old ones are forgotten', async () => {
    const jwk = (pair: typeof ec, kid: string) => ({ ...pair.privateKey.export({ format: 'jwk' }), kid });
    const next = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const before = await mintToken(JSON.stringify(jwk(ec, 'one')), claims, clock.at);
    const after = await mintToken(JSON.stringify(jwk(next, 'two')), claims, clock.at);
    await open(JSON.stringify({ keys: [jwk(ec, 'one')] }));
    expect(await is(before)).toBe('good');
    expect(await is(after)).toBe('token-invalid');
    text = JSON.stringify({ keys: [jwk(next, 'two')] });
    await source.reload();
    expect(await is(before)).toBe('token-invalid');
    expect(await is(after)).toBe('good');
    // Who rotates in one step is asked by the first token with the new name.
    text = JSON.stringify({ keys: [jwk(ec, 'three')] });
    clock.at += 20_000;
    expect(await is(await mintToken(JSON.stringify(jwk(ec, 'three')), claims, clock.at))).toBe('good');
  });

  it('stay while their source is down or holds rubbish', async () => {
    await open(secret);
    for (const broken of [
      '',
      '{',
      '{"keys":[]}',
      '-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----',
    ]) {
      text = broken;
      await source.reload();
      expect(await is(await mintToken(secret, claims, clock.at))).toBe('good');
    }
    expect(errors).toHaveLength(4);
  });

  it('that are too short, for something else, or none are refused', async () => {
    const jwk = ec.publicKey.export({ format: 'jwk' });
    for (const keys of [
      JSON.stringify({ kty: 'oct', k: 'c2hvcnQ' }),
      JSON.stringify({ ...jwk, use: 'enc' }),
      JSON.stringify({ ...jwk, alg: 'HS256' }),
      JSON.stringify({ ...jwk, key_ops: ['deriveKey'] }),
      'hello',
    ]) {
      await expect(open(keys)).rejects.toThrow(/key|secret/);
    }
  });
});

describe('a grant', () => {
  const grant = async (more: Partial<Parameters<typeof mintToken>[1]> = {}) => {
    await open(secret);
    const verdict = await verifier.verify(await mintToken(secret, { ...claims, ...more }, clock.at));
    if (typeof verdict === 'string') throw new Error(verdict);
    return verdict;
  };
  const use = { nowMs: clock.at, address: '203.0.113.9', names: ['tv', 'tv.example'], path: '/vod/a.m4s' };

  it('ends when it says, give or take the skew', async () => {
    const given = await grant();
    expect(judgeGrant(given, { ...use, nowMs: clock.at + 69_999 }, rules)).toBeUndefined();
    expect(judgeGrant(given, { ...use, nowMs: clock.at + 70_000 }, rules)).toBe('token-expired');
    const early = { ...given, notBeforeMs: clock.at + 20_000 };
    expect(judgeGrant(early, { ...use, nowMs: clock.at + 9_999 }, rules)).toBe('token-early');
    expect(judgeGrant(early, { ...use, nowMs: clock.at + 10_000 }, rules)).toBeUndefined();
  });

  it('is for its addresses and its site', async () => {
    const near = await grant({ addresses: ['203.0.113.0/24', '2001:db8::/48'] });
    expect(judgeGrant(near, use, rules)).toBeUndefined();
    expect(judgeGrant(near, { ...use, address: '203.0.114.9' }, rules)).toBe('token-address');
    expect(judgeGrant(near, { ...use, address: '' }, rules)).toBe('token-address');
    const site = await grant({ site: 'tv.example' });
    expect(judgeGrant(site, use, rules)).toBeUndefined();
    expect(judgeGrant(site, { ...use, names: ['film'] }, rules)).toBe('token-site');
    expect(judgeGrant(site, { ...use, names: [] }, { ...rules, audiences: ['tv.example'] })).toBeUndefined();
  });

  it.each([
    ['/vod/', '/vod/a', true],
    ['/vod/', '/vod', true],
    ['/vod', '/vodka/a', false],
    ['/vod/film', '/vod/film.mp4', false],
    ['/', '/anything', true],
    ['/vod/', '/VOD/a', false],
    ['/vod/', '/', false],
  ])('for %s covers %s: %s', async (prefix, path, covered) => {
    expect(coversPath(await grant({ prefixes: ['/elsewhere/', prefix] }), path)).toBe(covered);
  });
});
