import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cleanup, temporaryFolder } from '../testing/edge-fixture.js';
import { createFileUpstream } from '../upstream/file-upstream.js';
import type { Upstream } from '../upstream/upstream.js';
import { isReserved, requestKey } from './request-key.js';

const OPTIONS = { urlBytes: 8192, query: [], ignoreQuery: ['CMCD'] } as const;

function key(target: string): string {
  const result = requestKey(target, OPTIONS);
  return 'refused' in result ? `refused: ${result.refused}` : result.key;
}

describe('requestKey', () => {
  it.each([
    ['/a/b.m4s', '/a/b.m4s'],
    ['/', '/'],
    ['/a/b.m4s?token=x&_HLS_msn=3', '/a/b.m4s'],
    ['/p.m3u8?_HLS_part=1&x=y&_HLS_msn=27', '/p.m3u8?_HLS_msn=27&_HLS_part=1'],
    ['/p.m3u8?_HLS_skip=YES', '/p.m3u8?_HLS_skip=YES'],
    ['http://edge.example:8080/a.ts?x', '/a.ts'],
    ['https://edge.example', '/'],
    ['/%61%2Ets', '/a.ts'],
    ['/100%25.m3u8', '/100%25.m3u8'],
    ['/caf%c3%a9.ts', '/caf%C3%A9.ts'],
    ['/a{1}.ts', '/a%7B1%7D.ts'],
    ['/a+b%2Bc.ts', '/a+b%2Bc.ts'],
    ['/a..b/...ts', '/a..b/...ts'],
  ])('reads %s', (target, expected) => expect(key(target)).toBe(expected));

  it.each([
    ['/../etc/passwd', 'dot-segment'],
    ['/a/..', 'dot-segment'],
    ['/a/./b', 'dot-segment'],
    ['/%2e%2e/x', 'dot-segment'],
    ['/a/%2E./x', 'dot-segment'],
    ['/a/..;x=1/b', 'dot-segment'],
    ['/a%2fb', 'encoded-slash'],
    ['/..%2f..%2fetc', 'encoded-slash'],
    ['/a\\b', 'backslash'],
    ['/..%5cb', 'backslash'],
    ['/a%00.ts', 'control-character'],
    ['/a%0d%0ab', 'control-character'],
    ['/%252e%252e/x', 'double-encoding'],
    ['/%25%32%65', 'double-encoding'],
    ['/%c0%ae%c0%ae/x', 'bad-encoding'],
    ['/%zz', 'bad-encoding'],
    ['/%e0%80%af', 'bad-encoding'],
    ['//etc/passwd', 'empty-segment'],
    ['/a//b', 'empty-segment'],
    ['/a b', 'bad-character'],
    ['/a#b', 'bad-character'],
    ['/caf\u00e9', 'bad-character'],
    ['etc/passwd', 'bad-target'],
    ['*', 'bad-target'],
    ['file:///etc/passwd', 'bad-target'],
    ['/p.m3u8?_HLS_msn=../x', 'bad-playlist-query'],
    ['/p.m3u8?_HLS_msn=1&_HLS_msn=2', 'bad-playlist-query'],
    [`/${'a'.repeat(9000)}`, 'url-too-long'],
  ])('refuses %s', (target, reason) => expect(key(target)).toBe(`refused: ${reason}`));

  it('keeps its own paths, however they are spelled', () => {
    for (const target of ['/_eddy/x', '/%5Feddy/x', '/%5f%65ddy/beacons', '/_eddy']) {
      expect(isReserved(key(target))).toBe(true);
    }
    expect(isReserved('/_eddyx/y')).toBe(false);
  });

  it('drops the query where the origin does not take it', () => {
    const options = { ...OPTIONS, query: 'none' } as const;
    expect(requestKey('/p.m3u8?_HLS_msn=1&a=2', options)).toEqual({
      key: '/p.m3u8',
      path: '/p.m3u8',
      query: '',
    });
  });

  it('leaves out the session that the SDK adds, for the origin too', () => {
    const options = { ...OPTIONS, query: 'all' } as const;
    const bare = { key: '/a.m4s?t=1', path: '/a.m4s', query: '?t=1' };
    expect(requestKey('/a.m4s?t=1&CMCD=sid%3D%22s1%22%2Cv%3D2', options)).toEqual(bare);
    expect(requestKey('/a.m4s?CMCD=sid%3D%22s1%22%2Cv%3D2', options)).toEqual({
      ...{ key: '/a.m4s', path: '/a.m4s', query: '' },
    });
  });

  it('keeps the whole query as sent, but for what players say of themselves', () => {
    const options = { ...OPTIONS, query: 'all' } as const;
    expect(requestKey('/p.m3u8?b=2&CMCD=bs%2Ccid&_HLS_msn=4&a=1', options)).toEqual({
      key: '/p.m3u8?b=2&_HLS_msn=4&a=1',
      path: '/p.m3u8',
      query: '?b=2&CMCD=bs%2Ccid&_HLS_msn=4&a=1',
    });
    expect(requestKey('/a?x=\u00e9', options)).toEqual({ refused: 'bad-character' });
  });

  it('keeps of a query what is listed, sorted by name, and the directives of playlists', () => {
    const options = { ...OPTIONS, query: ['lang', 'v'] } as const;
    expect(requestKey('/p.m3u8?v=2&x=1&_HLS_part=3&v=1&lang=de&_HLS_msn=4', options)).toMatchObject({
      query: '?_HLS_msn=4&_HLS_part=3&lang=de&v=2&v=1',
    });
    expect(requestKey('/a.m4s?_HLS_msn=4&v=1', options)).toMatchObject({ key: '/a.m4s?v=1' });
  });

  it('agrees with the pathname that players derive, and with itself', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9\-_~!$&'()*+,;=:@]{1,12}\.(m4s|m3u8)$/);
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
        const path = `/${names.join('/')}`;
        expect(key(path)).toBe(new URL(path, 'http://edge.example').pathname);
        expect(key(key(path))).toBe(key(path));
      }),
    );
  });
});

