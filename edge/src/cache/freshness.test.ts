import { describe, expect, it } from 'vitest';
import { parseCacheControl } from './cache-control.js';
import { contentTypeOf } from './content-type.js';
import { needsBody, type Ruling, rule } from './freshness.js';
import { forbiddenToShare, mayStore, originWords, unkeptFields } from './storability.js';
import { expired, freshnessOf, isPlain, type ResponseHead, type StoredResponse } from './stored-response.js';

const POLICY = {
  ...{ rules: [], builtInRules: true, negativeMs: 1000, heuristicPercent: 0 },
  ...{ staleIfErrorMs: 10_000, staleWhileRevalidateMs: 0 },
};
const OBEDIENT = { ...POLICY, builtInRules: false, negativeMs: 0, staleIfErrorMs: 0 };
const DATE_MS = Date.parse('Mon, 02 Mar 2026 10:00:00 GMT');
const words = (fields: Record<string, string> = {}, status = 200) =>
  originWords(status, Object.entries(fields).flat(), DATE_MS);
const ruled = (path: string, fields: Record<string, string> = {}, policy = POLICY): Ruling =>
  rule(path, words(fields), policy, undefined);
const playlist = (...lines: string[]): Buffer => Buffer.from(['#EXTM3U', ...lines].join('\n'));

describe('rules by path', () => {
  it.each([
    ['/v/1.m4s', 31_536_000_000, 'public, max-age=31536000, immutable'],
    ['/v/index.digests/0.bin', 31_536_000_000, 'public, max-age=31536000, immutable'],
    ['/index.html', 5000, 'public, max-age=5'],
    ['/noextension', 5000, 'public, max-age=5'],
  ])('%s', (path, freshMs, cacheControl) => {
    const lifetime = { freshMs, staleIfErrorMs: 10_000, staleWhileRevalidateMs: 0 };
    expect(ruled(path)).toEqual({ lifetime, cacheControl });
  });

  it.each([
    [playlist('#EXT-X-TARGETDURATION:6', '#EXTINF:6,', 'a.ts'), 3000],
    [playlist('#EXT-X-TARGETDURATION:1'), 500],
    [playlist('#EXTINF:1,'), 1000],
    [playlist('#EXT-X-TARGETDURATION:6', '#EXT-X-ENDLIST'), 3_600_000],
    [playlist('#EXT-X-PLAYLIST-TYPE:VOD', '#EXT-X-TARGETDURATION:6'), 3_600_000],
    [playlist('#EXT-X-PLAYLIST-TYPE:EVENT', '#EXT-X-TARGETDURATION:6'), 3000],
    [playlist('#EXT-X-STREAM-INF:BANDWIDTH=1', 'v.m3u8'), 60_000],
    [Buffer.from('not a playlist'), 500],
  ])('playlist %#', (body, freshMs) => {
    expect(needsBody('/p.m3u8', words(), POLICY)).toBe(true);
    expect(rule('/p.m3u8', words(), POLICY, body).lifetime.freshMs).toBe(freshMs);
  });

  it('asks configured rules first', () => {
    const rules = [{ pathPrefix: '/live/', extensions: ['m4s'], freshMs: 1000, staleIfErrorMs: 0 }];
    expect(ruled('/live/1.m4s', {}, { ...POLICY, rules: [...rules] } as typeof POLICY).lifetime).toEqual({
      ...{ freshMs: 1000, staleIfErrorMs: 0, staleWhileRevalidateMs: 0 },
    });
    expect(ruled('/vod/1.m4s').lifetime.freshMs).toBe(31_536_000_000);
  });

  it('are silent of what is no 200, but for what is missing', () => {
    expect(rule('/a.m4s', words({}, 302), POLICY, undefined).lifetime.freshMs).toBe(0);
    expect(rule('/a.m4s', words({}, 404), POLICY, undefined)).toMatchObject({
      ...{ lifetime: { freshMs: 1000, staleIfErrorMs: 0 }, cacheControl: 'public, max-age=1' },
    });
  });

  it('invent nothing for a web server that is silent', () => {
    for (const path of ['/v/1.m4s', '/p.m3u8', '/x']) {
      expect(needsBody(path, words(), OBEDIENT)).toBe(false);
      expect(ruled(path, {}, OBEDIENT)).toEqual({
        lifetime: { freshMs: 0, staleIfErrorMs: 0, staleWhileRevalidateMs: 0 },
        cacheControl: undefined,
      });
    }
    const modified = { 'Last-Modified': 'Mon, 02 Mar 2026 09:00:00 GMT' };
    expect(ruled('/x', modified, OBEDIENT).lifetime.freshMs).toBe(0);
    expect(ruled('/x', modified, { ...OBEDIENT, heuristicPercent: 10 }).lifetime.freshMs).toBe(360_000);
  });
});

