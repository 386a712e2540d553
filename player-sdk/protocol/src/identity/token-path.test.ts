import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitTokenPath, tokenPath } from './token-path.js';

describe('a token segment', () => {
  it.each([
    ['/~a.b.c/v/1.m4s', 'a.b.c', '/v/1.m4s'],
    ['/%7Ea.b.c/v/1.m4s?x=/~d.e.f/', 'a.b.c', '/v/1.m4s?x=/~d.e.f/'],
    ['/%7ea-_9.b.c/_eddy/swarm', 'a-_9.b.c', '/_eddy/swarm'],
    ['/~a.b.c', 'a.b.c', '/'],
    ['/~a.b.c?x', 'a.b.c', '/?x'],
    ['/~a.b.c/~d.e.f/x', 'a.b.c', '/~d.e.f/x'],
  ])('of %s is split off', (path, token, rest) => {
    expect(splitTokenPath(path)).toEqual({ token, path: rest });
  });

  it.each([
    '/v/~a.b.c/1.m4s',
    '/~user/index.m3u8',
    '/~a.b/x',
    '/~a.b.c.d/x',
    '~a.b.c/x',
    '//~a.b.c/x',
    '/~a.b%2Ec/x',
    '',
  ])('is not seen in %s', (path) => expect(splitTokenPath(path)).toEqual({ token: undefined, path }));

  it('comes off as it was put on', () => {
    const part = fc.stringMatching(/^[\w-]{1,40}$/);
    fc.assert(
      fc.property(part, part, part, fc.webPath(), (head, claims, mac, path) => {
        const token = `${head}.${claims}.${mac}`;
        const below = path.startsWith('/') ? path : `/${path}`;
        expect(splitTokenPath(tokenPath(token, below))).toEqual({ token, path: below });
      }),
    );
  });
});