describe('a folder behind requestKey', () => {
  const cleanup = new Cleanup();
  let upstream: Upstream;
  beforeAll(async () => {
    const outside = await temporaryFolder(cleanup);
    await writeFile(join(outside, 'secret'), 'SECRET');
    const root = join(outside, 'root');
    await mkdir(join(root, 'a', 'b'), { recursive: true });
    await writeFile(join(root, 'a', 'open'), 'open');
    await writeFile(join(root, 'a', '%2e%2e'), 'odd name');
    await symlink(outside, join(root, 'out'));
    await symlink(join(outside, 'secret'), join(root, 'a', 'secret'));
    await symlink(join(root, 'a', 'open'), join(root, 'inner'));
    upstream = createFileUpstream({ root });
  });
  afterAll(() => cleanup.run());

  async function read(target: string): Promise<string | undefined> {
    const found = requestKey(target, OPTIONS);
    if ('refused' in found) return undefined;
    const response = await upstream.fetch(found, new AbortController().signal);
    if (response.status !== 200) return undefined;
    const pieces: Buffer[] = [];
    for await (const piece of response.body) pieces.push(piece);
    return Buffer.concat(pieces).toString();
  }

  it('gives what is inside, also through links that stay inside', async () => {
    expect(await read('/a/open')).toBe('open');
    expect(await read('/inner')).toBe('open');
    expect(await read('/out/secret')).toBeUndefined();
    expect(await read('/a/secret')).toBeUndefined();
  });

  it('gives nothing outside, whatever is asked', async () => {
    const piece = fc.constantFrom(
      ...[
        '..',
        '.',
        '%2e%2e',
        '%2E.',
        '..%2f',
        '..%5c',
        '\\',
        '%252e%252e',
        '%c0%ae%c0%ae',
        '%00',
        ';',
        '//',
      ],
      ...[
        'a',
        'b',
        'out',
        'root',
        'secret',
        'open',
        '/',
        'file:',
        '%2f',
        '..;',
        '%uff0e',
        '\u002e\u002e',
        '~',
        '?',
      ],
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        async (pieces, slashes) => {
          const target = `/${pieces.join(slashes ? '/' : '')}`;
          expect([undefined, 'open', 'odd name']).toContain(await read(target));
        },
      ),
      { numRuns: 3000 },
    );
  });
});
