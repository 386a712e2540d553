import { createHmac } from 'node:crypto';

/** A secret of the bench; what signs tokens also checks them. */
const SECRET = Buffer.from('a secret of the bench, of thirty-two bytes and a few').subarray(0, 32);
const OTHER_SECRET = Buffer.alloc(32, 7);
const KEY_ID = 'bench';
const HOUR_S = 3600;

/** The JWK set that an edge is given to check with. */
export function benchKeys(): string {
  return JSON.stringify({
    keys: [{ kty: 'oct', alg: 'HS256', kid: KEY_ID, use: 'sig', k: SECRET.toString('base64url') }],
  });
}

interface Header {
  readonly alg: string;
  readonly kid?: string;
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function sign(claims: Readonly<Record<string, unknown>>, header: Header, secret: Buffer): string {
  const text = `${part({ typ: 'JWT', ...header })}.${part(claims)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

const own: Header = { alg: 'HS256', kid: KEY_ID };

/** A token that opens everything below `prefix` for an hour. */
export function goodToken(prefix: string, nowMs: number): string {
  const now = Math.floor(nowMs / 1000);
  return sign({ pfx: prefix, exp: now + HOUR_S, sid: 'honest' }, own, SECRET);
}

/** Where a token stands in a URL: before the path, so that relative URIs inherit it. */
export function tokenPrefix(token: string): string {
  return `/~${token}`;
}

/** Tokens that open nothing below `prefix`, by what is wrong with them. */
export function badTokens(prefix: string, nowMs: number): Readonly<Record<string, string>> {
  const now = Math.floor(nowMs / 1000);
  const good = { pfx: prefix, exp: now + HOUR_S };
  const token = sign(good, own, SECRET);
  const [header = '', claims = '', signature = ''] = token.split('.');
  const first = signature.startsWith('A') ? 'B' : 'A';
  return {
    'another signature': `${header}.${claims}.${first}${signature.slice(1)}`,
    'no signature': `${header}.${claims}.`,
    'half a signature': `${header}.${claims}.${signature.slice(0, 20)}`,
    'claims changed': `${header}.${part({ ...good, pfx: '/' })}.${signature}`,
    'no algorithm': `${part({ typ: 'JWT', alg: 'none' })}.${part(good)}.`,
    'no algorithm, with a signature': sign(good, { alg: 'none', kid: KEY_ID }, SECRET),
    'another key': sign(good, own, OTHER_SECRET),
    'another key, unknown id': sign(good, { alg: 'HS256', kid: 'theirs' }, OTHER_SECRET),
    'empty key': sign(good, own, Buffer.alloc(0)),
    'key in the header': sign(
      good,
      { ...own, ...{ jwk: { kty: 'oct', k: OTHER_SECRET.toString('base64url') } } },
      OTHER_SECRET,
    ),
    expired: sign({ ...good, exp: now - HOUR_S }, own, SECRET),
    'without an end': sign({ pfx: prefix }, own, SECRET),
    'too long a life': sign({ ...good, exp: now + 366 * 24 * HOUR_S }, own, SECRET),
    'not yet': sign({ ...good, nbf: now + HOUR_S }, own, SECRET),
    'another path': sign({ ...good, pfx: '/elsewhere' }, own, SECRET),
    'half of the path': sign({ ...good, pfx: prefix.slice(0, -1) }, own, SECRET),
    'without a path': sign({ exp: good.exp }, own, SECRET),
    'another address': sign({ ...good, ip: '203.0.113.0/24' }, own, SECRET),
    'another site': sign({ ...good, aud: 'other.example' }, own, SECRET),
    'no token at all': 'a.b.c',
  };
}
