import { describe, expect, it } from 'vitest';
import { parseCacheControl } from './cache-control.js';
import { freshnessOf, type ObjectHead } from './cached-object.js';
import { contentTypeOf } from './content-type.js';
import { needsBody, rule, storageForbidden } from './freshness.js';

const POLICY = { rules: [], staleIfErrorMs: 10_000 };
const words = (path: string, cacheControl?: string, expires?: string) => ({
  ...{ path, cacheControl, expires },
  dateMs: Date.parse('Mon, 02 Mar 2026 10:00:00 GMT'),
});
const playlist = (...lines: string[]): Buffer => Buffer.from(['#EXTM3U', ...lines].join('\n'));

describe('rules by path', () => {
  it.each([
    ['/v/1.m4s', 31_536_000_000, 'public, max-age=31536000, immutable'],
    ['/v/index.digests/0.bin', 31_536_000_000, 'public, max-age=31536000, immutable'],
    ['/index.html', 5000, 'public, max-age=5'],
    ['/noextension', 5000, 'public, max-age=5'],
  ])('%s', (path, freshMs, cacheControl) => {
    const ruling = rule(words(path), POLICY, undefined);
    expect(ruling).toEqual({ lifetime: { freshMs, staleIfErrorMs: 10_000 }, cacheControl });
  });

  it.each([
    [playlist('#EXT-X-TARGETDURATION:6', '#EXTINF:6,', 'a.ts'), 3000],
    [playlist('#EXT-X-TARGETDURATION:1'), 500],
    [playlist('#EXTINF:1,'), 1000],
    [playlist('#EXT-X-TARGETDURATION:6', '#EXT-X-ENDLIST'), 60_000],
    [playlist('#EXT-X-PLAYLIST-TYPE:VOD', '#EXT-X-TARGETDURATION:6'), 60_000],
    [playlist('#EXT-X-PLAYLIST-TYPE:EVENT', '#EXT-X-TARGETDURATION:6'), 3000],
    [playlist('#EXT-X-STREAM-INF:BANDWIDTH=1', 'v.m3u8'), 60_000],
    [Buffer.from('not a playlist'), 500],
  ])('playlist %#', (body, freshMs) => {
    expect(needsBody(words('/p.m3u8'), POLICY)).toBe(true);
    expect(rule(words('/p.m3u8'), POLICY, body).lifetime.freshMs).toBe(freshMs);
  });

  it('asks configured rules first', () => {
    const rules = [{ pathPrefix: '/live/', extensions: ['m4s'], freshMs: 1000, staleIfErrorMs: 0 }];
    expect(rule(words('/live/1.m4s'), { ...POLICY, rules }, undefined).lifetime).toEqual({
      freshMs: 1000,
      staleIfErrorMs: 0,
    });
    expect(rule(words('/vod/1.m4s'), { ...POLICY, rules }, undefined).lifetime.freshMs).toBe(31_536_000_000);
  });
});

describe("the origin's word", () => {
  it.each([
    ['max-age=60', 60_000],
    ['max-age=60, s-maxage=5', 5000],
    ['MAX-AGE="7"', 7000],
    ['max-age=1, max-age=2', 1000],
    ['max-age=abc', 0],
    ['max-age=99999999999999', 2 ** 31 * 1000],
    ['no-cache, max-age=60', 0],
    ['private="set-cookie, x", max-age=3', 3000],
  ])('%s', (cacheControl, freshMs) => {
    const ruling = rule(words('/a.m4s', cacheControl), POLICY, undefined);
    expect([ruling.lifetime.freshMs, ruling.cacheControl]).toEqual([freshMs, cacheControl]);
  });

  it('takes Expires where there is no max-age, and a bad one as over', () => {
    const at = (expires: string) =>
      rule(words('/a.m4s', undefined, expires), POLICY, undefined).lifetime.freshMs;
    expect(at('Mon, 02 Mar 2026 10:00:30 GMT')).toBe(30_000);
    expect(at('0')).toBe(0);
  });

  it('forbids stale answers where it says so', () => {
    const stale = (cc: string) => rule(words('/a.m4s', cc), POLICY, undefined).lifetime.staleIfErrorMs;
    expect(stale('max-age=1')).toBe(10_000);
    expect(stale('max-age=1, stale-if-error=3')).toBe(3000);
    expect(stale('max-age=1, must-revalidate, stale-if-error=3')).toBe(0);
  });

  it('forbids storing', () => {
    expect(storageForbidden('no-store', undefined)).toBe('no-store');
    expect(storageForbidden('max-age=1, Private', undefined)).toBe('private');
    expect(storageForbidden(undefined, '*')).toBe('vary');
    expect(storageForbidden('max-age=1', 'Origin')).toBeUndefined();
    expect(parseCacheControl('x="no-store"').noStore).toBe(false);
  });
});

describe('freshnessOf', () => {
  const head: ObjectHead = {
    ...{ status: 200, contentType: 'x', cacheControl: '', told: {}, dateMs: 0 },
    ...{ initialAgeSeconds: 3, totalBytes: 1 },
  };
  const object = { head, lifetime: { freshMs: 10_000, staleIfErrorMs: 5000 }, receivedAtMs: 1000 };
  it.each([
    [1000, { fresh: true, ttlMs: 7000, ageSeconds: 3, usableOnError: true }],
    [7999, { fresh: true, ttlMs: 1, ageSeconds: 9, usableOnError: true }],
    [8000, { fresh: false, ttlMs: 0, ageSeconds: 10, usableOnError: true }],
    [13_000, { fresh: false, ttlMs: -5000, ageSeconds: 15, usableOnError: false }],
    // A clock that was set back makes nothing younger than it came.
    [0, { fresh: true, ttlMs: 7000, ageSeconds: 3, usableOnError: true }],
  ])('at %d', (now, expected) => expect(freshnessOf(object, now)).toEqual(expected));
});

describe('contentTypeOf', () => {
  it('uses the extension only where the origin says nothing', () => {
    expect(contentTypeOf('/a.m3u8', undefined)).toBe('application/vnd.apple.mpegurl');
    expect(contentTypeOf('/a.m4s', 'binary/octet-stream')).toBe('video/iso.segment');
    expect(contentTypeOf('/a.m4s', 'video/mp4')).toBe('video/mp4');
    expect(contentTypeOf('/a.b/c', undefined)).toBe('application/octet-stream');
  });
});
