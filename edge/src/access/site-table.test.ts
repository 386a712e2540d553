import { describe, expect, it } from 'vitest';
import { askedHost } from './host.js';
import { SiteTable } from './site-table.js';

const one = { name: 'one', hosts: ['video.example', '[2001:db8::1]'] };
const wide = { name: 'wide', hosts: ['*.cdn.example'] };
const deep = { name: 'deep', hosts: ['*.live.cdn.example', 'cdn.example'] };
const table = new SiteTable([one, wide, deep]);
const nameOf = (host: string | undefined): string => {
  const found = table.resolve(host);
  return 'refused' in found ? found.refused : `${found.site.name} ${found.host}`;
};

describe('a site table', () => {
  it.each([
    ['video.example', 'one video.example'],
    ['VIDEO.example.:8080', 'one video.example'],
    ['video.example:', 'one video.example'],
    ['[2001:DB8::1]:443', 'one [2001:db8::1]'],
    ['a.b.cdn.example', 'wide a.b.cdn.example'],
    ['a.live.cdn.example', 'deep a.live.cdn.example'],
    ['cdn.example', 'deep cdn.example'],
    ['live.cdn.example', 'wide live.cdn.example'],
    ['evilcdn.example', 'unknown-host'],
    ['video.example.evil', 'unknown-host'],
    ['127.0.0.1:1', 'unknown-host'],
    [undefined, 'unknown-host'],
    ['', 'bad-host'],
    ['user@video.example', 'bad-host'],
    ['video.example/x', 'bad-host'],
    ['video.example,other', 'bad-host'],
    ['video .example', 'bad-host'],
    ['video..example', 'bad-host'],
    ['video.example:port', 'bad-host'],
    ['video.example:99999999', 'bad-host'],
    ['%76ideo.example', 'bad-host'],
    ['a'.repeat(300), 'bad-host'],
  ])('says of %s: %s', (host, outcome) => {
    expect(nameOf(host)).toBe(outcome);
    expect(nameOf(host)).toBe(outcome);
  });

  it('has one site for every host where none is configured, but no host is still none', () => {
    const all = new SiteTable([], one);
    expect(all.resolve('anything.example:8080')).toMatchObject({ site: one });
    expect(all.resolve(undefined)).toMatchObject({ site: one });
    expect(all.resolve('a b')).toEqual({ refused: 'bad-host' });
  });

  it('forgets rather than grows', () => {
    for (let index = 0; index < 10_000; index++) table.resolve(`x${index}.example`);
    expect(nameOf('video.example')).toBe('one video.example');
  });
});

describe('the host of a request', () => {
  const ask = (url: string, ...rawHeaders: string[]) =>
    askedHost({ url, rawHeaders, headers: { host: rawHeaders[1] } });

  it('is that of an absolute target before that of the Host field', () => {
    expect(ask('http://a.example:80/x?y', 'Host', 'b.example')).toEqual({
      host: 'a.example:80',
      target: '/x?y',
    });
    expect(ask('HTTPS://a.example', 'Host', 'b')).toEqual({ host: 'a.example', target: '/' });
    expect(ask('https://a.example?q', 'Host', 'b')).toEqual({ host: 'a.example', target: '/?q' });
    expect(ask('/http://c/', 'Host', 'b.example')).toEqual({ host: 'b.example', target: '/http://c/' });
    expect(ask('ftp://a/', 'Host', 'b')).toEqual({ host: 'b', target: 'ftp://a/' });
  });

  it('is refused when there are two, the same or not', () => {
    expect(ask('/', 'Host', 'a', 'hOsT', 'a')).toBeUndefined();
    expect(ask('/', 'Host', 'a', 'X-Host', 'b')).toBeDefined();
  });

  it('is the authority in HTTP/2', () => {
    const headers = { ':authority': 'a.example', host: 'b.example' };
    expect(askedHost({ url: '/', headers, rawHeaders: [] })?.host).toBe('a.example');
  });
});
