import { describe, expect, it } from 'vitest';
import { carriedToken, removeTokenFields } from './token-carrier.js';

const names = { queryParameter: 'token', cookie: 'eddy_token' };

describe('a token', () => {
  it.each([
    ['/~a.b.c/v/1.m4s?x=1', {}, 'a.b.c', '/v/1.m4s?x=1'],
    ['/v/1.m4s?x=1&token=a.b.c&_HLS_msn=4', {}, 'a.b.c', '/v/1.m4s?x=1&_HLS_msn=4'],
    ['/v/1.m4s?%74oken=a.b.c', {}, 'a.b.c', '/v/1.m4s'],
    ['/v/1.m4s?tokens=a.b.c&x', {}, undefined, '/v/1.m4s?tokens=a.b.c&x'],
    ['/v/1.m4s', { cookie: 'a=1; eddy_token=a.b.c; b=2' }, 'a.b.c', '/v/1.m4s'],
    ['/v/1.m4s', { authorization: 'bearer a.b.c' }, 'a.b.c', '/v/1.m4s'],
    ['/v/1.m4s', { authorization: 'Basic YTpi' }, undefined, '/v/1.m4s'],
    ['/~a.b.c/v?token=d.e.f', { authorization: 'Bearer g.h.i' }, 'a.b.c', '/v'],
    ['/v?token=d.e.f', { authorization: 'Bearer g.h.i' }, 'd.e.f', '/v'],
    ['/v?token=', {}, '', '/v'],
  ])('of %s with %j is %s, and leaves %s', (target, headers, token, rest) => {
    expect(carriedToken(target, headers, names)).toEqual({ token, target: rest });
  });

  it('is taken out of header fields, and nothing else is', () => {
    const request = {
      headers: { cookie: 'a=1; eddy_token=a.b.c; b=2', authorization: 'Bearer a.b.c', host: 'h' },
      rawHeaders: [
        'Host',
        'h',
        'COOKIE',
        'a=1; eddy_token=a.b.c',
        'Authorization',
        'Bearer a.b.c',
        'Cookie',
        'b=2',
      ],
    };
    removeTokenFields(request, names);
    expect(request).toEqual({
      headers: { cookie: 'a=1; b=2', host: 'h' },
      rawHeaders: ['Host', 'h', 'COOKIE', 'a=1', 'Cookie', 'b=2'],
    });
    const linked = {
      headers: { referer: 'https://h/~a.b.c/page/' },
      rawHeaders: ['Referer', 'https://h/~a.b.c/page/', 'Accept', '*/*'],
    };
    removeTokenFields(linked, names);
    expect(linked).toEqual({ headers: {}, rawHeaders: ['Accept', '*/*'] });
    const plain = {
      headers: { authorization: 'Basic YTpi', referer: 'https://h/~user/' },
      rawHeaders: ['Authorization', 'Basic YTpi'],
    };
    removeTokenFields(plain, names);
    expect(plain.rawHeaders).toEqual(['Authorization', 'Basic YTpi']);
    expect(plain.headers.referer).toBeDefined();
  });
});