describe("the origin's word (RFC 9111 section 4.2.1)", () => {
  it.each([
    ['max-age=60', 60_000],
    ['max-age=60, s-maxage=5', 5000],
    ['s-maxage=50, max-age=1', 50_000],
    ['MAX-AGE="7"', 7000],
    ['max-age=1, max-age=2', 1000],
    ['max-age=2, max-age=1', 1000],
    ['max-age=abc', 0],
    ['max-age =60', 0],
    ['max-age= 60', 0],
    ["max-age='60'", 0],
    ['max-age=-1', 0],
    ['extension="max-age=3600", max-age=1', 1000],
    ['max-age=1, extension="max-age=3600"', 1000],
    ['extension="a\\", max-age=9", max-age=1', 1000],
    ['max-age=99999999999999', 2 ** 31 * 1000],
    ['no-cache, max-age=60', 0],
    ['No-Cache="x-a", max-age=3', 3000],
    ['private="set-cookie, x", max-age=3', 3000],
  ])('%s', (cacheControl, freshMs) => {
    const { lifetime, cacheControl: goesOut } = ruled('/a.m4s', { 'Cache-Control': cacheControl }, OBEDIENT);
    expect([lifetime.freshMs, goesOut]).toEqual([freshMs, undefined]);
  });

  it('takes Expires where there is no max-age, and a bad one as over', () => {
    const at = (Expires: string) => ruled('/a.m4s', { Expires }).lifetime.freshMs;
    expect(at('Mon, 02 Mar 2026 10:00:30 GMT')).toBe(30_000);
    expect(at('Monday, 02-Mar-26 10:00:30 GMT')).toBe(30_000);
    expect(at('Mon Mar  2 10:00:30 2026')).toBe(30_000);
    for (const bad of ['0', 'Mon, 02 Mar 2026 10:00:30 UTC', '2026-03-02', 'Mon, 2 Mar 2026 10:00:30 GMT']) {
      expect(at(bad)).toBe(0);
    }
    const both = { 'Cache-Control': 'max-age=5', Expires: 'Mon, 02 Mar 2026 10:00:30 GMT' };
    expect(ruled('/a.m4s', both).lifetime.freshMs).toBe(5000);
  });

  it.each([
    ['max-age=7', 'max-age=60', 7000],
    ['', 'max-age=60', 60_000],
    ['max-age="7"', 'max-age=60', 0],
    ['broken,,', 'max-age=60', 60_000],
    ['max-age=7;x=1, foo', 'no-store', 7000],
    ['no-cache', 'max-age=60', 0],
  ])('CDN-Cache-Control %j before Cache-Control %j (RFC 9213)', (targeted, general, freshMs) => {
    const fields = { 'CDN-Cache-Control': targeted, 'Cache-Control': general };
    expect(ruled('/a', fields, OBEDIENT).lifetime.freshMs).toBe(freshMs);
  });

  it('forbids stale answers where it says so (RFC 9111 section 4.2.4, RFC 5861)', () => {
    const stale = (cc: string) => {
      const { staleIfErrorMs, staleWhileRevalidateMs } = ruled('/a.m4s', { 'Cache-Control': cc }).lifetime;
      return [staleIfErrorMs, staleWhileRevalidateMs];
    };
    expect(stale('max-age=1')).toEqual([10_000, 0]);
    expect(stale('max-age=1, stale-if-error=3, stale-while-revalidate=4')).toEqual([3000, 4000]);
    for (const strict of ['must-revalidate', 'proxy-revalidate', 's-maxage=1', 'no-cache']) {
      expect(stale(`max-age=1, ${strict}, stale-if-error=3, stale-while-revalidate=4`)).toEqual([0, 0]);
    }
  });
});

