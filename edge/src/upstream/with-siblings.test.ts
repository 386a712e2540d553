import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeUpstream, fakeResponse } from '../testing/fake-upstream.js';
import { createHopCheck } from './eddy-hop.js';
import { ownerOf } from './rendezvous.js';
import { UpstreamError } from './upstream-error.js';
import { withSiblings } from './with-siblings.js';

const FOREVER = new AbortController().signal;
const members = fc.uniqueArray(fc.webUrl(), { minLength: 2, maxLength: 12 });

describe('the owner of a key', () => {
  it('is the same for everybody, whatever the order of their lists', () => {
    fc.assert(
      fc.property(fc.string(), members, (key, urls) => {
        expect(ownerOf(key, [...urls].reverse())).toBe(ownerOf(key, urls));
      }),
    );
  });

  it('changes only for the keys of a member that leaves', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 20 }), members, (keys, urls) => {
        const [left, ...stay] = urls;
        for (const key of keys) {
          const owner = ownerOf(key, urls);
          if (owner !== left) expect(ownerOf(key, stay)).toBe(owner);
        }
      }),
    );
  });

  it('is each member for about as many keys', () => {
    fc.assert(
      fc.property(members, (urls) => {
        const counts = new Map<string, number>();
        for (let index = 0; index < 2000; index++) {
          const owner = ownerOf(`/live/seg-${index}.m4s`, urls);
          counts.set(owner, (counts.get(owner) ?? 0) + 1);
        }
        const fair = 2000 / urls.length;
        // Six standard deviations.
        const slack = 6 * Math.sqrt(fair);
        for (const url of urls) expect(Math.abs((counts.get(url) ?? 0) - fair)).toBeLessThan(slack);
      }),
      { numRuns: 10 },
    );
  });
});

describe('siblings', () => {
  const own = new FakeUpstream(() => fakeResponse(200, ['By', 'me']));
  const other = new FakeUpstream(() => fakeResponse(200, ['By', 'other']));
  let known = new Map([['http://other/', other]]);
  const upstream = withSiblings({ upstream: own, siblings: () => known }, { self: 'http://me/' });
  const paths = Array.from({ length: 50 }, (_, index) => `/seg-${index}.m4s`);
  const by = async (path: string, fromSibling = false): Promise<string | undefined> =>
    (await upstream.fetch({ path, query: '', fromSibling }, FOREVER)).headers.by;

  it('are asked for what they own, and never for what they ask', async () => {
    for (const path of paths) {
      const owner = ownerOf(path, ['http://me/', 'http://other/']);
      expect(await by(path)).toBe(owner === 'http://me/' ? 'me' : 'other');
      expect(await by(path, true)).toBe('me');
    }
  });

  it('come and go while requests are served', async () => {
    known = new Map();
    for (const path of paths) expect(await by(path)).toBe('me');
    known = new Map([['http://other/', other]]);
    expect(new Set(await Promise.all(paths.map((path) => by(path))))).toEqual(new Set(['me', 'other']));
  });

  it('are gone round when they fail by themselves, and believed where the origin did', async () => {
    other.reply = () => fakeResponse(500, ['By', 'other']);
    for (const path of paths) expect(await by(path)).toBe('me');
    other.reply = () => fakeResponse(500, ['By', 'other', 'Cache-Status', 'eddy; detail=internal']);
    for (const path of paths) expect(await by(path)).toBe('me');
    const passedOn = 'eddy; fwd=uri-miss; fwd-status=500; detail=no-store';
    other.reply = () => fakeResponse(500, ['By', 'other', 'Cache-Status', passedOn]);
    expect(new Set(await Promise.all(paths.map((path) => by(path))))).toEqual(new Set(['me', 'other']));
  });

  it('are gone round when they are down', async () => {
    other.reply = () => {
      throw new UpstreamError('origin-breaker-open', 'down', { unsent: true });
    };
    for (const path of paths) expect(await by(path)).toBe('me');
  });
});

describe('the word of a sibling', () => {
  it('is believed from configured addresses only', () => {
    const check = createHopCheck({ urls: [], addresses: ['10.0.0.0/24', '192.0.2.1', '2001:db8::/32'] });
    expect(check('sibling', '10.0.0.7')).toBe(true);
    expect(check('sibling', '::ffff:10.0.0.7')).toBe(true);
    expect(check('sibling', '2001:db8::1')).toBe(true);
    expect(check('sibling', '192.0.2.2')).toBe(false);
    expect(check('sibling', undefined)).toBe(false);
    expect(check('sibling', 'nonsense')).toBe(false);
    expect(check('anything', '10.0.0.7')).toBe(false);
    expect(check(undefined, '10.0.0.7')).toBe(false);
    expect(createHopCheck({ urls: [], addresses: [] })('sibling', '127.0.0.1')).toBe(false);
  });

  it('comes from the addresses in URLs, where there are some', () => {
    const urls = ['http://10.0.0.1:8080/', 'https://edge.example/', 'http://[2001:db8::1]/'];
    const check = createHopCheck({ urls, addresses: [] });
    expect(['10.0.0.1', '2001:db8::1', '10.0.0.2'].map((address) => check('sibling', address))).toEqual([
      ...[true, true, false],
    ]);
    expect(createHopCheck({ urls, addresses: ['10.0.0.2'] })('sibling', '10.0.0.1')).toBe(false);
  });
});
