import { describe, expect, it } from 'vitest';
import { EdgeAccess } from './edge-access.js';

describe('access to the edge', () => {
  it('takes a new token in place of the old one, wherever that was', async () => {
    for (const edge of ['https://e.example/~x.y.z/', 'https://e.example/?token=x.y.z', 'https://e.example']) {
      const access = new EdgeAccess({ edge, getToken: () => 'a.b.c' });
      expect(access.hasToken).toBe(edge !== 'https://e.example');
      expect(await access.renew()).toBe('a.b.c');
      expect(access.base).toBe('https://e.example/~a.b.c/');
    }
  });

  it.each([
    ['throws', () => Promise.reject(new Error('no'))],
    ['gives no token', () => 'a token'],
    ['gives nothing', () => ''],
  ])('stays as it is when the page %s', async (_, getToken) => {
    const access = new EdgeAccess({ edge: 'https://e.example/~x.y.z/', getToken });
    expect(await access.renew()).toBeUndefined();
    expect(access.base).toBe('https://e.example/~x.y.z/');
  });

  it('goes with its token from edge to edge, and home in the end', () => {
    const access = new EdgeAccess({ edge: 'https://home.example/~x.y.z/' });
    access.moveTo(['https://a.example', 'ftp://b.example', 'nonsense', 'https://c.example/path'], () => 0.5);
    const seen = [access.base];
    for (let step = 0; step < 3; step++) {
      access.moveOn();
      seen.push(access.base);
    }
    const home = 'https://home.example/~x.y.z/';
    expect(seen).toEqual(['https://c.example/~x.y.z/', 'https://a.example/~x.y.z/', home, home]);
  });

  it('goes round the alternatives, the best first', () => {
    const access = new EdgeAccess({ edge: 'https://a.example' });
    access.alternatives = ['https://a.example', 'https://b.example', 'https://c.example'];
    const seen = Array.from({ length: 4 }, () => {
      access.moveOn();
      return access.base;
    });
    expect(seen).toEqual(['b', 'c', 'a', 'b'].map((name) => `https://${name}.example/`));
  });

  it('makes another edge its home, and says whether it was elsewhere', () => {
    const access = new EdgeAccess({ edge: 'https://home.example/~x.y.z/' });
    expect(access.settleAt('https://home.example')).toBe(false);
    expect(access.settleAt('https://b.example/~o.l.d/')).toBe(true);
    expect(access.base).toBe('https://b.example/~x.y.z/');
    access.moveTo(['https://c.example'], () => 0);
    access.moveOn();
    expect(access.base).toBe('https://b.example/~x.y.z/');
  });

  it('keeps a token that is in the query', () => {
    const access = new EdgeAccess({ edge: 'https://home.example/?token=x.y.z' });
    access.moveTo(['https://a.example'], () => 0);
    expect(access.base).toBe('https://a.example/?token=x.y.z');
  });
});