describe('who may share a response (RFC 9111 section 3)', () => {
  const of = (cc: string, { status = 200, authorized = false, vary = '' } = {}) =>
    forbiddenToShare(
      words({ 'Cache-Control': cc, ...(vary === '' ? {} : { Vary: vary }) }, status),
      authorized,
    );
  it('nobody, where it says so', () => {
    expect(of('no-store')).toBe('no-store');
    expect(of('max-age=1, Private')).toBe('private');
    expect(of('max-age=1', { vary: 'Accept, *' })).toBe('vary');
    expect(parseCacheControl('x="no-store"').noStore).toBe(false);
  });

  it('everybody, without the fields that are one client’s', () => {
    expect(of('private="Set-Cookie", max-age=1')).toBeUndefined();
    expect(
      unkeptFields(words({ 'Cache-Control': 'private="Set-Cookie", no-cache="X-A, X-B"' }).directives),
    ).toEqual([...['set-cookie', 'x-a', 'x-b']]);
  });

  it('those who understand it', () => {
    expect(of('no-store, must-understand, max-age=1')).toBeUndefined();
    expect(of('no-store, must-understand, max-age=1', { status: 599 })).toBe('no-store');
    expect(of('must-understand, max-age=1', { status: 599 })).toBe('no-store');
  });

  it('not the answer to a request with credentials, unless it says so (section 3.5)', () => {
    expect(of('max-age=1', { authorized: true })).toBe('authorization');
    for (const open of ['public', 'must-revalidate', 's-maxage=1']) {
      expect(of(`max-age=1, ${open}`, { authorized: true })).toBeUndefined();
    }
  });

  it('and keeps what names a lifetime or is kept by its status', () => {
    expect([200, 302, 500].map((status) => mayStore(words({}, status)))).toEqual([true, false, false]);
    expect(
      [302, 500, 599].map((status) => mayStore(words({ 'Cache-Control': 'max-age=1' }, status))),
    ).toEqual([...[true, true, true]]);
    expect(mayStore(words({ 'Cache-Control': 'max-age=1' }, 206))).toBe(false);
  });
});

describe('freshnessOf', () => {
  const head: ResponseHead = {
    ...{ status: 200, fields: [], etag: undefined, lastModified: undefined, contentEncoding: undefined },
    ...{ dateMs: 0, initialAgeMs: 3000, totalBytes: 1 },
  };
  const lifetime = { freshMs: 10_000, staleIfErrorMs: 5000, staleWhileRevalidateMs: 2000 };
  const object: StoredResponse = {
    ...{
      key: '/a',
      path: '/a',
      head,
      lifetime,
      receivedAtMs: 1000,
      tags: [],
      vary: [],
      body: Buffer.alloc(1),
    },
    ...{ slices: undefined, refusal: undefined, rendered: undefined },
  };
  it.each([
    [1000, { fresh: true, ttlMs: 7000, ageSeconds: 3, usableOnError: true, usableWhileRevalidating: true }],
    [7999, { fresh: true, ttlMs: 1, ageSeconds: 9, usableOnError: true, usableWhileRevalidating: true }],
    [8000, { fresh: false, ttlMs: 0, ageSeconds: 10, usableOnError: true, usableWhileRevalidating: true }],
    [
      13_000,
      { fresh: false, ttlMs: -5000, ageSeconds: 15, usableOnError: false, usableWhileRevalidating: false },
    ],
    // A clock that was set back makes nothing younger than it came.
    [0, { fresh: true, ttlMs: 7000, ageSeconds: 3, usableOnError: true, usableWhileRevalidating: true }],
  ])('at %d', (now, expected) => expect(freshnessOf(object, now)).toEqual(expected));

  it('ends with a soft purge, which leaves what may be served stale', () => {
    expect(freshnessOf(expired(object, 4000), 4000)).toMatchObject({
      ...{ fresh: false, ttlMs: 0, usableOnError: true, usableWhileRevalidating: true },
    });
    expect(freshnessOf(expired(object, 4000), 7000)).toMatchObject({
      ...{ usableOnError: true, usableWhileRevalidating: false },
    });
    expect(isPlain(object)).toBe(true);
  });
});

describe('contentTypeOf', () => {
  it('uses the extension only where the origin says nothing', () => {
    expect(contentTypeOf('/a.m3u8', undefined)).toBe('application/vnd.apple.mpegurl');
    expect(contentTypeOf('/a.m4s', 'binary/octet-stream')).toBe('video/iso.segment');
    expect(contentTypeOf('/a.m4s', 'video/mp4')).toBe('video/mp4');
    expect(contentTypeOf('/a.b/c', undefined)).toBe('application/octet-stream');
  });
});
